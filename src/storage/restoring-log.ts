import type { CompiledQuery } from 'kysely'
import { sha256Sync } from '../crypto/suite.ts'
import type { RestoringLog } from '../exchange/log/restore-log.ts'
import { readFrontier, rootOf } from '../tlog/frontier.ts'
import { type Leaf, parseLeaf } from '../tlog/leaf.ts'
import { logHashReader } from '../tlog/log-tiles.ts'
import { growTree, readFrontierRow, readLeaves } from './log-tree.ts'
import { sqlLogStore } from './log-store.ts'
import { outgoingRow } from './rows.ts'
import type { SqlDatabase } from './sql-database.ts'
import { insertOf, sql } from './tables.ts'

/** The log of a database that nobody serves while it is put together again. */
export function sqlRestoringLog(database: SqlDatabase): RestoringLog {
  async function frontier() {
    // An attempt before may have ended between the leaves and their tree.
    await growTree(database)
    return readFrontierRow(database)
  }

  return {
    frontier,

    async rootAt(size) {
      const reader = logHashReader(sha256Sync, sqlLogStore(database), size)
      return rootOf(sha256Sync, await readFrontier(reader, size))
    },

    leaves: (start, end) => readLeaves(database, Number(start), Number(end)),

    async extend(leaves) {
      const { size } = await frontier()
      const read = leaves.map((text) => ({ text, leaf: parseLeaf(text) }))
      const unreadable = read.findIndex(({ leaf }) => !leaf)
      if (unreadable >= 0) return { unreadable: size + BigInt(unreadable) }
      const statements = read.flatMap(({ text, leaf }, i) =>
        entryStatements(Number(size) + i, text, leaf!),
      )
      // Twice the same document: no log of this program has that.
      if ((await database.atomic(statements)) === 'collision') return { unreadable: size }
      return 'extended'
    },
  }
}

const insertEntry = insertOf('entries', ['idx', 'sha256', 'kind', 'at', 'leaf'])
const insertOutgoing = insertOf('outgoing', [
  'recipient',
  'seq',
  'sha256',
  'received_at',
  'outcome',
  'findings',
  'decided_at',
  'receipt',
])

function entryStatements(
  idx: number,
  text: string,
  { sha256, kind, at, to }: Omit<Leaf, 'kind'> & { readonly kind: string },
): CompiledQuery[] {
  return [
    insertEntry({ idx, sha256, kind, at, leaf: text }),
    ...Object.entries(to).flatMap(([recipient, seq]) => [
      insertOutgoing(outgoingRow(recipient, seq, sha256)),
      sql
        .insertInto('recipients')
        .values({ state: recipient, last_seq: seq })
        .onConflict((conflict) => conflict.column('state').doUpdateSet({ last_seq: seq }))
        .compile(),
    ]),
  ]
}
