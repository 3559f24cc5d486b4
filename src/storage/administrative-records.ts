import type { CompiledQuery, ExpressionBuilder } from 'kysely'
import type { CoverableRows } from '../exchange/log/cover-rows.ts'
import { actText, type CoveredTable } from '../exchange/log/administrative-entry.ts'
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
            val<'admin_acts' | 'accesses'>('admin_acts').as('rows_of'),
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

/** Rows from this number on as they are hashed; of a row that was read the JSON text is the one stored. */
export async function hashedRows(
  database: SqlDatabase,
  rowsOf: CoveredTable,
  from: number,
  limit: number,
): Promise<{ n: number; text: string }[]> {
  if (rowsOf === 'admin_acts') {
    const acts = await database.query(
      sql
        .selectFrom('admin_acts')
        .selectAll()
        .where('n', '>=', from)
        .orderBy('n')
        .limit(limit)
        .compile(),
    )
    return acts.map(({ n, detail, ...act }) => ({
      n,
      text: actText({ ...act, detail: detail ?? undefined }),
    }))
  }
  const accesses = await database.query(
    sql
      .selectFrom('accesses')
      .selectAll()
      .where('n', '>=', from)
      .orderBy('n')
      .limit(limit)
      .compile(),
  )
  return accesses.map(({ n, at, client, party, role, operation, certificate, context }) => ({
    n,
    text: JSON.stringify({
      at,
      client,
      party,
      role,
      operation,
      certificate,
      context: context ?? undefined,
    }),
  }))
}
