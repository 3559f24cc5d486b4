import { type Selectable, sql as raw } from 'kysely'
import type {
  Difference,
  OpenCheck,
  ReconciliationStore,
  StoredVerdict,
  VERDICT_REASONS,
} from '../exchange/reconciliation/store.ts'
import type { SqlDatabase } from './sql-database.ts'
import { sql, type Tables } from './tables.ts'

/** What stands open of the documents of peers: each view is compared by one process at a time. */
export function openChecks(
  database: SqlDatabase,
): Pick<
  ReconciliationStore,
  'due' | 'open' | 'unsettledDocuments' | 'claim' | 'begin' | 'settle' | 'closeContradictions'
> {
  return {
    due: (peer, at, limit) =>
      database.query(
        sql
          .selectFrom('reconciliation_checks')
          .select(['sha256', 'view', 'peer', 'since', 'checks'])
          .where('peer', '=', peer)
          .where('next_at', '<=', at)
          .orderBy('checks')
          .orderBy('next_at')
          .limit(limit)
          .compile(),
      ),

    async open(peer, limit) {
      const rows = await database.query(
        sql
          .selectFrom('reconciliation_checks as c')
          .leftJoin('reconciliation_verdicts as v', (join) =>
            join.on('v.n', '=', ({ selectFrom }) =>
              selectFrom('reconciliation_verdicts as last')
                .select(({ fn }) => fn.max('last.n').as('n'))
                .whereRef('last.sha256', '=', 'c.sha256')
                .whereRef('last.view', '=', 'c.view'),
            ),
          )
          .selectAll('v')
          .select(['c.sha256', 'c.view', 'c.peer', 'c.since', 'c.checks'])
          .where('c.peer', '=', peer)
          .orderBy(raw`v.outcome IS 'differs'`, 'desc')
          .orderBy('c.since')
          .limit(limit)
          .compile(),
      )
      return rows.map(({ sha256, view, peer: of, since, checks, ...found }) => {
        const { n, at, outcome, reason, differences, complete } = found
        const verdict =
          n === null
            ? undefined
            : verdictOf({
                n,
                sha256,
                view,
                at: at!,
                outcome: outcome!,
                reason: reason!,
                differences: differences!,
                complete: complete!,
              })
        return { sha256, view, peer: of, since, checks, verdict }
      })
    },

    async unsettledDocuments(peer) {
      const [row] = await database.query(
        sql
          .selectFrom('reconciliation_checks')
          .select(({ fn }) => fn.count<number>('sha256').distinct().as('documents'))
          .where('peer', '=', peer)
          .where('checks', '>', 0)
          .compile(),
      )
      return row?.documents ?? 0
    },

    async claim(check, nextAt) {
      const checks = check.checks + 1
      const claimed = await database.query(
        ofCheck(sql.updateTable('reconciliation_checks').set({ checks, next_at: nextAt }), check)
          .returning('sha256')
          .compile(),
      )
      return claimed.length > 0 ? { ...check, checks } : undefined
    },

    async begin({ sha256, view, peer }, { after, upTo: up_to, first }) {
      await database.atomic([
        raw`UPDATE reconciliation_checks SET compared_after = min(${after}, coalesce(
            (SELECT up_to FROM reconciled_up_to WHERE peer = ${peer} AND view = ${view}), ${first}))
          WHERE sha256 = ${sha256} AND view = ${view} AND compared_after IS NULL`.compile(sql),
        sql
          .insertInto('reconciled_up_to')
          .values({ peer, view, up_to })
          .onConflict((conflict) =>
            conflict
              .columns(['peer', 'view'])
              .doUpdateSet({ up_to: raw`max(up_to, excluded.up_to)` }),
          )
          .compile(),
      ])
      const [row] = await database.query(
        sql
          .selectFrom('reconciliation_checks')
          .select('compared_after')
          .where('sha256', '=', sha256)
          .where('view', '=', view)
          .compile(),
      )
      return row?.compared_after ?? after
    },

    async settle(check, { verdict, agrees, comparedUpTo }) {
      if (verdict && !(await insertVerdict(database, check, verdict))) return false
      const compared_after = comparedUpTo ?? raw<number | null>`compared_after`
      const change = agrees
        ? ofCheck(sql.deleteFrom('reconciliation_checks'), check).returning('sha256').compile()
        : ofCheck(sql.updateTable('reconciliation_checks').set({ compared_after }), check)
            .returning('sha256')
            .compile()
      return (await database.query(change)).length > 0
    },

    async closeContradictions(peer, view, before) {
      const contradicted = sql
        .selectFrom('reconciliation_verdicts as v')
        .innerJoin('reconciliations as d', 'd.sha256', 'v.sha256')
        .select('v.sha256')
        .where('d.maker', '=', peer)
        .where('d.until', '<', before)
        .where('v.view', '=', view)
        .where('v.outcome', '=', 'differs')
        .where('v.differences', '=', '[]')
        .where('v.complete', '=', 1)
        .where(({ eb, selectFrom }) =>
          eb(
            'v.n',
            '=',
            selectFrom('reconciliation_verdicts as newer')
              .select(({ fn }) => fn.max('newer.n').as('n'))
              .whereRef('newer.sha256', '=', 'v.sha256')
              .whereRef('newer.view', '=', 'v.view'),
          ),
        )
      await database.query(
        sql
          .deleteFrom('reconciliation_checks')
          .where('peer', '=', peer)
          .where('view', '=', view)
          .where('sha256', 'in', contradicted)
          .compile(),
      )
    },
  }
}

/** As its process has claimed it, and no other since. */
function ofCheck<
  Q extends { where(column: 'sha256' | 'view' | 'checks', op: '=', value: string | number): Q },
>(query: Q, { sha256, view, checks }: OpenCheck): Q {
  return query.where('sha256', '=', sha256).where('view', '=', view).where('checks', '=', checks)
}

/** False: another process has claimed the check since. */
async function insertVerdict(
  database: SqlDatabase,
  { sha256, view, checks }: OpenCheck,
  { at, outcome, reason, differences, complete }: StoredVerdict,
): Promise<boolean> {
  const inserted = await database.query(
    raw`INSERT INTO reconciliation_verdicts (sha256, view, at, outcome, reason, differences, complete)
      SELECT sha256, view, ${at}, ${outcome}, ${reason}, ${JSON.stringify(differences)}, ${complete ? 1 : 0}
      FROM reconciliation_checks WHERE sha256 = ${sha256} AND view = ${view} AND checks = ${checks}
      RETURNING n`.compile(sql),
  )
  return inserted.length > 0
}

export function verdictOf(row: Selectable<Tables['reconciliation_verdicts']>): StoredVerdict {
  return {
    view: row.view,
    at: row.at,
    outcome: row.outcome,
    reason: row.reason as (typeof VERDICT_REASONS)[number],
    differences: JSON.parse(row.differences) as Difference[],
    complete: row.complete === 1,
  }
}
