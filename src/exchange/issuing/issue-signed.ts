import type { CertificateId } from '../../certificate/certificate-id.ts'
import { blocksIssue } from '../../certificate/judge.ts'
import { isWithin, type PartyId } from '../../certificate/party-id.ts'
import type { CertificatePayload } from '../../certificate/payload.ts'
import type { Finding, RuleId } from '../../certificate/rule.ts'
import { formatInstant } from '../../encoding/time.ts'
import type { Trust } from '../../trust/trust.ts'
import {
  admit,
  type AdmissionRefusal,
  canonical,
  type Draft,
  type IssuedDocument,
  repeated,
  type Repeated,
} from './admit.ts'
import { type AuthenticDocument, authenticate, digestOf } from '../validation/authenticate.ts'
import { checkContent } from '../validation/certificate-content.ts'
import { noticeAgainstSigning, type NoticeDependencies } from '../notices/check-notices.ts'
import type { Check } from '../validation/check.ts'
import type { IssueDependencies, IssueOutcome, SignedCertificate } from './issue.ts'
import { differencesOf } from './issue-signed-differences.ts'
import { certificateEffect, signatureFacts } from '../projection.ts'
import { payloadOf } from '../registered.ts'
import { hasEnded } from './reservations.ts'
import type { SealObstacle } from '../seals.ts'

export type SignedIssueDependencies = Omit<IssueDependencies, 'positions' | 'seals'>

export type SigningRefusal =
  /** The first check that did not pass. */
  | { readonly outcome: 'document-invalid' | 'document-undecided'; readonly check: Check }
  | { readonly outcome: 'node-seals' | 'not-prepared'; readonly detail: string }
  /** JSON Pointers to what differs from the claims that were prepared, or issued. */
  | { readonly outcome: 'claims-differ'; readonly differences: readonly string[] }
  | { readonly outcome: 'signing-time-wrong'; readonly detail: string }
  | Extract<SealObstacle, { outcome: 'seal-on-hold' }>

/** A certificate signed by its body that may be appended as it is. */
export interface AdmittedSigned extends SignedCertificate {
  readonly outcome: 'signed'
  readonly id: CertificateId
  readonly issuer: PartyId
  readonly to: readonly string[]
  readonly notEvaluated: readonly RuleId[]
}

export type SignedOutcome =
  | AdmittedSigned
  | { readonly outcome: 'rules-broken'; readonly findings: readonly Finding[] }
  | Repeated
  | AdmissionRefusal
  | SigningRefusal

/** By how much the clock of a body may differ from ours. */
export const CLOCK_SKEW_S = 60

/**
 * May this document of a body that signs itself be issued here and now? Its signature, its signer, its
 * content, the rules, and whether it says exactly what was prepared. Appends nothing.
 */
export async function signedCertificate(
  deps: SignedIssueDependencies,
  jws: string,
  context: { trust: Trust; now: Date } & Pick<Draft, 'actor' | 'inReplacement'>,
): Promise<SignedOutcome> {
  const { trust, now, ...acting } = context
  const sha256 = await digestOf(jws)
  const known = await deps.certificates.findByDigest(sha256)
  if (known?.origin === 'issued')
    return isWithin(known.issuer, acting.actor)
      ? { outcome: 'already-issued', sha256, jws, findings: [] }
      : { outcome: 'not-your-body', detail: known.issuer }

  const { checks, document } = await authenticate(jws, {
    trust,
    paths: deps.paths,
    purpose: 'document-seal',
    at: now,
    now,
    typs: ['product-certificate+jwt'],
  })
  if (!document) return stoppedAt(checks)
  const { checks: contentChecks, content } = checkContent(document, now)
  if (!content) return stoppedAt(contentChecks)
  const { type, payload } = content
  if (document.body?.custody !== 'body') return { outcome: 'node-seals', detail: document.signer }

  const { certificate, aud: to } = payload
  const admitted = await admit(deps, { ...acting, type, certificate, to }, { trust, now })
  if (admitted.outcome === 'already-issued') return sameClaims(admitted, document.payload)
  if (admitted.outcome !== 'admitted') return admitted
  const { id, findings, notEvaluated } = admitted
  if (blocksIssue(findings)) return { outcome: 'rules-broken', findings }
  const obstacle =
    (await reservationObstacle(deps, id, document, now)) ??
    (await holdObstacle(deps, document, now))
  if (obstacle) return obstacle

  const signature = signatureFacts(document)
  const effects = [certificateEffect({ sha256, payload, type, signature, node: deps.state })]
  const entry = { kind: 'certificate', sha256, jws, to: admitted.to, effects } as const
  const { iss: issuer } = payload
  return {
    outcome: 'signed',
    id,
    issuer,
    to: admitted.to,
    notEvaluated,
    entry,
    sha256,
    jws,
    findings,
  }
}

