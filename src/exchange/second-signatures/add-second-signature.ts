import type { CertificateId } from '../../certificate/certificate-id.ts'
import { isWithin, type PartyId } from '../../certificate/party-id.ts'
import { signJws } from '../../jose/sign.ts'
import { statementDigests } from '../../jose/statement.ts'
import type { Trust } from '../../trust/trust.ts'
import { type AdmissionRefusal, canonical } from '../issuing/admit.ts'
import { digestOf } from '../validation/authenticate.ts'
import type { StoredCertificate } from '../certificate-store.ts'
import { untilWon } from '../journal.ts'
import type { IssueDependencies } from '../issuing/issue.ts'
import { differencesOf } from '../issuing/issue-signed-differences.ts'
import { type SigningRefusal } from '../issuing/issue-signed.ts'
import { brokenSchema, signedByBody } from '../issuing/signed-by-body.ts'
import { payloadOf } from '../registered.ts'
import { sealInForce, sealObstacle, type SealObstacle } from '../seals.ts'
import {
  MAX_SECOND_SIGNATURES,
  isPathTooLong,
  type NationalSignature,
  PATH_TOO_LONG,
  SECOND_SIGNATURE_SCHEMA,
  SecondSignature,
} from './second-signature.ts'
import type { SecondSignatureStore, StoredStatement } from './store.ts'

export interface SecondSignatureDependencies extends Omit<
  IssueDependencies,
  'positions' | 'reservations'
> {
  readonly secondSignatures: SecondSignatureStore
}

/** A national signature to be sealed here, or the document as a body that keeps its seal signed it. */
export type SecondSignatureRequest = NationalSignature | { readonly document: string }

export type SecondSignatureOutcome =
  | {
      readonly outcome: 'added' | 'already-added'
      readonly sha256: string
      readonly jws: string
    }
  /** Nobody whose certificate it is not is told that it exists. */
  | { readonly outcome: 'certificate-unknown' }
  | { readonly outcome: 'too-many' }
  | SealObstacle
  | AdmissionRefusal
  | SigningRefusal

/**
 * Puts a national signature beside a certificate that was issued here, and sends it to every recipient of
 * the certificate. Its bytes are kept as they came; nobody here judges them. The same again gives the same
 * document.
 */
export function addSecondSignature(deps: SecondSignatureDependencies) {
  return (
    id: CertificateId,
    actor: PartyId,
    request: SecondSignatureRequest,
  ): Promise<SecondSignatureOutcome> => untilWon(() => attempt(deps, id, actor, request))
}

async function attempt(
  deps: SecondSignatureDependencies,
  id: CertificateId,
  actor: PartyId,
  request: SecondSignatureRequest,
): Promise<SecondSignatureOutcome | 'lost-race'> {
  const stored = await deps.certificates.find(id)
  if (stored?.origin !== 'issued' || !isWithin(stored.issuer, actor))
    return { outcome: 'certificate-unknown' }
  const earlier = await deps.secondSignatures.of(stored.sha256)
  const same = await sameAs(request, earlier)
  if (same) return { outcome: 'already-added', sha256: same.sha256, jws: same.jws }
  if (earlier.length >= MAX_SECOND_SIGNATURES) return { outcome: 'too-many' }

  const now = deps.now()
  const trust = await deps.trust()
  const signed =
    'document' in request
      ? await verifySigned(deps, stored, request.document, { trust, now })
      : await seal(deps, stored, request, { trust, now })
  if (typeof signed !== 'string') return signed
  const sha256 = await digestOf(signed)
  const effect = {
    effect: 'second-signature',
    record: { target: stored.sha256, n: earlier.length + 1, sha256 },
  } as const
  const entry = {
    kind: 'second-signature',
    sha256,
    jws: signed,
    to: stored.recipients,
    effects: [effect],
  } as const
  if ((await deps.append({ entries: [entry] })) === 'duplicate') return 'lost-race'
  return { outcome: 'added', sha256, jws: signed }
}

/** The one of before that says the same; of what a body signed, the same signed words. */
async function sameAs(
  request: SecondSignatureRequest,
  earlier: readonly StoredStatement[],
): Promise<StoredStatement | undefined> {
  if ('document' in request) {
    const digests = statementDigests(request.document)
    return earlier.find(({ sha256 }) => digests.includes(sha256))
  }
  const asked = canonical(said(request))
  return earlier.find(({ jws }) => canonical(said(SecondSignature.parse(payloadOf(jws)))) === asked)
}

function said({ over, container, algorithm, value, key, signer }: NationalSignature) {
  return { over, container, algorithm, value, key, signer }
}

/** What every second signature says of the certificate, whoever signs it. */
function frameOf({ issuer, recipients, sha256 }: StoredCertificate) {
  return { iss: issuer, aud: [...recipients], target: sha256 }
}

async function seal(
  deps: SecondSignatureDependencies,
  stored: StoredCertificate,
  request: NationalSignature,
  { trust, now }: { trust: Trust; now: Date },
): Promise<string | SealObstacle> {
  if (trust.view.body(stored.issuer)?.custody === 'body')
    return { outcome: 'body-signs-itself', detail: stored.issuer }
  const context = { trust, paths: deps.paths, now, notices: deps }
  const choice = await sealInForce(deps.seals, stored.issuer, context)
  if (!('seal' in choice)) return sealObstacle(choice)
  const payload = { schema: SECOND_SIGNATURE_SCHEMA, ...frameOf(stored), ...request }
  return signJws({ typ: 'second-signature+jwt', payload, seal: choice.seal, signedAt: now })
}

async function verifySigned(
  deps: Pick<SecondSignatureDependencies, 'paths' | 'state' | 'policy' | 'notices'>,
  stored: StoredCertificate,
  jws: string,
  { trust, now }: { trust: Trust; now: Date },
): Promise<string | SealObstacle | SigningRefusal | AdmissionRefusal> {
  const signed = await signedByBody(deps, jws, 'second-signature+jwt', { trust, now })
  if ('outcome' in signed) return signed
  const { document } = signed
  const parsed = SecondSignature.safeParse(document.payload)
  if (!parsed.success) return brokenSchema(parsed.error.issues[0])
  if (isPathTooLong(document)) return brokenSchema(PATH_TOO_LONG)
  const { iss, aud, target } = parsed.data
  const due = frameOf(stored)
  const differences = differencesOf(
    { ...due, aud: due.aud.toSorted() },
    { iss, aud: aud.toSorted(), target },
  )
  if (iss !== document.signer) differences.push('/iss')
  return differences.length > 0
    ? { outcome: 'claims-differ', differences: [...new Set(differences)] }
    : jws
}
