import type { Policy } from '../../certificate/policy.ts'
import { formatInstant } from '../../encoding/time.ts'
import type { CryptoSuite } from '../../crypto/crypto-suite.ts'
import type { Trust } from '../../trust/trust.ts'
import type { PathCache } from '../../x509/path-cache.ts'
import { Attestation } from './attestation.ts'
import { authenticate } from '../validation/authenticate.ts'
import { askedOnce, checkNotices, type NoticeDependencies } from '../notices/check-notices.ts'
import { type Check, type CheckOutcome, passed } from '../validation/check.ts'
import { computeOnce } from './compute-national-signature.ts'
import { payloadOf } from '../registered.ts'
import { SecondSignature } from './second-signature.ts'
import type { SecondSignatureStore, StoredStatement } from './store.ts'

export interface NationalSignatureDependencies {
  readonly state: string
  readonly policy: Pick<Policy, 'nationalSignatureOf' | 'securityHold'>
  readonly notices: NoticeDependencies['notices']
  readonly paths: PathCache
  readonly secondSignatures: SecondSignatureStore
  readonly suites: readonly CryptoSuite[]
}

const check = 'national-signature'

/**
 * What is known of the national signatures beside a certificate, one check each. They never make a
 * certificate valid and, unless the policy demands them of its state, never take anything from it: its
 * seal is what counts. No check at all where there is none and none is demanded.
 */
export async function checkNationalSignatures(
  deps: NationalSignatureDependencies,
  certificate: { readonly sha256: string; readonly jws: string; readonly state: string },
  { trust, now }: { trust: Trust; now: Date },
): Promise<readonly Check[]> {
  const demanded = deps.policy.nationalSignatureOf.includes(certificate.state)
  const unsettled: CheckOutcome = demanded ? 'unknown' : 'warning'
  const signatures = await deps.secondSignatures.of(certificate.sha256)
  if (signatures.length === 0)
    return demanded ? [{ check, outcome: 'unknown', code: 'national-signature-missing' }] : []
  const asking = { ...deps, notices: askedOnce(deps.notices) }
  return Promise.all(
    signatures.map(async (stored) => {
      const finding = await findingOf(asking, certificate, stored, { trust, now })
      if (finding.code === 'ok') return { ...passed(check), detail: finding.detail }
      const failed = finding.code === 'national-signature-failed' && demanded
      return { check, outcome: failed ? 'failed' : unsettled, ...finding }
    }),
  )
}

interface Finding {
  readonly code:
    | 'ok'
    | 'national-signature-failed'
    | 'national-signature-undecided'
    | 'national-attestation-expired'
    | 'national-signature-not-computable'
  readonly detail: string
}

/** What a trust service says goes before what this node computes: it knows whose key it is. */
async function findingOf(
  deps: NationalSignatureDependencies,
  certificate: { readonly jws: string; readonly state: string },
  { sha256, jws }: StoredStatement,
  context: { trust: Trust; now: Date },
): Promise<Finding> {
  const signature = SecondSignature.parse(payloadOf(jws))
  const computed = await computeOnce(deps.suites, { sha256, signature }, certificate.jws)
  if (computed?.verdict === 'invalid')
    return { code: 'national-signature-failed', detail: `${sha256}: ${computed.suite}` }
  const last = await settlingStatement(deps, sha256, certificate.state, context)
  if (last) return said(last, context.now)
  if (computed?.verdict === 'valid')
    return { code: 'ok', detail: `${signature.container}: ${computed.suite}` }
  return { code: 'national-signature-not-computable', detail: `${sha256}: ${signature.container}` }
}

function said({ claims, heldBy }: Statement, now: Date): Finding {
  const { service, iss, at, expires, indication } = claims
  const detail = `${service} (${iss}), ${at}`
  if (heldBy !== undefined)
    return { code: 'national-signature-undecided', detail: `${detail}, ${heldBy}` }
  if (isExpired(claims, now))
    return { code: 'national-attestation-expired', detail: `${detail}, ${expires}` }
  switch (indication) {
    case 'TOTAL-PASSED':
      return { code: 'ok', detail }
    case 'TOTAL-FAILED':
      return { code: 'national-signature-failed', detail }
    case 'INDETERMINATE':
      return { code: 'national-signature-undecided', detail }
  }
}

function isExpired({ expires }: Attestation, now: Date): boolean {
  return expires !== undefined && expires <= formatInstant(now)
}

interface Statement {
  readonly claims: Attestation
  /** Security notices that put the service's key on hold: nobody can tell then who said it. */
  readonly heldBy: string | undefined
}

/**
 * What a service of the own state said last, while it stands by it, before what one of the issuing state
 * said, whenever that was; that of a third state is that state's word and settles nothing here.
 */
async function settlingStatement(
  deps: NationalSignatureDependencies,
  sha256: string,
  issuing: string,
  context: { trust: Trust; now: Date },
): Promise<Statement | undefined> {
  const own = await lastStatement(deps, sha256, deps.state, context)
  if (issuing === deps.state || (own && !isExpired(own.claims, context.now))) return own
  return (await lastStatement(deps, sha256, issuing, context)) ?? own
}

/** Of more statements of a state that cannot be believed any more the others do not count either. */
const MAX_READ = 3

/** The last statement of a state that can be believed today: not if its key was revoked before. */
async function lastStatement(
  deps: NationalSignatureDependencies,
  sha256: string,
  state: string,
  { trust, now }: { trust: Trust; now: Date },
): Promise<Statement | undefined> {
  const { paths, secondSignatures } = deps
  const context = { trust, paths, purpose: 'attestation', now, typs: ['attestation+jwt'] } as const
  for (const { jws, at } of await secondSignatures.lastAttestations(sha256, state, MAX_READ)) {
    const { document } = await authenticate(jws, { ...context, at: new Date(at) })
    if (!document) continue
    const claimed = formatInstant(new Date(document.iat * 1000))
    const times = { proven: at, claimed, now: formatInstant(now) }
    const { outcome, detail } = await checkNotices(deps, document, times)
    const claims = Attestation.parse(document.payload)
    return { claims, heldBy: outcome === 'unknown' ? detail : undefined }
  }
  return undefined
}
