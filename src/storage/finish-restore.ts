import { type CompiledQuery, sql as raw } from 'kysely'
import { CLOCK_SKEW_MS } from '../encoding/clock-skew.ts'
import { formatInstant } from '../encoding/time.ts'
import { newNonce } from '../exchange/log/administrative-entry.ts'
import type { ProvenCheckpoint } from '../exchange/log/proven-checkpoint.ts'
import { WAITS_FOR_ITS_RECEIPT } from '../exchange/incoming/waiting-changes.ts'
import { FIRST_ID_FROM_TIME, STATUS_LIST_SIZE } from '../status-list/position.ts'
import type { SqlDatabase } from './sql-database.ts'
import { sql } from './tables.ts'

/**
 * Writes what does not follow from the log alone, after everything that peers had was put in: what arrived
 * and how it was answered, the signed checkpoints, and the status lists of before. A cosignature that is
 * older than the last entry under it, or of a time to come, is left out: it would date documents falsely.
 */
export async function finishRestore(
  database: SqlDatabase,
  checkpoints: readonly ProvenCheckpoint[],
  now: Date,
): Promise<void> {
  await database.atomic([
    ...arrivalStatements(),
    ...(await statusListStatements(database)),
    ...checkpoints.flatMap((checkpoint) => checkpointStatements(checkpoint, now)),
  ])
}

function arrivalStatements(): CompiledQuery[] {
  return [
    // The number under which it came nobody here knows any more; no message bears one below 1.
    raw`INSERT INTO inbox (sha256, sender, seq, arrived_at, waits_for, target)
      SELECT sha256, sender, -row_number() OVER (PARTITION BY sender ORDER BY at, sha256)
          - coalesce((SELECT -min(seq) FROM inbox AS i WHERE i.sender = d.sender AND i.seq < 0), 0),
        at, NULL, NULL
      FROM decisions AS d WHERE NOT EXISTS (SELECT 1 FROM inbox AS i
        WHERE i.sha256 = d.sha256 AND i.sender = d.sender)`.compile(sql),
    raw`UPDATE inbox SET waits_for = NULL WHERE waits_for IS NOT NULL
      AND (sha256, sender) IN (SELECT sha256, sender FROM decisions)`.compile(sql),
    // What stands in no log may have been refused, and is judged as if it came today.
    raw`UPDATE inbox SET waits_for = ${WAITS_FOR_ITS_RECEIPT} WHERE waits_for IS NOT NULL
      AND sha256 IN (SELECT sha256 FROM entries)
      AND sha256 NOT IN (SELECT sha256 FROM late_documents)`.compile(sql),
  ]
}

/** Lists of before go on to be served; no position of them is given out again. */
async function statusListStatements(database: SqlDatabase): Promise<CompiledQuery[]> {
  const uris = await database.query(
    sql
      .selectFrom('certificates')
      .select('status_uri')
      .distinct()
      .where('origin', '=', 'issued')
      .compile(),
  )
  const used = uris.flatMap(({ status_uri: uri }) => {
    const id = Number(/\/status\/(\d+)$/.exec(uri)?.[1])
    return Number.isSafeInteger(id) ? [id] : []
  })
  const counted = Math.max(0, ...used.filter((id) => id < FIRST_ID_FROM_TIME))
  const ids = new Set([...used, ...Array.from({ length: counted }, (_, i) => i + 1)])
  return [...ids].map((id) =>
    sql
      .insertInto('status_lists')
      .values({
        id,
        permutation_key: newNonce(),
        size: STATUS_LIST_SIZE,
        next: STATUS_LIST_SIZE,
      })
      .onConflict((conflict) => conflict.doNothing())
      .compile(),
  )
}

/** Signed no sooner than its last entry was appended, and no sooner than a smaller one. */
function checkpointStatements(
  { size, note, cosignature }: ProvenCheckpoint,
  now: Date,
): CompiledQuery[] {
  const at = Number(size)
  const statements = [
    raw`INSERT INTO checkpoints (size, note, signed_at)
      SELECT ${at}, ${note}, max(at, coalesce(
        (SELECT max(signed_at) FROM checkpoints WHERE size < ${at}), at))
      FROM entries WHERE idx = ${at - 1} ON CONFLICT DO NOTHING`.compile(sql),
  ]
  if (!cosignature) return statements
  const { witness, line, cosignedAt } = cosignature
  const instant = Date.parse(cosignedAt)
  if (instant > now.getTime() + CLOCK_SKEW_MS) return statements
  const { name, keyId } = witness.key
  const latest = formatInstant(new Date(instant + CLOCK_SKEW_MS))
  return [
    ...statements,
    raw`INSERT INTO cosignatures (size, state, witness, key_id, line, cosigned_at)
      SELECT ${at}, ${witness.state}, ${name}, ${keyId}, ${line}, ${cosignedAt}
      FROM entries WHERE idx = ${at - 1} AND at <= ${latest} ON CONFLICT DO NOTHING`.compile(sql),
  ]
}
