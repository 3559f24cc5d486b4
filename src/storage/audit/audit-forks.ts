import { sha256Sync } from '../../crypto/suite.ts'
import { isSameOctets } from '../../encoding/octets.ts'
import type { Report } from '../../exchange/audit/finding.ts'
import { type Checkpoint, parseSignedCheckpoint } from '../../tlog/checkpoint.ts'
import { verifyConsistency } from '../../tlog/consistency.ts'
import { decodeHashes } from '../log-tree.ts'
import type { SqlDatabase } from '../sql-database.ts'
import { flawOfPeerNote, type PeerLogContext, sizeIn } from './peer-notes.ts'
import { type AuditRow, rowsOf } from './read-table.ts'

const utf8 = new TextEncoder()

/** Proofs of forks: two notes of one log, both signed by it, and what shows that both cannot be true. */
export async function auditForks(
  database: SqlDatabase,
  { history }: PeerLogContext,
  report: Report,
): Promise<void> {
  const key = ['state', 'origin', 'first', 'second'] as const
  for await (const row of rowsOf(database, 'log_forks', key)) {
    const { state, origin, first, second } = row
    const where = `log_forks ${state} ${origin}`
    const keys = history.logKeys(state, origin)
    for (const note of [first, second]) {
      const flaw = await flawOfPeerNote({ note, origin }, keys, sizeIn(note) ?? 0)
      if (flaw !== undefined) report('peer-log-differs', where, flaw)
    }
    if (!contradict(row)) report('peer-log-differs', where, 'the two do not contradict each other')
  }
}

function contradict({ first, second, proof }: AuditRow<'log_forks'>): boolean {
  const [a, b] = [first, second].map((note) => parseSignedCheckpoint(utf8.encode(note)))
  if (!a || !b || 'malformed' in a || 'malformed' in b) return false
  const [smaller, larger] = [a.checkpoint, b.checkpoint].toSorted((x, y) =>
    x.size < y.size ? -1 : 1,
  ) as [Checkpoint, Checkpoint]
  const [oldRootHash, ...path] = hashesIn(proof) ?? []
  if (smaller.size === larger.size)
    return proof === '' && !isSameOctets(smaller.rootHash, larger.rootHash)
  if (!oldRootHash || isSameOctets(oldRootHash, smaller.rootHash)) return false
  const sizes = { oldSize: smaller.size, newSize: larger.size }
  const claim = { ...sizes, oldRootHash, newRootHash: larger.rootHash, proof: path }
  return verifyConsistency(sha256Sync, claim)
}

function hashesIn(text: string): Uint8Array[] | undefined {
  try {
    return decodeHashes(text)
  } catch {
    return undefined
  }
}
