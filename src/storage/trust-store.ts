import { evidenceDigest } from '../trust/evidence-digest.ts'
import { withdrawnSince } from '../trust/root-withdrawal.ts'
import type { TrustStore } from '../trust/trust-store.ts'
import { changeWithActs } from './admin-acts.ts'
import { sqlOcspStore } from './ocsp-store.ts'
import type { SqlDatabase } from './sql-database.ts'
import { growTrustRevision, insertOf, sql } from './tables.ts'
import { sqlTrustDecisions } from './trust-decisions.ts'

/** Asked before every validation. */
const REVISION = sql.selectFrom('node').select('trust_revision').compile()

export function sqlTrustStore(database: SqlDatabase): TrustStore {
  return {
    ...sqlTrustDecisions(database),
    ...sqlOcspStore(database),

    async pins() {
      const [rows, withdrawals] = await Promise.all([
        database.query(sql.selectFrom('trust_pins').selectAll().compile()),
        database.query(
          sql
            .selectFrom('trust_approvals')
            .select(['state', 'subject'])
            .where('kind', '=', 'root-withdrawn')
            .compile(),
        ),
      ])
      return rows.map(({ state, root_sha256: rootSha256, pinned_at: pinnedAt }) => {
        const withdrawnFrom = withdrawnSince({ state, rootSha256 }, withdrawals)
        return { state, rootSha256, pinnedAt, ...(withdrawnFrom && { withdrawnFrom }) }
      })
    },

    newest: () =>
      database.query(
        sql
          .selectFrom('trust_lists')
          .innerJoin('documents', 'documents.sha256', 'trust_lists.sha256')
          .select([
            'trust_lists.state',
            'trust_lists.version',
            'trust_lists.sha256',
            'documents.jws',
          ])
          .where(({ eb, selectFrom }) =>
            eb(
              'trust_lists.version',
              '=',
              selectFrom('trust_lists as newer')
                .select(({ fn }) => fn.max('newer.version').as('version'))
                .whereRef('newer.state', '=', 'trust_lists.state'),
            ),
          )
          .compile(),
      ),

    async version(state, version) {
      const [row] = await database.query(
        sql
          .selectFrom('trust_lists')
          .innerJoin('documents', 'documents.sha256', 'trust_lists.sha256')
          .select('documents.jws')
          .where('state', '=', state)
          .where('version', '=', version)
          .compile(),
      )
      return row?.jws
    },

    versions: (state) =>
      database.query(
        sql
          .selectFrom('trust_lists')
          .select(['version', 'sha256'])
          .where('state', '=', state)
          .orderBy('version')
          .compile(),
      ),

    async accepted() {
      const rows = await database.query(
        sql
          .selectFrom('trust_lists')
          .leftJoin('trust_list_delays', 'trust_list_delays.sha256', 'trust_lists.sha256')
          .leftJoin('entries', 'entries.sha256', 'trust_lists.sha256')
          .select([
            'trust_lists.state',
            'trust_lists.version',
            'trust_lists.sha256',
            'trust_list_delays.additions_from',
            'entries.at',
          ])
          .orderBy('trust_lists.state')
          .orderBy('trust_lists.version')
          .compile(),
      )
      return rows.map(({ additions_from, at, ...row }) => ({
        ...row,
        acceptedAt: at ?? undefined,
        additionsFrom: additions_from ?? undefined,
      }))
    },

    async crls() {
      const rows = await database.query(sql.selectFrom('crls').selectAll().compile())
      return rows.map(crlOf)
    },

    async crl(state, ski) {
      const [row] = await database.query(
        sql
          .selectFrom('crls')
          .selectAll()
          .where('state', '=', state)
          .where('ski', '=', ski)
          .compile(),
      )
      return row && crlOf(row)
    },

    async putCrl({ state, ski, der, number, thisUpdate, nextUpdate }, storedAt, acts = []) {
      const row = {
        state,
        ski,
        der,
        number,
        this_update: thisUpdate,
        next_update: nextUpdate,
        stored_at: storedAt,
      }
      const kept = async () => {
        const [crl] = await database.query(
          sql
            .selectFrom('crls')
            .select(['number', 'der'])
            .where('state', '=', state)
            .where('ski', '=', ski)
            .compile(),
        )
        return crl
      }
      const before = await kept()
      if (before && before.number >= number) return 'not-newer'
      const upsert = sql
        .insertInto('crls')
        .values(row)
        .onConflict((conflict) =>
          conflict.columns(['state', 'ski']).doUpdateSet(row).where('crls.number', '<', number),
        )
      // Collides when another process kept a newer one meanwhile: then nobody has published this one.
      const overtaken = sql
        .insertInto('crls')
        .expression((eb) =>
          eb
            .selectFrom('crls')
            .selectAll()
            .where('state', '=', state)
            .where('ski', '=', ski)
            .where('number', '>=', number),
        )
      const told = tellKept({ ...row, sha256: evidenceDigest(der) })
      const change = [overtaken.compile(), upsert.compile(), told, growTrustRevision()]
      await changeWithActs(database, change, acts)
      return (await kept())?.der === der ? 'stored' : 'not-newer'
    },

    async revision() {
      const [row] = await database.query(REVISION)
      return row?.trust_revision ?? 0
    },
  }
}

const tellKept = insertOf('kept_evidence', [
  'state',
  'ski',
  'number',
  'this_update',
  'sha256',
  'stored_at',
])

function crlOf(row: {
  ski: string
  state: string
  der: string
  number: string
  this_update: string
  next_update: string
  stored_at: string
}) {
  return {
    ski: row.ski,
    state: row.state,
    der: row.der,
    number: row.number,
    thisUpdate: row.this_update,
    nextUpdate: row.next_update,
    storedAt: row.stored_at,
  }
}
