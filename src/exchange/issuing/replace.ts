import type { CertificateId } from '../../certificate/certificate-id.ts'
import type { DocumentType } from '../../certificate/document-type.ts'
import { blocksIssue } from '../../certificate/judge.ts'
import type { Finding } from '../../certificate/rule.ts'
import {
  admit,
  type AdmissionRefusal,
  canonical,
  type Draft,
  type IssuedDocument,
  type Repeated,
} from './admit.ts'
import {
  alreadyChanged,
  changeEntry,
  checkChange,
  claimsOf,
  sealChange,
  type SignedDocument,
} from './change-status.ts'
import { untilWon } from '../journal.ts'
import {
  type ChangeActor,
  type ChangeTarget,
  type ChangeWords,
  findTarget,
  sameChange,
  type TargetRefusal,
} from './change-target.ts'
import { type IssueDependencies, sealCertificate } from './issue.ts'
import { payloadOf } from '../registered.ts'
import { type SuccessorFault, successorFault } from './replacement-successor.ts'
import type { SealObstacle } from '../seals.ts'

/** A certificate to be put in the place of another. */
export interface ReplaceRequest extends ChangeWords {
  readonly type: DocumentType
  readonly certificate: unknown
  /** States the successor is for, where its type leaves that to the request. */
  readonly to?: readonly string[] | undefined
}

/** Both documents of a replacement. */
export interface Replaced extends SignedDocument {
  readonly outcome: 'changed' | 'already-changed'
  readonly status: string
  readonly replacement: IssuedDocument
}

export type ReplaceOutcome =
  | Replaced
  | TargetRefusal
  | SealObstacle
  | AdmissionRefusal
  | Exclude<Repeated, { outcome: 'already-issued' }>
  | { readonly outcome: 'rules-broken'; readonly findings: readonly Finding[] }
  | { readonly outcome: 'replacement-invalid'; readonly reason: SuccessorFault }

/**
 * Issues a certificate in the place of another, which ends with it: both documents are appended in one
 * step, or neither. The same request again gives the same two documents.
 */
export function replaceCertificate(deps: IssueDependencies) {
  return (
    id: CertificateId,
    actor: ChangeActor,
    request: ReplaceRequest,
  ): Promise<ReplaceOutcome> => untilWon(() => attempt(deps, id, actor, request))
}

async function attempt(
  deps: IssueDependencies,
  id: CertificateId,
  actor: ChangeActor,
  { type, certificate, to, ...words }: ReplaceRequest,
): Promise<ReplaceOutcome | 'lost-race'> {
  const target = await findTarget(deps, id, actor, 'replace')
  if (target.outcome !== 'found') return target
  const draft: Draft = { type, certificate, to, actor: actor.party, inReplacement: true }
  const same = await sameReplacement(deps, target, words, draft)
  if (same) return same

  const now = deps.now()
  const trust = await deps.trust()
  const change = { ...words, change: 'replace' } as const
  // Which document it will be is not known before it is signed, and does not matter to the state.
  const unsigned = claimsOf(target, { ...change, replacedBy: target.stored.sha256 })
  const checked = checkChange(deps, target, unsigned, now)
  if (checked.outcome !== 'permitted') return checked
  const fault = successorFault(target, { type, certificate })
  if (fault) return { outcome: 'replacement-invalid', reason: fault }
  const admitted = await admit(deps, draft, { trust, now })
  if (admitted.outcome === 'already-issued')
    return { outcome: 'content-differs', existing: admitted.sha256 }
  if (admitted.outcome !== 'admitted') return admitted
  if (admitted.body.id !== target.stored.issuer)
    return { outcome: 'replacement-invalid', reason: 'other-issuer' }
  if (blocksIssue(admitted.findings))
    return { outcome: 'rules-broken', findings: admitted.findings }

  const successor = await sealCertificate(deps, draft, admitted, { trust, now })
  if ('outcome' in successor) return successor
  const { sha256: replacedBy, jws, findings } = successor
  const claims = claimsOf(target, { ...change, replacedBy })
  const sealed = await sealChange(deps, target, claims, { trust, now })
  if ('outcome' in sealed) return sealed
  const appended = await deps.append({
    entries: [successor.entry, changeEntry(target, claims, sealed)],
  })
  if (appended === 'duplicate') return 'lost-race'
  const replacement = { sha256: replacedBy, jws, findings }
  return { outcome: 'changed', ...sealed, status: checked.status, replacement }
}

/** The replacement that this request already made. */
async function sameReplacement(
  deps: Pick<IssueDependencies, 'certificates'>,
  target: ChangeTarget,
  words: ChangeWords,
  { type, certificate, to }: Draft,
): Promise<Replaced | undefined> {
  const same = sameChange(target, { ...words, change: 'replace' })
  if (same?.change.change !== 'replace') return undefined
  const { replacedBy } = same.change
  const [stored, jws] = await Promise.all([
    deps.certificates.findByDigest(replacedBy),
    deps.certificates.document(replacedBy),
  ])
  if (!stored || jws === undefined) throw new Error(`The successor ${replacedBy} is missing`)
  const issued = payloadOf(jws) as { certificate: unknown }
  const recipients = [...new Set(type.addressees(certificate) ?? to)].sort()
  if (
    stored.type !== type.type ||
    canonical(issued.certificate) !== canonical(certificate) ||
    canonical(stored.recipients.toSorted()) !== canonical(recipients)
  )
    return undefined
  const replacement = { sha256: replacedBy, jws, findings: [] }
  return { ...(await alreadyChanged(deps, target, same.sha256)), replacement }
}
