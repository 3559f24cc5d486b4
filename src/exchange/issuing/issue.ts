import { blocksIssue } from '../../certificate/judge.ts'
import type { DocumentType } from '../../certificate/document-type.ts'
import type { PartyId } from '../../certificate/party-id.ts'
import type { CertificatePayload } from '../../certificate/payload.ts'
import type { Finding, RuleId } from '../../certificate/rule.ts'
import { signJws } from '../../jose/sign.ts'
import type { CurrentTrust, Trust } from '../../trust/trust.ts'
import type { PathCache } from '../../x509/path-cache.ts'
import {
  admit,
  type AdmitDependencies,
  type AdmissionRefusal,
  type Admitted,
  type Draft,
  type IssuedDocument,
  repeated,
  type Repeated,
} from './admit.ts'
import { digestOf } from '../validation/authenticate.ts'
import type { Append, NewEntry } from '../journal.ts'
import type { NoticeStore } from '../notices/store.ts'
import { certificateEffect, signatureFacts } from '../projection.ts'
import { sealInForce, sealObstacle, type SealObstacle, type Seals } from '../seals.ts'
import type { StatusPosition, StatusPositions } from '../status-lists/status-positions.ts'

export interface IssueDependencies extends AdmitDependencies {
  readonly now: () => Date
  readonly trust: CurrentTrust
  readonly paths: PathCache
  readonly positions: StatusPositions
  readonly seals: Seals
  readonly notices: Pick<NoticeStore, 'open' | 'namesAuthorities'>
  readonly append: Append
}

export interface IssueInput extends Draft {
  /** Only judge: nothing is signed, reserved or stored. */
  readonly checkOnly: boolean
}

export type IssueOutcome =
  | ({ readonly outcome: 'issued' } & IssuedDocument)
  | {
      readonly outcome: 'judged'
      readonly issuer: PartyId
      readonly to: readonly string[]
      readonly findings: readonly Finding[]
      readonly notEvaluated: readonly RuleId[]
    }
  | { readonly outcome: 'rules-broken'; readonly findings: readonly Finding[] }
  | Repeated
  | AdmissionRefusal
  | SealObstacle

/** Issues a certificate: judge it, seal it, append it. The same content again gives the same document. */
export function issueCertificate(deps: IssueDependencies) {
  return async ({ checkOnly, ...draft }: IssueInput): Promise<IssueOutcome> => {
    const { certificate, actor } = draft
    const now = deps.now()
    const trust = await deps.trust()
    const admitted = await admit(deps, draft, { trust, now })
    if (admitted.outcome !== 'admitted') return admitted
    const { id, body, to, findings, notEvaluated } = admitted
    if (checkOnly) return { outcome: 'judged', issuer: body.id, to, findings, notEvaluated }
    if (blocksIssue(findings)) return { outcome: 'rules-broken', findings }

    const sealed = await sealCertificate(deps, draft, admitted, { trust, now })
    if ('outcome' in sealed) return sealed
    const { entry, sha256, jws } = sealed
    const appended = await deps.append({ entries: [entry] })
    if (appended !== 'duplicate') return { outcome: 'issued', sha256, jws, findings }
    const winner = await deps.certificates.find(id)
    if (!winner) throw new Error(`The number ${id.number} is taken and yet not found`)
    return repeated(deps, winner, { certificate, to, actor })
  }
}

/** A certificate with its body's signature, ready for the log. */
export interface SignedCertificate extends IssuedDocument {
  readonly entry: NewEntry
}

/** Signs an admitted certificate with the seal that this node holds of its body. Appends nothing. */
export async function sealCertificate(
  deps: Pick<IssueDependencies, 'state' | 'policy' | 'paths' | 'positions' | 'seals' | 'notices'>,
  { type, certificate }: Draft,
  { body, to, findings }: Admitted,
  { trust, now }: { trust: Trust; now: Date },
): Promise<SignedCertificate | SealObstacle> {
  if (body.custody === 'body') return { outcome: 'body-signs-itself', detail: body.id }
  const choice = await sealInForce(deps.seals, body.id, {
    trust,
    paths: deps.paths,
    now,
    notices: deps,
  })
  if (!('seal' in choice)) return sealObstacle(choice)
  const position = await deps.positions.reserve()
  const payload = certificateClaims({ type, certificate, issuer: body.id, to, position })
  const jws = await signJws({
    typ: 'product-certificate+jwt',
    payload,
    seal: choice.seal,
    signedAt: now,
  })
  const sha256 = await digestOf(jws)
  const { x5tS256 } = choice.seal
  const signature = signatureFacts({ x5tS256, iat: Math.floor(now.getTime() / 1000) })
  const effects = [certificateEffect({ sha256, payload, type, signature, node: deps.state })]
  return { entry: { kind: 'certificate', sha256, jws, to, effects }, sha256, jws, findings }
}

/** The claims of a certificate, whoever signs them (wire.md "Signed documents"). */
export function certificateClaims(input: {
  type: DocumentType
  certificate: unknown
  issuer: PartyId
  to: readonly string[]
  position: StatusPosition
}): CertificatePayload {
  const { type, certificate, issuer, to, position } = input
  return {
    schema: type.schemaId,
    iss: issuer,
    aud: [...to],
    status: { status_list: position },
    certificate,
  }
}
