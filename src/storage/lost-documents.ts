import { type CompiledQuery, sql as raw } from 'kysely'
import {
  type LateReason,
  type LostCount,
  type LostDocuments,
  type LostEntry,
  lostListDigest,
  UNMIRRORED,
} from '../exchange/log/lost-documents.ts'
import { changeWithActs } from './admin-acts.ts'
import { sqlDisplaced } from './displaced.ts'
import { AWAITS_CHANGE, AWAITS_NUMBER, HAS_UNSETTLED, IS_LOST } from './lost-conditions.ts'
import { sqlLostChanges } from './lost-changes.ts'
import { sqlLostPlaces } from './lost-places.ts'
import type { SqlDatabase } from './sql-database.ts'
import { sql } from './tables.ts'

interface Row {
  readonly sha256: string
  readonly idx: number | null
  readonly kind: string
  readonly epoch: string
  readonly at: string | null
  readonly leaf: string | null
  readonly settled_at: string | null
  readonly late: LateReason | null
  readonly awaits_number: 0 | 1
  readonly awaits_change: 0 | 1
}

/** Stands before every place: what has none is listed first. */
const NOWHERE = -1

export function sqlLostDocuments(database: SqlDatabase): LostDocuments {
  return {
    ...sqlLostPlaces(database),
    ...sqlLostChanges(database),
    ...sqlDisplaced(database),

    async list(after, limit) {
      const { index, sha256 } = after ?? { index: NOWHERE, sha256: '' }
      const rows = await database.query(
        raw<Row>`SELECT l.sha256, l.idx, l.kind, l.epoch, e.at, e.leaf,
            max(coalesce(n.settled_at, c.settled_at), coalesce(c.settled_at, n.settled_at)) AS settled_at,
            (SELECT reason FROM late_documents AS late WHERE late.sha256 = l.sha256) AS late,
            ${AWAITS_NUMBER} AS awaits_number, ${AWAITS_CHANGE} AS awaits_change
          FROM lost_documents AS l
          LEFT JOIN entries AS e ON e.idx = l.idx
          LEFT JOIN lost_numbers AS n ON n.sha256 = l.sha256
          LEFT JOIN settled_changes AS c ON c.sha256 = l.sha256
          WHERE (coalesce(l.idx, ${NOWHERE}), l.sha256) > (${index}, ${sha256}) AND ${IS_LOST}
          ORDER BY coalesce(l.idx, ${NOWHERE}), l.sha256 LIMIT ${limit}`.compile(sql),
      )
      return rows.map(entryOf)
    },

    async count() {
      const [row] = await database.query(
        raw<LostCount>`SELECT
            coalesce(sum(l.kind <> 'administrative'), 0) AS documents,
            coalesce(sum(l.kind = 'administrative'), 0) AS administrative,
            coalesce(sum(${AWAITS_NUMBER}), 0) AS unsettled,
            coalesce(sum(${AWAITS_CHANGE}), 0) AS changes,
            coalesce(sum(EXISTS (SELECT 1 FROM late_documents AS late
              WHERE late.sha256 = l.sha256 AND late.reason = 'taken')), 0) AS taken
          FROM lost_documents AS l LEFT JOIN entries AS e ON e.idx = l.idx
          WHERE ${IS_LOST}`.compile(sql),
      )
      return row!
    },

    async numberState({ type, number }) {
      const [row] = await database.query(
        raw<{ used: 0 | 1; unsettled: 0 | 1 }>`SELECT
            EXISTS (SELECT 1 FROM lost_numbers WHERE type = ${type} AND folded_number = ${number}) AS used,
            ${HAS_UNSETTLED} AS unsettled`.compile(sql),
      )
      if (row?.used) return 'used'
      return row?.unsettled ? 'unsettled' : 'free'
    },

    async settle({ sha256, id }, at, acts) {
      const [row] = await database.query(
        raw<{ settled: 0 | 1 }>`SELECT
            EXISTS (SELECT 1 FROM lost_numbers AS n WHERE n.sha256 = l.sha256) AS settled
          FROM lost_documents AS l
          WHERE l.sha256 = ${sha256} AND ${IS_LOST}
            AND l.kind IN ('certificate', ${id ? null : UNMIRRORED})`.compile(sql),
      )
      if (!row) return 'not-lost'
      if (row.settled) return 'settled-before'
      const { type = null, number = null } = id ?? {}
      const insert = sql
        .insertInto('lost_numbers')
        .values({ sha256, type, folded_number: number, settled_at: at })
      const done = await changeWithActs(database, [insert.compile()], acts)
      return done === 'done' ? 'settled' : 'settled-before'
    },
  }
}

