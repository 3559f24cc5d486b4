import { CLOCK_SKEW_MS } from '../../encoding/clock-skew.ts'
import type { CheckpointTimes } from '../../exchange/audit/entry-times.ts'
import type { Report } from '../../exchange/audit/finding.ts'
import {
  type CosignatureContext,
  judgeCosignature,
} from '../../exchange/audit/judge-cosignature.ts'
import type { TrustHistory } from '../../exchange/audit/log-history.ts'
import { flawOfLine, flawOfNote } from '../../exchange/audit/signed-notes.ts'
import type { VerifierKey } from '../../tlog/verifier-key.ts'
import type { SqlDatabase } from '../sql-database.ts'
import { sql } from '../tables.ts'
import { instantIn } from './instant.ts'
import { rowsOf } from './read-table.ts'
import type { ComputedTree } from './audit-tree.ts'

type Keys = Pick<TrustHistory, 'keysAt'>

/** The sizes at which the log was signed. */
export async function signedSizes(database: SqlDatabase): Promise<number[]> {
  const rows = await database.query(sql.selectFrom('checkpoints').select('size').compile())
  return rows.map(({ size }) => size)
}

/**
 * Every stored checkpoint against the tree and the log keys of its time, in the order of their sizes; the
 * largest size at which one holds.
 */
export async function auditCheckpoints(
  database: SqlDatabase,
  {
    state,
    history,
    tree,
    times,
  }: { state: string; history: Keys; tree: ComputedTree; times: CheckpointTimes },
  report: Report,
): Promise<number> {
  let latest = -Infinity
  let signed = 0
  for await (const { size, note, signed_at } of rowsOf(database, 'checkpoints', ['size'])) {
    const where = `checkpoint ${size}`
    const rootHash = tree.roots.get(size)
    if (!rootHash) report('checkpoint-differs', where, 'the log has fewer entries')
    const at = instantIn(signed_at)
    const keys = at && listed(history, state, at)
    const flaw = keys
      ? await flawOfNote(note, { keys, size: BigInt(size), rootHash })
      : `${signed_at} is no time`
    if (flaw !== undefined) report('checkpoint-differs', where, flaw)
    if (at) times.signed(size, at)
    // Two processes sign, and clocks are set: within a minute that is nothing.
    if (at && at.getTime() < latest - CLOCK_SKEW_MS)
      report('checkpoint-differs', where, 'it was signed before a smaller one')
    if (at) latest = Math.max(latest, at.getTime())
    if (flaw === undefined && rootHash) signed = size
  }
  return signed
}

function listed(history: Keys, state: string, at: Date): VerifierKey<'ed25519'>[] {
  return history.keysAt('ed25519', at).flatMap((one) => (one.state === state ? [one.key] : []))
}

/** Signatures of later log keys under checkpoints that an earlier one had signed. */
export async function auditSignaturesOfLaterKeys(
  database: SqlDatabase,
  { state, history }: { state: string; history: Pick<TrustHistory, 'logKeys'> },
  report: Report,
): Promise<void> {
  const key = ['size', 'key_id'] as const
  for await (const { size, key_id, line } of rowsOf(database, 'checkpoint_signatures', key)) {
    const note = await noteOf(database, size)
    const flaw =
      note === undefined
        ? 'there is no such checkpoint'
        : await flawOfLine(note, line, (origin) =>
            history.logKeys(state, origin).filter(({ keyId }) => keyId === key_id),
          )
    if (flaw !== undefined) report('checkpoint-differs', `checkpoint ${size} key ${key_id}`, flaw)
  }
}

/**
 * Every stored cosignature under its checkpoint; the largest size that another state has cosigned, or a
 * witness that the auditor names.
 */
export async function auditCosignatures(
  database: SqlDatabase,
  context: CosignatureContext,
  report: Report,
): Promise<number> {
  let cosigned = 0
  let checkpoint: { size: number; note: string | undefined } | undefined
  const key = ['size', 'state', 'witness', 'key_id'] as const
  for await (const row of rowsOf(database, 'cosignatures', key)) {
    const { size, key_id: keyId, cosigned_at: cosignedAt, ...told } = row
    if (checkpoint?.size !== size) checkpoint = { size, note: await noteOf(database, size) }
    const { note } = checkpoint
    const at = instantIn(cosignedAt)
    if (note === undefined || !at) {
      const where = `cosignature ${size} ${row.witness}`
      report('cosignature-differs', where, 'there is no such checkpoint or time')
    } else if (
      await judgeCosignature({ ...told, size, note, keyId, cosignedAt, at }, context, report)
    )
      cosigned = Math.max(cosigned, size)
  }
  return cosigned
}

async function noteOf(database: SqlDatabase, size: number): Promise<string | undefined> {
  const [row] = await database.query(
    sql.selectFrom('checkpoints').select('note').where('size', '=', size).compile(),
  )
  return row?.note
}
