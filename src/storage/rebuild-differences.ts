import { CompiledQuery } from 'kysely'
import { SEARCH_VERSION } from '../certificate/search-terms.ts'
import type { UncoveredRows } from '../exchange/audit/tell-uncovered.ts'
import { type Differ, verifyAdministrativeLeaves } from './administrative-check.ts'
import { keyOf, KEYS, type Projection } from './projected-rows.ts'
import { type ReadEntry, readEntries } from './read-entries.ts'
import { rebuildProjections } from './rebuild.ts'
import type { SqlDatabase } from './sql-database.ts'
import { sql } from './tables.ts'

type Row = Readonly<Record<string, unknown>>

/** Columns of projections that hold working state. */
export const NOT_IN_LOG = new Set(['outgoing.received_at', 'certificates.search_version'])
/** Columns of a certificate that are made again with its terms. */
export const WITH_TERMS = new Set(['seal', 'signed_at'])
/** Columns of a certificate that later documents change. */
export const CHANGING = new Set(['sha256', 'status', 'replaced_by', 'usable_until'])
const PAGE = 500
/** Of a database that is all wrong the first ones tell enough. */
const MAX_DIFFERENCES = 1000

/**
 * Compares what a node's database says with what its log says: numbering, leaves and bytes of the log,
 * then every projection row for row, and what stands behind administrative entries. Nothing may write meanwhile. Holds all rows in memory.
 */
export async function differencesFromLog(database: SqlDatabase, state: string): Promise<string[]> {
  const { rows, differences } = await rebuildProjections(readEntries(database), state)
  const differ = firstOf(differences)
  // Terms that an older version made are made again after the next start, whatever they are now.
  const outdated = await outdatedPlaces(database)
  for (const [key, { idx }] of rows.search_terms)
    if (outdated.has(idx)) rows.search_terms.delete(key)
  for (const table of Object.keys(KEYS) as Projection[])
    await compareTable(database, table, rows[table], differ, {
      row: (row) => table === 'search_terms' && outdated.has(Number(row['idx'])),
      column: (row, column) =>
        NOT_IN_LOG.has(`${table}.${column}`) ||
        (table === 'certificates' && WITH_TERMS.has(column) && outdated.has(Number(row['idx']))),
    })
  await verifyAdministrativeLeaves(database, differ)
  return differences.slice(0, MAX_DIFFERENCES)
}

/** Keeps the first of those that are told. */
function firstOf(differences: string[]): Differ {
  return (difference) => {
    if (differences.length < MAX_DIFFERENCES) differences.push(difference)
  }
}

/**
 * The same for a log whose certificates and search terms were compared where they were read
 * (`compareCertificates`): of them only what later documents may change. All that differs is told; rows
 * that no entry covers are the outcome.
 */
export async function differencesBeyondCertificates(
  database: SqlDatabase,
  state: string,
  entries: AsyncIterable<ReadEntry>,
  differ: Differ,
): Promise<readonly UncoveredRows[]> {
  const { rows, differences, contradictions } = await rebuildProjections(entries, state)
  for (const difference of [...differences, ...contradictions]) differ(difference)
  const others = (Object.keys(KEYS) as Projection[]).filter((table) => table !== 'search_terms')
  for (const table of others)
    await compareTable(database, table, rows[table], differ, {
      ...(table === 'certificates' && { columns: [...CHANGING] }),
      row: () => false,
      column: (_, column) => NOT_IN_LOG.has(`${table}.${column}`),
    })
  return (await verifyAdministrativeLeaves(database, differ)).uncovered
}

async function compareTable(
  database: SqlDatabase,
  table: Projection,
  expected: ReadonlyMap<string, Row>,
  differ: Differ,
  ignored: {
    /** Those that are compared at all; all of them unless given. */
    columns?: readonly string[]
    row(row: Row): boolean
    column(row: Row, column: string): boolean
  },
): Promise<void> {
  const missing = new Set(expected.keys())
  for await (const row of rowsOf(database, table, ignored.columns)) {
    if (ignored.row(row)) continue
    const key = keyOf(table, row)
    const right = expected.get(key)
    missing.delete(key)
    if (!right) differ(`${table} ${key}: not in the log`)
    else
      for (const column in row)
        if (row[column] !== right[column] && !ignored.column(row, column))
          differ(
            `${table} ${key}: ${column} is ${String(row[column])}, ${String(right[column])} by the log`,
          )
  }
  for (const key of missing) differ(`${table} ${key}: missing`)
}

/** Places in the log of the certificates that wait for their terms. */
async function outdatedPlaces(database: SqlDatabase): Promise<ReadonlySet<number>> {
  const rows = await database.query(
    sql
      .selectFrom('certificates')
      .select('idx')
      .where('search_version', '<', SEARCH_VERSION)
      .compile(),
  )
  return new Set(rows.map(({ idx }) => idx))
}

async function* rowsOf(
  database: SqlDatabase,
  table: Projection,
  selected: readonly string[] = ['*'],
): AsyncGenerator<Row> {
  const columns = KEYS[table]
  const key = columns.join(', ')
  let last: Row | undefined
  for (;;) {
    const after = last
    const where = after ? `WHERE (${key}) > (${columns.map(() => '?').join(', ')})` : ''
    const page: Row[] = await database.query(
      CompiledQuery.raw(
        `SELECT ${selected.join(', ')} FROM ${table} ${where} ORDER BY ${key} LIMIT ${PAGE}`,
        after ? columns.map((column) => after[column]) : [],
      ),
    )
    yield* page
    if (page.length < PAGE) return
    last = page.at(-1)
  }
}
