import type { ReconciliationRecord, ReconciliationStore } from '../exchange/reconciliation/store.ts'
import { reconciledRows } from './reconciled-rows.ts'
import { openChecks, verdictOf } from './reconciliation-checks.ts'
import type { SqlDatabase } from './sql-database.ts'
import { sql } from './tables.ts'

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

    async newest(maker, recipient, last) {
      let query = documents()
        .innerJoin('entries', 'entries.sha256', 'd.sha256')
        .where('maker', '=', maker)
        .where('recipient', '=', recipient)
        .orderBy('until', 'desc')
        .orderBy('entries.idx', 'desc')
        .limit(1)
      if (last !== undefined) query = query.where('until', '<=', last)
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

    ...openChecks(database),
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
