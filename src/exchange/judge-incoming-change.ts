import type { CertificateState } from '../certificate/certificate-state.ts'
import { isWithin } from '../certificate/party-id.ts'
import { mayChange } from '../certificate/status-authority.ts'
import { STATUS_CHANGE_SCHEMA, StatusChange } from '../certificate/status-change.ts'
import { applyStatusChange, isFinal, isOvertaken } from '../certificate/status-transition.ts'
import type { AuthenticDocument } from './authenticate.ts'
import type { CertificateStore, StoredCertificate } from './certificate-store.ts'
import type { Incoming } from './examine.ts'
import type { Inbox } from './inbox.ts'
import { statusChangeEffect } from './projection.ts'
import { loadCertificate, type LoadedCertificate } from './registered.ts'
import { accepted, notReadable, refused, type Verdict, waiting } from './verdict.ts'
import { obstacleBefore, waitsForTarget } from './waiting-changes.ts'

interface ChangeDependencies {
  readonly state: string
  readonly certificates: CertificateStore
  readonly inbox: Inbox
}

/**
 * The decision on an authentic status change. Changes take effect in the order in which their sender
 * made them: one that overtook another waits, but what ends a certificate for good ends it at once, and
 * what it overtook then changes nothing any more.
 */
export async function judgeIncomingChange(
  incoming: Incoming,
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
  if (!stored) return waiting(waitsForTarget(change.target))
  if (!isWithin(stored.issuer, change.iss)) return refused('NOT-YOUR-CERTIFICATE')
  if (!mayChange(change.iss, change.change, stored.issuer))
    return refused('CHANGE-RESERVED-TO-ISSUER')
  return judgeInOrder(incoming, change, stored, deps, now)
}

async function judgeInOrder(
  incoming: Incoming,
  change: StatusChange,
  stored: StoredCertificate,
  { certificates, inbox }: ChangeDependencies,
  now: Date,
): Promise<Verdict> {
  const loaded = await loadCertificate(certificates, stored)
  const { type, payload, state, changes } = loaded
  const result = applyStatusChange(type, state, change, type.validity(payload.certificate))
  const refusal = result.outcome === 'refused' ? result.reason : undefined
  const code = refusal && `CHANGE-${refusal.toUpperCase()}`
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
  if (isOvertaken(state, change) && (await wasSentBefore(incoming, loaded, inbox)))
    return next(state)

  const { target } = change
  const applies = result.outcome === 'changed'
  const obstacle = await obstacleBefore(inbox, incoming, { target, applies, now })
  if (obstacle !== undefined) return waiting(obstacle)
  return result.outcome === 'changed' ? next(result.state) : refused(code!)
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
