import { administrativeDigest, type CoveredTable } from '../exchange/log/administrative-entry.ts'
import { hashedRows } from './administrative-records.ts'
import type { SqlDatabase } from './sql-database.ts'
import { sql, type Tables } from './tables.ts'

/** What became of the rows behind the administrative entries of the log. */
export interface AdministrativeCheck {
  /** Rows that were altered, deleted or inserted, and entries behind which nothing stands. */
  readonly differences: readonly string[]
  /** Rows that were compared with their entry. */
  readonly compared: Readonly<Record<CoveredTable, number>>
  /** Rows of accesses that no entry covers yet: of the last minute, when the node runs. */
  readonly uncovered: { readonly accesses: number; readonly since: string | undefined }
}

const PAGE = 2_000
const MAX_DIFFERENCES = 1_000

/**
 * Computes the digest behind every administrative entry of the log again, from the acts and accesses that
 * it covers. Rows are numbered without gaps, and every one stands behind one entry, in their order.
 */
export async function verifyAdministrativeLeaves(
  database: SqlDatabase,
): Promise<AdministrativeCheck> {
  const differences: string[] = []
  const next = { admin_acts: 1, accesses: 1 }
  const compared = { admin_acts: 0, accesses: 0 }
  for await (const record of recordsOf(database)) {
    const { idx, rows_of: rowsOf, first, last } = record
    if (record.kind !== 'administrative') differences.push(`${nameOf(record)}: ${strayWords(idx)}`)
    if (first !== next[rowsOf])
      differences.push(`${nameOf(record)}: ${rowsOf} ${next[rowsOf]} would be next`)
    next[rowsOf] = last + 1
    compared[rowsOf] += await compareRows(database, record, differences)
    if (differences.length > MAX_DIFFERENCES) break
  }
  for (const idx of await entriesWithoutRows(database))
    differences.push(`entry ${idx}: the acts or accesses that it covers are missing`)
  await strayActs(database, next.admin_acts, differences)
  const uncovered = await uncoveredAccesses(database, next.accesses)
  return { differences: differences.slice(0, MAX_DIFFERENCES), compared, uncovered }
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
  database: SqlDatabase,
  record: StoredRecord,
  differences: string[],
): Promise<number> {
  const { rows_of: rowsOf, first, last, nonce, sha256 } = record
  const hashed = administrativeDigest(nonce)
  let [from, count] = [first, 0]
  while (from <= last) {
    const page = await hashedRows(database, rowsOf, from, Math.min(PAGE, last - from + 1))
    const within = page.filter(({ n }) => n <= last)
    for (const { n, text } of within) {
      if (n !== from) differences.push(`${rowsOf} ${numbers(from, n - 1)}: missing`)
      hashed.add(text)
      from = n + 1
    }
    count += within.length
    if (within.length > 0 && from <= last && within.length === page.length) continue
    if (from <= last) differences.push(`${rowsOf} ${numbers(from, last)}: missing`)
    break
  }
  if (hashed.digest() !== sha256)
    differences.push(`${nameOf(record)}: they are not what was logged`)
  return count
}

function numbers(first: number, last: number): string {
  return first === last ? String(first) : `${first} to ${last}`
}

async function* recordsOf(database: SqlDatabase): AsyncGenerator<StoredRecord> {
  let after = -1
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
      .limit(MAX_DIFFERENCES)
      .compile(),
  )
  return rows.map(({ idx }) => idx)
}

/** Acts behind the last entry: of migrations, and of a database from before acts had entries, they may be. */
async function strayActs(database: SqlDatabase, from: number, differences: string[]) {
  if (from === 1) return
  const acts = await database.query(
    sql
      .selectFrom('admin_acts')
      .select(['n', 'act'])
      .where('n', '>=', from)
      .where('act', '!=', 'migrated')
      .orderBy('n')
      .limit(MAX_DIFFERENCES)
      .compile(),
  )
  for (const { n, act } of acts)
    differences.push(`admin_acts ${n}: no entry of the log covers it (${act})`)
}

async function uncoveredAccesses(database: SqlDatabase, from: number) {
  const [row] = await database.query(
    sql
      .selectFrom('accesses')
      .select(({ fn }) => [fn.countAll<number>().as('accesses'), fn.min('at').as('since')])
      .where('n', '>=', from)
      .compile(),
  )
  return { accesses: row?.accesses ?? 0, since: row?.since ?? undefined }
}
