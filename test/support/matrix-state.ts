import Sqlite from 'better-sqlite3'
import { createHash } from 'node:crypto'
import { join } from 'node:path'

/** What a call that is refused may write all the same, and why. */
const WRITTEN_BY_REFUSED: Readonly<Record<string, string>> = {
  used_once: 'a nonce or jti that was seen is seen, whatever became of its request',
  access_tokens: 'expired ones are pruned by the schedule',
  exchange_archive: 'a signed request and its signed refusal are evidence',
  peers: 'the schedule notes its attempts to reach the peer',
  status_list_revisions: 'a list is renewed when its time has come',
  checkpoints: 'the log key signs a moment after the log grew, whoever calls meanwhile',
  administrative_records: 'what was read before is covered by a leaf once a minute',
  log_head: 'such a leaf grows the log',
  mirror_looks: 'the schedule notes its attempts to mirror the log of the peer',
}

/** What a call that only reads may write as well. */
const WRITTEN_BY_READING: Readonly<Record<string, string>> = {
  accesses: 'who read which certificate is recorded',
  alarms: 'that a peer reads its own log back is told, once a day',
  alarms_once: 'as above',
}

/** Leaves over what was read before are no call's doing. */
const ofCalls = (table: string) => (table === 'entries' ? "WHERE kind <> 'administrative'" : '')

export interface StateWatch {
  /** The tables that changed since the last call of this and may not have. */
  changed(kind: 'refused' | 'read' | 'written'): string[]
  close(): void
}

/** Looks into the database of a running node, from beside it. */
export function watchState(node: { readonly data: string }): StateWatch {
  const database = new Sqlite(join(node.data, 'node.sqlite'), { readonly: true })
  const tables = database
    .prepare("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'")
    .pluck()
    .all() as string[]
  // Whose rows neither change nor go, as its triggers see to: their number says all.
  const kept = new Set(
    database
      .prepare("SELECT tbl_name FROM sqlite_master WHERE type = 'trigger' AND sql LIKE ?")
      .pluck()
      .all('%BEFORE UPDATE ON%') as string[],
  )
  const rows = tables
    .filter((table) => !(table in WRITTEN_BY_REFUSED))
    .map((table) => ({
      table,
      all: database
        .prepare(`SELECT ${kept.has(table) ? 'count(*)' : '*'} FROM ${table} ${ofCalls(table)}`)
        .raw(),
    }))
  if (rows.length < 15) throw new Error('The database has hardly any tables')
  const version = () => database.pragma('data_version', { simple: true })
  const digests = () =>
    new Map(
      rows.map(({ table, all }) => {
        const content = createHash('sha256')
        for (const row of all.iterate()) content.update(JSON.stringify(row))
        return [table, content.digest('base64url')]
      }),
    )
  let seen = version()
  let known = digests()
  return {
    changed(kind) {
      // Moves with every commit of another connection.
      const now = version()
      if (now === seen) return []
      seen = now
      const before = known
      known = digests()
      if (kind === 'written') return []
      return [...known]
        .filter(([table, digest]) => before.get(table) !== digest)
        .map(([table]) => table)
        .filter((table) => kind === 'refused' || !(table in WRITTEN_BY_READING))
    },
    close: () => database.close(),
  }
}
