import type { CertificateState } from '../../certificate/certificate-state.ts'
import { isWithin } from '../../certificate/party-id.ts'
import { mayChange, mayResume } from '../../certificate/status-authority.ts'
import { STATUS_CHANGE_SCHEMA, StatusChange } from '../../certificate/status-change.ts'
import { applyStatusChange, isFinal, isOvertaken } from '../../certificate/status-transition.ts'
import type { AuthenticDocument } from '../validation/authenticate.ts'
import type { CertificateStore, StoredCertificate } from '../certificate-store.ts'
import { exceedsAllowance } from '../issuing/change-status.ts'
import type { Examined, Incoming } from './examine.ts'
import type { Inbox } from './inbox.ts'
import { statusChangeEffect } from '../projection.ts'
import { loadCertificate, type LoadedCertificate } from '../registered.ts'
import type { LostPlaces } from '../log/lost-documents.ts'
import { mayComeBack } from './find-lost.ts'
import { accepted, notReadable, refused, type Verdict, waiting } from './verdict.ts'
import { obstacleBefore, waitsForTarget } from './waiting-changes.ts'

interface ChangeDependencies {
  readonly state: string
  readonly certificates: CertificateStore
  readonly inbox: Inbox
  readonly lost: Pick<LostPlaces, 'listed'>
}

/**
 * The decision on an authentic status change. Changes take effect in the order in which their sender
 * made them: one that overtook another waits, but what ends a certificate for good ends it at once, and
 * what it overtook then changes nothing any more.
 */
export async function judgeIncomingChange(
  incoming: Examined,
  document: AuthenticDocument,
  deps: ChangeDependencies,
  now: Date,
): Promise<Verdict> {
  const claims = document.payload as { schema?: unknown } | null
  const schema = claims?.schema
  if (
    typeof schema === 'string' &&
    /^status-change\/\d+$/.test(schema) &&
    schema !== STATUS_CHANGE_SCHEMA
  )
    return notReadable('SCHEMA-UNKNOWN')
  const parsed = StatusChange.safeParse(document.payload)
  if (!parsed.success) return refused('SCHEMA-BROKEN')
  const change = parsed.data
  if (change.iss !== document.signer) return refused('ISSUER-DIFFERS')
  if (!change.aud.includes(deps.state)) return refused('NOT-ADDRESSED-HERE')
  const stored = await deps.certificates.findByDigest(change.target)
  if (!stored) return withoutTarget(change.target, incoming.sender, deps)
  if (!isWithin(stored.issuer, change.iss)) return refused('NOT-YOUR-CERTIFICATE')
  if (!mayChange(change.iss, change.change, stored.issuer))
    return refused('CHANGE-RESERVED-TO-ISSUER')
  return judgeInOrder(incoming, change, stored, deps, now)
}

/**
 * The target may be on its way, or lost here and come back; where its sender's was decided and is not in the
 * register, it never is.
 */
export async function withoutTarget(
  target: string,
  sender: string,
  { certificates, inbox, lost }: Pick<ChangeDependencies, 'certificates' | 'inbox' | 'lost'>,
): Promise<Verdict> {
  const decision = (await inbox.find(sender, [target])).get(target)?.decision
  if (decision?.outcome === 'not-readable') return notReadable('TARGET-NOT-READABLE')
  if (decision?.outcome === 'refused') return refused('TARGET-REFUSED')
  // It may have been accepted since the register was asked: the next call sees it.
  if (!decision || (await certificates.findByDigest(target))) return waiting(waitsForTarget(target))
  if (await mayComeBack(lost, target)) return waiting(waitsForTarget(target))
  return refused('TARGET-NOT-A-CERTIFICATE')
}

async function judgeInOrder(
  incoming: Examined,
  change: StatusChange,
  stored: StoredCertificate,
  { certificates, inbox }: ChangeDependencies,
  now: Date,
): Promise<Verdict> {
  const loaded = await loadCertificate(certificates, stored)
  const { type, payload, state, changes } = loaded
  if (changes.some(({ sha256 }) => sha256 === incoming.otherForm)) return accepted([])
  const result = applyStatusChange(type, state, change, type.validity(payload.certificate))
  const refusal = result.outcome === 'refused' ? result.reason : undefined
  const reserved = isReservedToSuspender(change, loaded)
    ? 'CHANGE-RESERVED-TO-SUSPENDER'
    : undefined
  const code = refusal ? `CHANGE-${refusal.toUpperCase()}` : reserved
  // No earlier change makes a type know this one.
  if (refusal === 'not-for-this-type') return refused(code!)
  const next = (after: CertificateState) =>
    accepted([
      statusChangeEffect({
        sha256: incoming.sha256,
        target: change.target,
        earlier: changes.length,
        state: after,
      }),
    ])
  if (result.outcome === 'changed' && isFinal(change.change)) return next(result.state)
  // Whoever sends so many has a node that does not keep the rule that it is under at home.
  const earlier = changes.map((logged) => logged.change)
  if (exceedsAllowance(change, earlier)) return refused('TOO-MANY-CHANGES')
  if (isOvertaken(state, change) && (await wasSentBefore(incoming, loaded, inbox)))
    return next(state)

  const { target } = change
  const obstacle = await obstacleBefore(inbox, incoming, { target, now })
  if (obstacle !== undefined) return waiting(obstacle)
  return result.outcome === 'changed' && !reserved ? next(result.state) : refused(code!)
}

/** Whether the change would lift a suspension that is not its party's to lift. */
function isReservedToSuspender(
  { change, iss }: StatusChange,
  { stored, changes }: LoadedCertificate,
): boolean {
  const earlier = changes.map((logged) => logged.change)
  return change === 'resume' && !mayResume(iss, earlier, stored.issuer)
}

/** Whether the change was sent before the one that ended its certificate for good. */
async function wasSentBefore(
  { sender, seq }: Incoming,
  { changes }: LoadedCertificate,
  inbox: Inbox,
): Promise<boolean> {
  const last = changes.find(({ change }) => isFinal(change.change))
  const ended = last && (await inbox.seqOf(sender, last.sha256))
  return ended !== undefined && seq < ended
}
