import { CompiledQuery } from 'kysely'
import { SEARCH_VERSION } from '../../certificate/search-terms.ts'
import type { CertificateEffect } from '../../exchange/effect.ts'
import { CHANGING, WITH_TERMS } from '../rebuild-differences.ts'
import { certificateRow } from '../rows.ts'
import type { SqlDatabase } from '../sql-database.ts'
import { sql } from '../tables.ts'
import type { AuditRow } from './read-table.ts'

/** A certificate of the log as its document makes it. */
export interface LoggedCertificate {
  readonly idx: number
  readonly at: string
  readonly effect: CertificateEffect
}

/** Places of the log: `from` on, and before `to`. */
export interface Stretch {
  readonly from: number
  readonly to: number
}

/** As far as the numbers of the engine reach. */
export const EVERYWHERE: Stretch = { from: -(2 ** 63), to: 2 ** 63 }

/**
 * Compares the certificates of a stretch of the log and their search terms with the tables: all but what
 * later documents may change (`differencesBeyondCertificates`).
 */
export async function compareCertificates(
  database: SqlDatabase,
  stretch: Stretch,
  logged: readonly LoggedCertificate[],
): Promise<string[]> {
  const differences: string[] = []
  const expected = new Map(logged.map((one) => [one.idx, one]))
  const outdated = new Set<number>()
  for (const row of await rowsOf(database, stretch)) {
    const right = expected.get(row.idx)
    if (row.search_version < SEARCH_VERSION) outdated.add(row.idx)
    expected.delete(row.idx)
    if (right) differences.push(...differencesOf(row, right))
    else differences.push(`certificates ${row.sha256}: not in the log`)
  }
  for (const { effect } of expected.values())
    differences.push(`certificates ${effect.certificate.sha256}: missing`)
  const terms = new Map(
    logged.flatMap(({ idx, effect }) => (outdated.has(idx) ? [] : [[idx, effect.terms]])),
  )
  differences.push(...(await compareTerms(database, stretch, { terms, outdated })))
  return differences
}

async function rowsOf(
  database: SqlDatabase,
  { from, to }: Stretch,
): Promise<AuditRow<'certificates'>[]> {
  return database.query(
    sql
      .selectFrom('certificates')
      .selectAll()
      .where('idx', '>=', from)
      .where('idx', '<', to)
      .compile(),
  )
}

function differencesOf(
  row: AuditRow<'certificates'>,
  { effect, ...entry }: LoggedCertificate,
): string[] {
  const right: Readonly<Record<string, unknown>> = certificateRow(effect.certificate, entry)
  const isOutdated = row.search_version < SEARCH_VERSION
  const differences: string[] = []
  for (const column in row) {
    const value = row[column as keyof typeof row]
    if (value === right[column]) continue
    if (column !== 'sha256' && CHANGING.has(column)) continue
    // Of an older version; that it is one is told, and what it has not made yet is not there.
    if (isOutdated && (column === 'search_version' || (WITH_TERMS.has(column) && value === null)))
      continue
    differences.push(
      `certificates ${row.sha256}: ${column} is ${String(value)}, ${String(right[column])} by the log`,
    )
  }
  return differences
}

type Terms = CertificateEffect['terms']

interface ExpectedTerms {
  readonly terms: ReadonlyMap<number, Terms>
  /** Places whose terms are made again after the next start, whatever they are now. */
  readonly outdated: ReadonlySet<number>
}

/**
 * All terms of a certificate as one text, lengths first, so that no other rows make up the same: to read
 * them row by row costs as much as everything else about them.
 */
const TERMS_AS_TEXT = `SELECT idx, group_concat(length(kind) || ' ' || length(term) || ' ' || kind || term, '') AS terms
  FROM (SELECT idx, kind, term FROM search_terms WHERE idx >= ? AND idx < ? ORDER BY idx, kind, term)
  GROUP BY idx`

async function compareTerms(
  database: SqlDatabase,
  { from, to }: Stretch,
  { terms, outdated }: ExpectedTerms,
): Promise<string[]> {
  const differences: string[] = []
  const missing = new Set(terms.keys())
  const stored = await database.query<{ idx: number; terms: string }>(
    CompiledQuery.raw(TERMS_AS_TEXT, [from, to]),
  )
  for (const row of stored) {
    const right = terms.get(row.idx) ?? []
    missing.delete(row.idx)
    if (row.terms === asText(right) || outdated.has(row.idx)) continue
    differences.push(...(await differentTerms(database, row.idx, right)))
  }
  for (const idx of missing)
    for (const [kind, term] of terms.get(idx)!)
      differences.push(`search_terms ${kind} ${term} ${idx}: missing`)
  return differences
}

function asText(terms: Terms): string {
  const sorted = terms.map(([kind, term]) => ({ kind, term })).sort(inOrderOfIndex)
  let text = ''
  for (const { kind, term } of sorted) text += `${kind.length} ${lengthOf(term)} ${kind}${term}`
  return text
}

/** Where the index orders otherwise, by code points, the rows are looked at one by one. */
function inOrderOfIndex(
  a: { readonly kind: string; readonly term: string },
  b: { readonly kind: string; readonly term: string },
): number {
  if (a.kind !== b.kind) return a.kind < b.kind ? -1 : 1
  return a.term < b.term ? -1 : 1
}

/** In characters, as the engine counts. */
function lengthOf(text: string): number {
  let length = text.length
  for (let i = 0; i < text.length; i++) if ((text.charCodeAt(i) & 0xfc00) === 0xd800) length--
  return length
}

async function differentTerms(database: SqlDatabase, idx: number, terms: Terms): Promise<string[]> {
  const rows = await database.query(
    sql.selectFrom('search_terms').selectAll().where('idx', '=', idx).compile(),
  )
  const right = new Set(terms.map((term) => JSON.stringify(term)))
  const strays = rows.filter(({ kind, term }) => !right.delete(JSON.stringify([kind, term])))
  return [
    ...strays.map(({ kind, term }) => `search_terms ${kind} ${term} ${idx}: not in the log`),
    ...[...right].map((term) => `search_terms ${term} ${idx}: missing`),
  ]
}
