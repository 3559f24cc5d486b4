import { sha256Sync } from '../../crypto/suite.ts'
import { encodeBase64url } from '../../encoding/base64url.ts'
import type { AdminAct } from '../../trust/admin-act.ts'
import type { NewEntry } from '../journal.ts'

/** Tables whose rows stand behind administrative entries of the log: they only ever grow. */
export const COVERED_TABLES = [
  'admin_acts',
  'accesses',
  'alarms',
  'reports',
  'reconciliation_verdicts',
  'log_forks',
  'log_rollbacks',
  'trust_forks',
  'kept_evidence',
] as const
export type CoveredTable = (typeof COVERED_TABLES)[number]

/** Rows that are read at once: those of some tables are long. */
export function rowsAtOnce(rowsOf: CoveredTable): number {
  return LONG_ROWS[rowsOf] ?? 2_000
}
const LONG_ROWS: Partial<Record<CoveredTable, number>> = {
  reports: 200,
  reconciliation_verdicts: 50,
  log_forks: 50,
  log_rollbacks: 50,
  trust_forks: 4,
}

const NONCE_OCTETS = 32
const utf8 = new TextEncoder()

/**
 * The digest that stands in the log for rows, given as texts in their order: SHA-256, base64url, over the
 * UTF-8 JSON `{"v":1,"nonce":…,"rows":…,"chain":…}`. The chain begins with 32 zero octets; each row makes
 * it the SHA-256 of the chain so far followed by the row. Without the nonce nobody can guess the rows.
 */
export function administrativeDigest(nonce: string): {
  add(row: string): void
  digest(): string
} {
  let chain = new Uint8Array(32)
  let rows = 0
  return {
    add(row) {
      const text = utf8.encode(row)
      const octets = new Uint8Array(chain.length + text.length)
      octets.set(chain)
      octets.set(text, chain.length)
      chain = sha256Sync(octets)
      rows++
    },
    digest: () =>
      digestOfText(JSON.stringify({ v: 1, nonce, rows, chain: encodeBase64url(chain) })),
  }
}

/** SHA-256 of the UTF-8 octets, base64url. */
export function digestOfText(text: string): string {
  return encodeBase64url(sha256Sync(utf8.encode(text)))
}

/** 256 bits that nobody knows. */
export function newNonce(): string {
  return encodeBase64url(crypto.getRandomValues(new Uint8Array(NONCE_OCTETS)))
}

/** An act as it is hashed: JSON with the members in this order, no spaces. */
export function actText({ at, actor, act, subject, detail }: AdminActText): string {
  return JSON.stringify({ at, actor, act, subject, detail })
}
type AdminActText = Omit<AdminAct, 'act' | 'detail'> & {
  readonly act: string
  readonly detail?: string | undefined
}

/** The entry for what one person did in one step, in the order in which it was done. */
export function actsEntry(acts: readonly AdminAct[]): NewEntry {
  const nonce = newNonce()
  const hashed = administrativeDigest(nonce)
  for (const act of acts) hashed.add(actText(act))
  return administrativeEntry(hashed.digest(), { effect: 'admin-acts', acts, nonce })
}

/** The entry for rows that stand in their table already. */
export function rowsEntry(
  sha256: string,
  rows: { rowsOf: CoveredTable; first: number; last: number; nonce: string },
): NewEntry {
  return administrativeEntry(sha256, { effect: 'rows-covered', ...rows })
}

function administrativeEntry(sha256: string, effect: NewEntry['effects'][number]): NewEntry {
  return { kind: 'administrative', sha256, to: [], effects: [effect] }
}