function entryOf(row: Row): LostEntry {
  const { sha256, idx, kind, epoch, at, leaf, settled_at: settledAt, late } = row
  const { awaits_number: number, awaits_change: change } = row
  return {
    sha256,
    index: idx ?? undefined,
    kind,
    at: at ?? undefined,
    to: recipientsOf(leaf),
    epoch,
    settledAt: settledAt ?? undefined,
    late: late ?? undefined,
    awaits: [...(number ? (['number'] as const) : []), ...(change ? (['change'] as const) : [])],
  }
}

function recipientsOf(leaf: string | null): LostEntry['to'] {
  return leaf === null ? {} : (JSON.parse(leaf) as Pick<LostEntry, 'to'>).to
}

/** Entries without bytes or, administrative ones, without records; and refused documents, which no log has. */
const WITHOUT_BYTES = raw`SELECT sha256, idx, kind FROM entries AS e
    WHERE CASE kind
      WHEN 'administrative' THEN NOT EXISTS (SELECT 1 FROM administrative_records AS a WHERE a.idx = e.idx)
      ELSE NOT EXISTS (SELECT 1 FROM documents AS d WHERE d.sha256 = e.sha256) END
  UNION SELECT sha256, NULL, 'refused' FROM decisions AS d
    WHERE NOT EXISTS (SELECT 1 FROM documents WHERE documents.sha256 = d.sha256)
      AND NOT EXISTS (SELECT 1 FROM entries WHERE entries.sha256 = d.sha256)`

/**
 * Lists all that is not here; what was listed before stays so. `end`: digest of a checkpoint that this log
 * has signed over entries that nobody had.
 */
export function listLost(epoch: string, end?: string): CompiledQuery[] {
  return [
    ...(end === undefined
      ? []
      : [
          sql
            .insertInto('lost_documents')
            .values({ sha256: end, idx: null, kind: UNMIRRORED, epoch })
            .onConflict((conflict) => conflict.doNothing())
            .compile(),
        ]),
    raw`INSERT INTO lost_documents (sha256, idx, kind, epoch)
      SELECT sha256, idx, kind, ${epoch} FROM (${WITHOUT_BYTES}) WHERE true
      ON CONFLICT DO NOTHING`.compile(sql),
  ]
}

/** Lists those as well that `rewriteProjections` has left without effect: their place is another's. */
export function listWithoutEffect(epoch: string): CompiledQuery {
  return raw`INSERT INTO lost_documents (sha256, idx, kind, epoch)
    SELECT sha256, idx, kind, ${epoch} FROM entries WHERE sha256 IN (SELECT sha256 FROM late_documents)
    ON CONFLICT DO NOTHING`.compile(sql)
}

/** The documents that `listLost` would list and that are not listed yet: how many, and the first of them. */
export async function wouldBeLost(
  database: SqlDatabase,
  limit: number,
): Promise<{
  readonly documents: number
  readonly entries: Pick<LostEntry, 'index' | 'kind' | 'sha256' | 'to'>[]
}> {
  const losing = raw`FROM (${WITHOUT_BYTES}) AS l WHERE l.kind <> 'administrative'
    AND NOT EXISTS (SELECT 1 FROM lost_documents AS listed WHERE listed.sha256 = l.sha256)`
  const [count] = await database.query(
    raw<{ n: number }>`SELECT count(*) AS n ${losing}`.compile(sql),
  )
  const rows = await database.query(
    raw<Pick<Row, 'sha256' | 'idx' | 'kind' | 'leaf'>>`SELECT l.sha256, l.idx, l.kind,
        (SELECT leaf FROM entries WHERE entries.idx = l.idx) AS leaf
      ${losing} ORDER BY l.idx, l.sha256 LIMIT ${limit}`.compile(sql),
  )
  const entries = rows.map(({ sha256, idx, kind, leaf }) => ({
    sha256,
    index: idx ?? undefined,
    kind,
    to: recipientsOf(leaf),
  }))
  return { documents: count?.n ?? 0, entries }
}

/** The list that one restore made, as its act tells of it. */
export async function lostListOf(
  database: SqlDatabase,
  epoch: string,
): Promise<{ readonly count: number; readonly sha256: string }> {
  const rows = await database.query(
    sql
      .selectFrom('lost_documents')
      .select(['sha256', 'idx', 'kind'])
      .where('epoch', '=', epoch)
      .compile(),
  )
  return { count: rows.length, sha256: await lostListDigest(rows) }
}
