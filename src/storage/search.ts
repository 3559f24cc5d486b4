import { type CompiledQuery, type RawBuilder, type Selectable, sql as raw } from 'kysely'
import { SEARCH_VERSION } from '../certificate/search-terms.ts'
import type { SearchIndex } from '../exchange/search/search-index.ts'
import { certificateOf } from './certificate-store.ts'
import { searchTermsStatement } from './rows.ts'
import { type Condition, conditionsOf } from './search-conditions.ts'
import type { SqlDatabase } from './sql-database.ts'
import { sql, type Tables } from './tables.ts'

/** Of so many certificates a list is gathered and sorted; of more the newest are looked through. */
const FEW = 4096
/** Places of the log looked through by one statement: nobody else's waits for longer. */
const STRETCH = 8192

/**
 * Search over SQL. A question is answered from the condition that fewest certificates satisfy, or, when
 * many satisfy each, by looking through the log from its end until the page is full.
 *
 * `pause`, where statements block the process: lets the others go on between two of them.
 */
export function sqlSearchIndex(
  database: SqlDatabase,
  pause: () => Promise<unknown> = () => Promise.resolve(),
): SearchIndex {
  return {
    async find(asked, visibility, { before, limit }) {
      const conditions = conditionsOf(asked, visibility)
      const { rarest, size } = await survey(database, conditions)
      if (rarest) {
        const gathered = gatheredQuery(conditions, rarest, { before, limit })
        return (await database.query(gathered)).map(certificateOf)
      }
      const found: Row[] = []
      for (let end = before ?? size; end > 0 && found.length < limit; end -= STRETCH) {
        if (end !== (before ?? size)) await pause()
        const stretch = { end, limit: limit - found.length }
        found.push(...(await database.query(stretchQuery(conditions, stretch))))
      }
      return found.map(certificateOf)
    },

    outdated(limit) {
      return database.query(
        sql
          .selectFrom('certificates')
          .select(['idx', 'sha256'])
          .where('search_version', '<', SEARCH_VERSION)
          .orderBy('search_version')
          .orderBy('idx')
          .limit(limit)
          .compile(),
      )
    },

    async rewrite(certificates) {
      const statements = certificates.flatMap(({ idx, terms, signature: { seal, signedAt } }) => [
        sql.deleteFrom('search_terms').where('idx', '=', idx).compile(),
        searchTermsStatement(terms, idx),
        sql
          .updateTable('certificates')
          .set({
            search_version: SEARCH_VERSION,
            seal: seal ?? null,
            signed_at: signedAt ?? null,
          })
          .where('idx', '=', idx)
          .compile(),
      ])
      await database.atomic(statements)
    },
  }
}

/**
 * The condition that fewest certificates satisfy, if they are few: none is counted any further. And the
 * length of the log. As columns, because D1 joins no more than five SELECTs by UNION.
 */
async function survey(
  database: SqlDatabase,
  conditions: readonly Condition[],
): Promise<{ rarest: Condition | undefined; size: number }> {
  const listed = conditions.filter(({ source }) => source)
  const counts = listed.map(
    ({ source }, i) =>
      raw`, (SELECT count(*) FROM (${source} LIMIT ${raw.lit(FEW)})) AS ${raw.ref(`n${i}`)}`,
  )
  const [row] = await database.query(
    raw<Record<string, number>>`SELECT
      coalesce((SELECT max(idx) + 1 FROM certificates), 0) AS size ${raw.join(counts, raw``)}`.compile(
      sql,
    ),
  )
  const counted = listed.map((rarest, i) => ({ rarest, n: row![`n${i}`]! }))
  const fewest = counted.toSorted((a, b) => a.n - b.n)[0]
  return { rarest: fewest && fewest.n < FEW ? fewest.rarest : undefined, size: row!['size']! }
}

type Row = Selectable<Tables['certificates']>

function gatheredQuery(
  conditions: readonly Condition[],
  rarest: Condition,
  { before, limit }: { readonly before: number | undefined; readonly limit: number },
): CompiledQuery<Row> {
  const checks = conditions.filter((condition) => condition !== rarest).map(({ check }) => check)
  if (before !== undefined) checks.push(raw`+c.idx < ${before}`)
  return newestFirst([raw`c.idx IN (${rarest.source})`, ...checks], limit)
}

function stretchQuery(
  conditions: readonly Condition[],
  { end, limit }: { readonly end: number; readonly limit: number },
): CompiledQuery<Row> {
  const within = raw`c.idx < ${end} AND c.idx >= ${end - STRETCH}`
  return newestFirst([within, ...conditions.map(({ check }) => check)], limit)
}

function newestFirst(checks: readonly RawBuilder<unknown>[], limit: number): CompiledQuery<Row> {
  return raw<Row>`
    SELECT c.* FROM certificates AS c INDEXED BY certificates_by_idx
    WHERE ${raw.join(checks, raw` AND `)} ORDER BY c.idx DESC LIMIT ${limit}`.compile(sql)
}
