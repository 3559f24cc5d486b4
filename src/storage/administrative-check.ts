import { CompiledQuery } from 'kysely'
import {
  administrativeDigest,
  COVERED_TABLES,
  type CoveredTable,
  rowsAtOnce,
} from '../exchange/log/administrative-entry.ts'
import type { UncoveredRows } from '../exchange/audit/tell-uncovered.ts'
import { hashedRows, WRITTEN_AT } from './administrative-records.ts'
import type { SqlDatabase } from './sql-database.ts'
import { sql, type Tables } from './tables.ts'

/** What became of the rows behind the administrative entries of the log. */
export interface AdministrativeCheck {
  /** Rows that were compared with their entry. */
  readonly compared: Readonly<Record<CoveredTable, number>>
  /** Rows that no entry covers yet: of the last minute, when the node runs. */
  readonly uncovered: readonly UncoveredRows[]
}

/** Takes what differs from the log. */
export type Differ = (difference: string) => void

const PAGE = 2_000

/**
 * Computes the digest behind every administrative entry of the log again, from the rows that it covers.
 * Rows are numbered without gaps, and every one stands behind one entry, in their order. `differ` is told
 * of rows that were altered, deleted or inserted, and of entries behind which nothing stands.
 */
export async function verifyAdministrativeLeaves(
  database: SqlDatabase,
  differ: Differ,
): Promise<AdministrativeCheck> {
  const next = ofEveryTable(1)
  const compared = ofEveryTable(0)
  const readers = new Map<CoveredTable, RowReader>()
  for await (const record of recordsOf(database)) {
    const { idx, rows_of: rowsOf, first, last } = record
    if (!(rowsOf in next)) {
      differ(`${nameOf(record)}: there are no such rows`)
      continue
    }
    if (record.kind !== 'administrative') differ(`${nameOf(record)}: ${strayWords(idx)}`)
    if (first !== next[rowsOf]) differ(`${nameOf(record)}: ${rowsOf} ${next[rowsOf]} would be next`)
    next[rowsOf] = last + 1
    const reader = readers.get(rowsOf) ?? rowReader(database, rowsOf)
    readers.set(rowsOf, reader)
    compared[rowsOf] += await compareRows(reader, record, differ)
  }
  for (const idx of await entriesWithoutRows(database))
    differ(`entry ${idx}: the acts or accesses that it covers are missing`)
  await strayActs(database, next.admin_acts, differ)
  return { compared, uncovered: await uncoveredRows(database, next) }
}

function ofEveryTable(value: number): Record<CoveredTable, number> {
  const pairs = COVERED_TABLES.map((table) => [table, value])
  return Object.fromEntries(pairs) as Record<CoveredTable, number>
}

type StoredRecord = Tables['administrative_records'] & {
  readonly sha256: string | null
  readonly kind: string | null
}

function nameOf({ idx, rows_of, first, last }: StoredRecord): string {
  return `entry ${idx}, ${rows_of} ${first} to ${last}`
}

function strayWords(idx: number): string {
  return `entry ${idx} of the log is no administrative one`
}

/** How many rows were found. */
async function compareRows(
  reader: RowReader,
  record: StoredRecord,
  differ: Differ,
): Promise<number> {
  const { rows_of: rowsOf, first, last, nonce, sha256 } = record
  const hashed = administrativeDigest(nonce)
  let [from, count] = [first, 0]
  for (;;) {
    const row = reader.current()
    if (!row && (await reader.load())) continue
    if (!row || row.n > last) break
    reader.step()
    if (row.n < first) continue
    if (row.n !== from) differ(`${rowsOf} ${numbers(from, row.n - 1)}: missing`)
    hashed.add(row.text)
    from = row.n + 1
    count++
  }
  if (from <= last) differ(`${rowsOf} ${numbers(from, last)}: missing`)
  if (hashed.digest() !== sha256) differ(`${nameOf(record)}: they are not what was logged`)
  return count
}

/** Reads the rows of a table once, in their order, as entries cover them. */
interface RowReader {
  /** The next row of those that were read; undefined: none is left of them. */
  current(): { readonly n: number; readonly text: string } | undefined
  step(): void
  /** Reads more; false: there is no more. */
  load(): Promise<boolean>
}

function rowReader(database: SqlDatabase, rowsOf: CoveredTable): RowReader {
  const atOnce = rowsAtOnce(rowsOf)
  let page: { n: number; text: string }[] = []
  let [at, after] = [0, 0]
  return {
    current: () => page[at],
    step: () => void at++,
    async load() {
      page = await hashedRows(database, rowsOf, after + 1, atOnce)
      at = 0
      after = page.at(-1)?.n ?? after
      return page.length > 0
    },
  }
}

function numbers(first: number, last: number): string {
  return first === last ? String(first) : `${first} to ${last}`
}

async function* recordsOf(database: SqlDatabase): AsyncGenerator<StoredRecord> {
  // Places below the first are nowhere in the log: whoever wrote one there is found as well.
  let after = Number.MIN_SAFE_INTEGER
  for (;;) {
    const page = await database.query(
      sql
        .selectFrom('administrative_records')
        .leftJoin('entries', 'entries.idx', 'administrative_records.idx')
        .selectAll('administrative_records')
        .select(['entries.sha256', 'entries.kind'])
        .where('administrative_records.idx', '>', after)
        .orderBy('administrative_records.idx')
        .limit(PAGE)
        .compile(),
    )
    yield* page
    if (page.length < PAGE) return
    after = page.at(-1)!.idx
  }
}

async function entriesWithoutRows(database: SqlDatabase): Promise<number[]> {
  const rows = await database.query(
    sql
      .selectFrom('entries')
      .leftJoin('administrative_records', 'administrative_records.idx', 'entries.idx')
      .select('entries.idx')
      .where('entries.kind', '=', 'administrative')
      .where('administrative_records.idx', 'is', null)
      // What stood behind those that a restore listed is lost; the list stands behind an act of its own.
      .where(({ exists, not, selectFrom }) =>
        not(
          exists(
            selectFrom('lost_documents')
              .select('sha256')
              .whereRef('lost_documents.sha256', '=', 'entries.sha256'),
          ),
        ),
      )
      .orderBy('entries.idx')
      .compile(),
  )
  return rows.map(({ idx }) => idx)
}

/** Acts behind the last entry: of migrations, and of a database from before acts had entries, they may be. */
async function strayActs(database: SqlDatabase, from: number, differ: Differ) {
  if (from === 1) return
  const acts = await database.query(
    sql
      .selectFrom('admin_acts')
      .select(['n', 'act'])
      .where('n', '>=', from)
      .where('act', '!=', 'migrated')
      .orderBy('n')
      .compile(),
  )
  for (const { n, act } of acts) differ(`admin_acts ${n}: no entry of the log covers it (${act})`)
}

async function uncoveredRows(
  database: SqlDatabase,
  next: Readonly<Record<CoveredTable, number>>,
): Promise<UncoveredRows[]> {
  const found: UncoveredRows[] = []
  for (const rowsOf of COVERED_TABLES) {
    if (rowsOf === 'admin_acts') continue
    const [row] = await database.query<{ rows: number; since: string | null }>(
      CompiledQuery.raw(
        `SELECT count(*) AS rows, min(${WRITTEN_AT[rowsOf]}) AS since FROM ${rowsOf} WHERE n >= ?`,
        [next[rowsOf]],
      ),
    )
    if (row && row.rows > 0)
      found.push({ rowsOf, first: next[rowsOf], rows: row.rows, since: row.since ?? '' })
  }
  return found
}
