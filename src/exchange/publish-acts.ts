import { decodeBase64 } from '../encoding/base64url.ts'
import type { AdminAct } from '../trust/admin-act.ts'
import type { TrustList } from '../trust/trust-list.ts'
import type { StoredCrl } from '../trust/trust-store.ts'
import { type Crl, parseCrl } from '../x509/crl.ts'

type Act = Omit<AdminAct, 'at' | 'actor'>

/** What publishing this version means for the record: the list, and every key that it adds or ends. */
export function listActs(list: TrustList, before: TrustList | undefined): Act[] {
  const known = new Map(before?.keys.map((key) => [key.x5tS256, key]))
  const acts: Act[] = [
    { act: 'trust-list-published', subject: list.state, detail: `version ${list.version}` },
  ]
  for (const { x5tS256: subject, body, usage, removedAt, reason } of list.keys) {
    if (!known.has(subject)) acts.push({ act: 'key-added', subject, detail: `${usage} of ${body}` })
    if (removedAt !== undefined && known.get(subject)?.removedAt === undefined)
      acts.push({ act: 'key-removed', subject, detail: reason ?? `${usage} of ${body}` })
  }
  return acts
}

/** The same for a CRL, with every X.509 certificate that it revokes and the one before did not. */
export function crlActs(
  state: string,
  ski: string,
  crl: Crl,
  before: StoredCrl | undefined,
): Act[] {
  const earlier = before && parseCrl(decodeBase64(before.der) ?? new Uint8Array())
  const known = earlier && !('malformed' in earlier) ? earlier.entries : undefined
  const revoked = [...crl.entries].filter(([serial]) => !known?.has(serial))
  return [
    {
      act: 'crl-published',
      subject: `${state} ${ski}`,
      detail: `number ${crl.crlNumber ?? '?'}, ${crl.entries.size} revoked`,
    },
    ...revoked.map(([serial, { reason }]) => ({
      act: 'key-revoked' as const,
      subject: `${state} ${ski} ${serial}`,
      detail: reason,
    })),
  ]
}
