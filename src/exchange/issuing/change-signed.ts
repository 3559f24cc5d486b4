import type { CertificateId } from '../../certificate/certificate-id.ts'
import { documentTypeOf } from '../../certificate/document-types.ts'
import type { CertificatePayload } from '../../certificate/payload.ts'
import { StatusChange } from '../../certificate/status-change.ts'
import { statementDigests } from '../../jose/statement.ts'
import type { Trust } from '../../trust/trust.ts'
import type { AdmissionRefusal } from './admit.ts'
import { digestOf } from '../validation/authenticate.ts'
import { alreadyChanged, changeEntry, checkChange, type ChangeOutcome } from './change-status.ts'
import { type ChangeActor, type ChangeTarget, findTarget } from './change-target.ts'
import { differencesOf } from './issue-signed-differences.ts'
import {
  signedCertificate,
  type SignedIssueDependencies,
  type SignedOutcome,
  type SigningRefusal,
} from './issue-signed.ts'
import { type NewEntry, untilWon } from '../journal.ts'
import { payloadOf } from '../registered.ts'
import type { Replaced, ReplaceOutcome } from './replace.ts'
import { successorFault } from './replacement-successor.ts'
import { brokenSchema, signedByBody } from './signed-by-body.ts'

/** A change that the body signed itself; a replacement brings the successor with it. */
export interface SignedChangeRequest {
  readonly document: string
  readonly replacement?: string | undefined
}

export type SignedChangeOutcome =
  ChangeOutcome | ReplaceOutcome | Exclude<SignedOutcome, { outcome: 'signed' | 'already-issued' }>

/**
 * Appends a status change that its body has signed, these exact bytes, under the same guards as one that
 * this node seals. A replacement is appended with its successor in one step, or neither is.
 */
export function changeSigned(deps: SignedIssueDependencies) {
  return (
    id: CertificateId,
    actor: ChangeActor,
    request: SignedChangeRequest,
  ): Promise<SignedChangeOutcome> => untilWon(() => attempt(deps, id, actor, request))
}

async function attempt(
  deps: SignedIssueDependencies,
  id: CertificateId,
  actor: ChangeActor,
  { document: jws, replacement }: SignedChangeRequest,
): Promise<SignedChangeOutcome | 'lost-race'> {
  // Whose certificate it is comes first: a stranger learns nothing of it from what is wrong with a document.
  const visible = await findTarget(deps, id, actor, 'suspend')
  if (visible.outcome !== 'found') return visible
  const digests = statementDigests(jws)
  const [sha256] = digests
  const logged = visible.changes.find((change) => digests.includes(change.sha256))
  if (logged) return alreadyAppended(deps, visible, logged.sha256, replacement)

  const now = deps.now()
  const trust = await deps.trust()
  const change = await verifiedChange(deps, jws, { trust, now })
  if ('outcome' in change) return change
  const displaced = await displacedBy(deps, visible, change)
  const target = await findTarget(deps, id, actor, change.change, displaced)
  if (target.outcome !== 'found') return target
  const again = target.changes.find((one) => digests.includes(one.sha256))
  if (again) return alreadyAppended(deps, target, again.sha256, replacement)
  const differences = differencesOf(frameOf(target), {
    iss: change.iss,
    aud: change.aud.toSorted(),
    target: change.target,
  })
  if (differences.length > 0) return { outcome: 'claims-differ', differences }
  const checked = checkChange(deps, target, change, now)
  if (checked.outcome !== 'permitted') return checked

  const signed = { sha256, jws }
  const entries: NewEntry[] = []
  let issued: Replaced['replacement'] | undefined
  if (change.change === 'replace') {
    const successor = await successorOf(deps, target, change.replacedBy, {
      jws: replacement,
      actor,
      trust,
      now,
    })
    if (successor.outcome !== 'signed') return successor
    entries.push(successor.entry)
    issued = { sha256: successor.sha256, jws: successor.jws, findings: successor.findings }
  } else if (replacement !== undefined)
    return { outcome: 'replacement-invalid', reason: 'certificate-not-expected' }
  entries.push(changeEntry(target, change, signed))
  if ((await deps.append({ entries })) === 'duplicate') return 'lost-race'
  const { status } = checked
  return { outcome: 'changed', ...signed, status, ...(issued && { replacement: issued }) }
}

/** The digest of its target, where it ends a certificate that takes no effect here for this one. */
async function displacedBy(
  { lost }: Pick<SignedIssueDependencies, 'lost'>,
  { stored }: ChangeTarget,
  { change, target }: StatusChange,
): Promise<string | undefined> {
  if (target === stored.sha256 || (change !== 'annul' && change !== 'terminate')) return undefined
  return (await lost.displaced(target)) && target
}

/** What the change has to say whatever it changes. */
function frameOf({ signer, stored }: ChangeTarget) {
  return { iss: signer, aud: stored.recipients.toSorted(), target: stored.sha256 }
}

async function verifiedChange(
  deps: Pick<SignedIssueDependencies, 'state' | 'policy' | 'paths' | 'notices'>,
  jws: string,
  { trust, now }: { trust: Trust; now: Date },
): Promise<StatusChange | SigningRefusal | AdmissionRefusal> {
  const signed = await signedByBody(deps, jws, 'status-change+jwt', { trust, now })
  if ('outcome' in signed) return signed
  const { document } = signed
  const parsed = StatusChange.safeParse(document.payload)
  if (!parsed.success) return brokenSchema(parsed.error.issues[0])
  if (parsed.data.iss !== document.signer)
    return { outcome: 'claims-differ', differences: ['/iss'] }
  return parsed.data
}

/** The successor as its body signed it, if it may be issued in the place of the certificate. */
async function successorOf(
  deps: SignedIssueDependencies,
  target: ChangeTarget,
  replacedBy: string,
  given: { jws: string | undefined; actor: ChangeActor; trust: Trust; now: Date },
) {
  const { jws, actor, trust, now } = given
  if (jws === undefined)
    return { outcome: 'replacement-invalid', reason: 'certificate-missing' } as const
  const signed = await signedCertificate(deps, jws, {
    actor: actor.party,
    trust,
    now,
    inReplacement: true,
  })
  if (signed.outcome === 'already-issued')
    return { outcome: 'content-differs', existing: signed.sha256 } as const
  if (signed.outcome !== 'signed') return signed
  if (signed.sha256 !== replacedBy)
    return { outcome: 'claims-differ', differences: ['/replacedBy'] } as const
  const { schema, certificate } = payloadOf(jws) as CertificatePayload
  const reason = successorFault(target, { type: documentTypeOf(schema)!, certificate })
  return reason ? ({ outcome: 'replacement-invalid', reason } as const) : signed
}

async function alreadyAppended(
  deps: Pick<SignedIssueDependencies, 'certificates'>,
  target: ChangeTarget,
  sha256: string,
  replacement: string | undefined,
): Promise<SignedChangeOutcome> {
  const changed = await alreadyChanged(deps, target, sha256)
  const change = target.changes.find((logged) => logged.sha256 === sha256)!.change
  if (change.change !== 'replace') {
    if (replacement === undefined) return changed
    return { outcome: 'replacement-invalid', reason: 'certificate-not-expected' }
  }
  if (replacement === undefined)
    return { outcome: 'replacement-invalid', reason: 'certificate-missing' }
  if ((await digestOf(replacement)) !== change.replacedBy)
    return { outcome: 'claims-differ', differences: ['/replacedBy'] }
  return {
    ...changed,
    replacement: { sha256: change.replacedBy, jws: replacement, findings: [] },
  }
}
