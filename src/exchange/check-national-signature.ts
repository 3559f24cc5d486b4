import type { Policy } from '../certificate/policy.ts'
import { stateOf } from '../certificate/party-id.ts'
import { formatInstant } from '../encoding/time.ts'
import type { CryptoSuite } from '../crypto/crypto-suite.ts'
import type { Trust } from '../trust/trust.ts'
import type { PathCache } from '../x509/path-cache.ts'
import { Attestation } from './attestation.ts'
import { authenticate } from './authenticate.ts'
import { type Check, type CheckOutcome, passed } from './check.ts'
import { computeHere } from './compute-national-signature.ts'
import { payloadOf } from './registered.ts'
import { SecondSignature } from './second-signature.ts'
import type { SecondSignatureStore, StoredStatement } from './second-signature-store.ts'

export interface NationalSignatureDependencies {
  readonly state: string
  readonly policy: Pick<Policy, 'nationalSignatureOf'>
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
  return Promise.all(
    signatures.map(async (stored) => {
      const finding = await findingOf(deps, certificate, stored, { trust, now })
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
  const computed = await computeHere(deps.suites, signature, certificate.jws)
  if (computed?.verdict === 'invalid')
    return { code: 'national-signature-failed', detail: `${sha256}: ${computed.suite}` }
  const counting = [certificate.state, deps.state]
  const last = await lastStatement(deps, sha256, counting, context)
  if (last) return said(last, context.now)
  if (computed?.verdict === 'valid')
    return { code: 'ok', detail: `${signature.container}: ${computed.suite}` }
  return { code: 'national-signature-not-computable', detail: `${sha256}: ${signature.container}` }
}

function said({ service, iss, at, expires, indication }: Attestation, now: Date): Finding {
  const detail = `${service} (${iss}), ${at}`
  if (expires !== undefined && expires <= formatInstant(now))
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

/**
 * The last verification by a service of these states that can be believed today. A statement whose key
 * was revoked before it was made no longer counts; that of a third state is that state's word and settles
 * nothing here.
 */
async function lastStatement(
  { secondSignatures, paths }: NationalSignatureDependencies,
  sha256: string,
  states: readonly string[],
  { trust, now }: { trust: Trust; now: Date },
): Promise<Attestation | undefined> {
  const read = (await secondSignatures.attestations(sha256))
    .map(({ jws, at }) => ({ jws, at: new Date(at), claims: Attestation.parse(payloadOf(jws)) }))
    .filter(({ claims }) => states.includes(stateOf(claims.iss)))
    .toSorted((a, b) => Date.parse(b.claims.at) - Date.parse(a.claims.at))
  const context = { trust, paths, purpose: 'attestation', now, typs: ['attestation+jwt'] } as const
  for (const { jws, at, claims } of read)
    if ((await authenticate(jws, { ...context, at })).document) return claims
  return undefined
}
