import type { Selectable } from 'kysely'
import type {
  Difference,
  ReconciliationRecord,
  ReconciliationStore,
  StoredVerdict,
  VERDICT_REASONS,
} from '../exchange/reconciliation/store.ts'
import { reconciledRows } from './reconciled-rows.ts'
import type { SqlDatabase } from './sql-database.ts'
import { sql, type Tables } from './tables.ts'

/** Reconciliation documents of both sides and what comparing them came to, over SQL. */
export function sqlReconciliationStore(database: SqlDatabase): ReconciliationStore {
  const lastVerdict: ReconciliationStore['lastVerdict'] = async (sha256, view) => {
    const query = verdictsOf(sha256).where('view', '=', view).orderBy('n', 'desc').limit(1)
    const [row] = await database.query(query.compile())
    return row && verdictOf(row)
  }

  return {
    ...reconciledRows(database),
    lastVerdict,

    async find(sha256) {
      return (await database.query(documents().where('d.sha256', '=', sha256).compile()))[0]
    },

    async newest(maker, recipient) {
      const query = documents()
        .innerJoin('entries', 'entries.sha256', 'd.sha256')
        .where('maker', '=', maker)
        .where('recipient', '=', recipient)
        .orderBy('until', 'desc')
        .orderBy('entries.idx', 'desc')
        .limit(1)
      return (await database.query(query.compile()))[0]
    },

    async first(maker, recipient) {
      const query = documents()
        .innerJoin('entries', 'entries.sha256', 'd.sha256')
        .where('maker', '=', maker)
        .where('recipient', '=', recipient)
        .orderBy('entries.idx')
        .limit(1)
      return (await database.query(query.compile()))[0]
    },

    endingAt: (maker, recipient, until) =>
      database.query(
        sql
          .selectFrom('reconciliations')
          .selectAll()
          .where('maker', '=', maker)
          .where('recipient', '=', recipient)
          .where('until', '=', until)
          .compile(),
      ),

    async list(peer, { after, limit }) {
      let query = documents()
        .where((eb) => eb.or([eb('maker', '=', peer), eb('recipient', '=', peer)]))
        .orderBy('until', 'desc')
        .orderBy('d.sha256')
        .limit(limit)
      if (after !== undefined)
        query = query.where(({ eb, selectFrom }) => {
          const until = selectFrom('reconciliations as last')
            .select('last.until')
            .where('last.sha256', '=', after)
          return eb.or([
            eb('until', '<', until),
            eb.and([eb('until', '=', until), eb('d.sha256', '>', after)]),
          ])
        })
      const found = await database.query(query.compile())
      return Promise.all(
        found.map(async (document) => {
          const rows = await database.query(
            verdictsOf(document.sha256)
              .where('n', 'in', (eb) =>
                eb
                  .selectFrom('reconciliation_verdicts')
                  .select(({ fn }) => fn.max('n').as('n'))
                  .where('sha256', '=', document.sha256)
                  .groupBy('view'),
              )
              .orderBy('n')
              .compile(),
          )
          return { ...document, verdicts: rows.map(verdictOf) }
        }),
      )
    },

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

    async open(limit) {
      const checks = await database.query(
        sql
          .selectFrom('reconciliation_checks')
          .select(['sha256', 'view', 'peer', 'since', 'checks'])
          .orderBy('peer')
          .orderBy('since')
          .limit(limit)
          .compile(),
      )
      return Promise.all(
        checks.map(async (check) => ({
          ...check,
          verdict: await lastVerdict(check.sha256, check.view),
        })),
      )
    },

    async closeContradictions(peer, view, before) {
      const contradicted = sql
        .selectFrom('reconciliation_verdicts as v')
        .innerJoin('reconciliations as d', 'd.sha256', 'v.sha256')
        .select('v.sha256')
        .where('d.maker', '=', peer)
        .where('d.until', '<', before)
        .where('v.view', '=', view)
        .where('v.reason', 'in', ['not-continued', 'answers-contradict-document'])
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

    async settle({ sha256, view, checks }, { verdict, nextAt }) {
      const statements = verdict ? [verdictStatement(sha256, verdict)] : []
      const next =
        nextAt === undefined
          ? sql
              .deleteFrom('reconciliation_checks')
              .where('sha256', '=', sha256)
              .where('view', '=', view)
              .compile()
          : sql
              .updateTable('reconciliation_checks')
              .set({ checks: checks + 1, next_at: nextAt })
              .where('sha256', '=', sha256)
              .where('view', '=', view)
              .compile()
      await database.atomic([...statements, next])
    },
  }
}

export function reconciliationStatement(record: ReconciliationRecord) {
  return sql.insertInto('reconciliations').values(record).compile()
}

function documents() {
  return sql
    .selectFrom('reconciliations as d')
    .innerJoin('documents', 'documents.sha256', 'd.sha256')
    .select(['d.sha256', 'd.maker', 'd.recipient', 'd.epoch', 'd.until', 'documents.jws'])
}

function verdictsOf(sha256: string) {
  return sql.selectFrom('reconciliation_verdicts').selectAll().where('sha256', '=', sha256)
}

function verdictStatement(sha256: string, verdict: StoredVerdict) {
  const { view, at, outcome, reason, differences, complete } = verdict
  return sql
    .insertInto('reconciliation_verdicts')
    .values({
      sha256,
      view,
      at,
      outcome,
      reason,
      differences: JSON.stringify(differences),
      complete: complete ? 1 : 0,
    })
    .compile()
}

function verdictOf(row: Selectable<Tables['reconciliation_verdicts']>): StoredVerdict {
  return {
    view: row.view,
    at: row.at,
    outcome: row.outcome,
    reason: row.reason as (typeof VERDICT_REASONS)[number],
    differences: JSON.parse(row.differences) as Difference[],
    complete: row.complete === 1,
  }
}