/** The security notice for which nothing signed with this key is issued, if there is one. */
export async function holdObstacle(
  deps: NoticeDependencies,
  document: AuthenticDocument,
  now: Date,
): Promise<Extract<SealObstacle, { outcome: 'seal-on-hold' }> | undefined> {
  const notice = await noticeAgainstSigning(deps, document, formatInstant(now))
  const detail = `the seal of ${document.signer} is on hold`
  return notice === undefined ? undefined : { outcome: 'seal-on-hold', detail, notice }
}

export function stoppedAt(checks: readonly Check[]): SigningRefusal | AdmissionRefusal {
  const check = checks.at(-1)!
  if (check.check === 'scope' && check.outcome === 'failed')
    return { outcome: 'out-of-scope', detail: check.detail ?? '' }
  // A type that this node does not know could not be prepared either: there is nothing to wait for.
  const undecided = check.outcome === 'unknown' && check.check !== 'schema'
  return { outcome: undecided ? 'document-undecided' : 'document-invalid', check }
}

/** Another signature over what is issued already: the first one stands. */
function sameClaims(
  issued: { readonly outcome: 'already-issued' } & IssuedDocument,
  payload: unknown,
): Repeated | SigningRefusal {
  const claims = payloadOf(issued.jws)
  if (canonical(claims) === canonical(payload)) return issued
  return { outcome: 'claims-differ', differences: differencesOf(claims, payload) }
}

/** Why the claims are not those that this body was given to sign, or not signed while they were. */
async function reservationObstacle(
  { reservations }: Pick<SignedIssueDependencies, 'reservations'>,
  id: CertificateId,
  { iat, signer, payload }: AuthenticDocument,
  now: Date,
): Promise<SigningRefusal | undefined> {
  const held = await reservations.find(id)
  if (held?.issuer !== signer || hasEnded(held, now))
    return { outcome: 'not-prepared', detail: id.number }
  if (canonical(held.claims) !== canonical(payload))
    return { outcome: 'claims-differ', differences: differencesOf(held.claims, payload) }
  const ahead = iat - now.getTime() / 1000
  if (ahead > CLOCK_SKEW_S)
    return { outcome: 'signing-time-wrong', detail: `iat is ${Math.round(ahead)} s ahead` }
  if (iat < Date.parse(held.reservedAt) / 1000 - CLOCK_SKEW_S)
    return { outcome: 'signing-time-wrong', detail: `iat is before ${held.reservedAt}` }
  return undefined
}

export interface IssueSignedInput {
  readonly jws: string
  readonly actor: PartyId
  /** Only judge: nothing is stored. */
  readonly checkOnly: boolean
}

export type IssueSignedOutcome =
  | Extract<IssueOutcome, { outcome: 'issued' | 'judged' }>
  | Exclude<SignedOutcome, { outcome: 'signed' }>

/** Issues a certificate that its body has signed: these exact bytes, once. */
export function issueSigned(deps: SignedIssueDependencies) {
  return async ({ jws, actor, checkOnly }: IssueSignedInput): Promise<IssueSignedOutcome> => {
    const signed = await signedCertificate(deps, jws, {
      actor,
      trust: await deps.trust(),
      now: deps.now(),
    })
    if (signed.outcome !== 'signed') return signed
    const { id, issuer, to, findings, notEvaluated, entry, sha256 } = signed
    if (checkOnly) return { outcome: 'judged', issuer, to, findings, notEvaluated }
    const appended = await deps.append({ entries: [entry] })
    if (appended !== 'duplicate') return { outcome: 'issued', sha256, jws, findings }
    const winner = await deps.certificates.find(id)
    if (!winner) throw new Error(`The number ${id.number} is taken and yet not found`)
    const payload = payloadOf(jws) as CertificatePayload
    const first = await repeated(deps, winner, { certificate: payload.certificate, to, actor })
    return first.outcome === 'already-issued' ? sameClaims(first, payload) : first
  }
}
