import type { RevocationFetches } from '../exchange/keep-trust/revocation-fetches.ts'
import type { SqlDatabase } from './sql-database.ts'
import { sql, type Tables } from './tables.ts'

export function sqlRevocationFetches(database: SqlDatabase): RevocationFetches {
  return {
    async all() {
      const rows = await database.query(
        sql.selectFrom('revocation_fetches').selectAll().orderBy('url').compile(),
      )
      return rows.map((row) => ({
        url: row.url,
        state: row.state,
        succeededAt: row.succeeded_at ?? undefined,
        failedAt: row.failed_at ?? undefined,
        failure: row.failure ?? undefined,
        attempts: row.attempts,
        nextAttemptAt: row.next_attempt_at ?? undefined,
      }))
    },

    async succeeded(state, urls, at) {
      if (urls.length === 0) return
      const row = { state, succeeded_at: at, attempts: 0, next_attempt_at: null }
      await database.atomic(
        urls.map((url) => upsert({ url, failed_at: null, failure: null, ...row }, row)),
      )
    },

    async failed(state, url, { at, failure, nextAttemptAt = null }) {
      const row = { state, failed_at: at, failure, next_attempt_at: nextAttemptAt }
      await database.atomic([upsert({ url, succeeded_at: null, attempts: 1, ...row }, row, 1)])
    },

    async prune(before) {
      const forgotten = sql
        .deleteFrom('revocation_fetches')
        .where(({ eb, and, or }) =>
          and([
            or([eb('succeeded_at', 'is', null), eb('succeeded_at', '<', before)]),
            or([eb('failed_at', 'is', null), eb('failed_at', '<', before)]),
          ]),
        )
      await database.atomic([forgotten.compile()])
    },
  }
}

/** What is not in `change` stays as it was: the last success beside a later failure. */
function upsert(
  row: Tables['revocation_fetches'],
  change: Partial<Tables['revocation_fetches']>,
  moreAttempts = 0,
) {
  return sql
    .insertInto('revocation_fetches')
    .values(row)
    .onConflict((conflict) =>
      conflict.column('url').doUpdateSet(({ eb }) => ({
        ...change,
        ...(moreAttempts > 0 && {
          attempts: eb('revocation_fetches.attempts', '+', moreAttempts),
        }),
      })),
    )
    .compile()
}
