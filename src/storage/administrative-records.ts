import { CompiledQuery, type ExpressionBuilder } from 'kysely'
import type { CoverableRows } from '../exchange/log/cover-rows.ts'
import {
  COVERED_TABLES,
  digestOfText,
  type CoveredTable,
} from '../exchange/log/administrative-entry.ts'
import type { Effect } from '../exchange/effect.ts'
import type { SqlDatabase } from './sql-database.ts'
import { insertOf, sql, type Tables } from './tables.ts'

type EffectOf<E extends Effect['effect']> = Extract<Effect, { readonly effect: E }>

const insertAct = insertOf('admin_acts', ['at', 'actor', 'act', 'subject', 'detail'])

/** The acts of an administrative entry, and which rows they have become. */
export function actsStatements(
  { acts, nonce }: EffectOf<'admin-acts'>,
  idx: number,
): CompiledQuery[] {
  return [
    ...acts.map((act) => insertAct({ ...act, detail: act.detail ?? null })),
    sql
      .insertInto('administrative_records')
      .columns(['idx', 'rows_of', 'first', 'last', 'nonce'])
      .expression((eb) =>
        eb
          .selectFrom('admin_acts')
          .select(({ fn, val, eb: on }) => [
            val(idx).as('idx'),
            val<CoveredTable>('admin_acts').as('rows_of'),
            on(fn.max('n'), '-', acts.length - 1).as('first'),
            fn.max('n').as('last'),
            val(nonce).as('nonce'),
          ]),
      )
      .compile(),
  ]
}

const insertRecord = insertOf('administrative_records', [
  'idx',
  'rows_of',
  'first',
  'last',
  'nonce',
])

/** Of two that cover the same rows one collides. */
export function coveringStatement(
  { rowsOf, first, last, nonce }: EffectOf<'rows-covered'>,
  idx: number,
): CompiledQuery {
  return insertRecord({ idx, rows_of: rowsOf, first, last, nonce })
}

/** The place in the log that covers a row of this table; NULL: none does yet. */
export function coveringEntry<T extends CoveredTable>(eb: ExpressionBuilder<Tables, T>, table: T) {
  return (eb as ExpressionBuilder<Tables, CoveredTable>)
    .selectFrom('administrative_records')
    .select('idx')
    .where('rows_of', '=', table)
    .whereRef('last', '>=', `${table}.n`)
    .orderBy('last')
    .limit(1)
}

/** The last row that stands behind an entry. */
function lastCovered(rowsOf: CoveredTable) {
  return sql
    .selectFrom('administrative_records')
    .select(({ fn, val }) => fn.coalesce(fn.max('last'), val(0)).as('last'))
    .where('rows_of', '=', rowsOf)
}

export function sqlCoverableRows(database: SqlDatabase): CoverableRows {
  return {
    async uncovered(rowsOf) {
      const [row] = await database.query(lastCovered(rowsOf).compile())
      return (row?.last ?? 0) + 1
    },
    rows: (rowsOf, from, limit) => hashedRows(database, rowsOf, from, limit),
  }
}

/** The columns that are hashed, in the order of the members of the JSON text. */
const HASHED: { readonly [T in CoveredTable]: readonly (keyof Tables[T] & string)[] } = {
  admin_acts: ['at', 'actor', 'act', 'subject', 'detail'],
  accesses: ['at', 'client', 'party', 'role', 'operation', 'certificate', 'context'],
  alarms: ['at', 'kind', 'peer', 'detail'],
  reports: ['id', 'client', 'party', 'created_at', 'body'],
  reconciliation_verdicts: ['sha256', 'view', 'at', 'outcome', 'reason', 'differences', 'complete'],
  log_forks: ['state', 'origin', 'found_at', 'first', 'second', 'proof'],
  log_rollbacks: ['state', 'origin', 'size', 'found_at', 'before', 'shown'],
  trust_forks: ['sha256', 'part', 'state', 'version', 'seen_at', 'jws'],
  kept_evidence: [
    'state',
    'ski',
    'serial',
    'number',
    'status',
    'this_update',
    'sha256',
    'stored_at',
  ],
}

/** When a row was written, by its own word. */
export const WRITTEN_AT = {
  admin_acts: 'at',
  accesses: 'at',
  alarms: 'at',
  reports: 'created_at',
  reconciliation_verdicts: 'at',
  log_forks: 'found_at',
  log_rollbacks: 'found_at',
  trust_forks: 'seen_at',
  kept_evidence: 'stored_at',
} as const satisfies { [T in CoveredTable]: keyof Tables[T] }

/** Rows of a table that stand behind no entry, as they say of themselves when they were written. */
export interface LeftRows {
  readonly rowsOf: CoveredTable
  readonly first: number
  readonly last: number
  readonly rows: number
  readonly since: string
  readonly until: string
}

/** Of every table whose rows come to stand behind entries after they were written. */
export async function leftUncovered(database: SqlDatabase): Promise<LeftRows[]> {
  const left: LeftRows[] = []
  for (const rowsOf of COVERED_TABLES) {
    if (rowsOf === 'admin_acts') continue
    const at = WRITTEN_AT[rowsOf]
    const [row] = await database.query<Omit<LeftRows, 'rowsOf'>>(
      CompiledQuery.raw(
        `SELECT min(n) AS first, max(n) AS last, count(*) AS rows, min(${at}) AS since, max(${at}) AS until
          FROM ${rowsOf} WHERE n > (SELECT coalesce(max(last), 0) FROM administrative_records WHERE rows_of = ?)`,
        [rowsOf],
      ),
    )
    if (row && row.rows > 0) left.push({ rowsOf, ...row })
  }
  return left
}

type HashedRow = Readonly<Record<string, string | number | null>> & { readonly n: number }

/**
 * Rows from this number on as they are hashed: JSON with the members in the order of `HASHED`, without
 * those that are NULL. Of a report the body is its digest: whoever audits the digests reads no trade data.
 */
export async function hashedRows(
  database: SqlDatabase,
  rowsOf: CoveredTable,
  from: number,
  limit: number,
): Promise<{ n: number; text: string }[]> {
  const columns: readonly string[] = HASHED[rowsOf]
  const rows = await database.query<HashedRow>(
    CompiledQuery.raw(
      `SELECT n, ${columns.map((column) => `"${column}"`).join(', ')} FROM ${rowsOf}
        WHERE n >= ? ORDER BY n LIMIT ?`,
      [from, limit],
    ),
  )
  return rows.map((row) => ({ n: row.n, text: textOf(rowsOf, columns, row) }))
}

function textOf(rowsOf: CoveredTable, columns: readonly string[], row: HashedRow): string {
  const members: Record<string, string | number> = {}
  for (const column of columns) {
    const value = row[column]
    if (value === null || value === undefined) continue
    members[column] = rowsOf === 'reports' && column === 'body' ? digestOfText(`${value}`) : value
  }
  return JSON.stringify(members)
}
