import type { Insertable, Selectable } from 'kysely'
import type { PeerContact, PeerStore } from '../exchange/delivery/peer-store.ts'
import type { SqlDatabase } from './sql-database.ts'
import { sql, type Tables } from './tables.ts'

const UNKNOWN: Omit<Selectable<Tables['peers']>, 'state'> = {
  attempts: 0,
  next_attempt_at: null,
  last_error: null,
  last_sent_at: null,
  first_heard_at: null,
  last_heard_at: null,
  complete_at: null,
  trust_checked_at: null,
  feed_epoch: null,
  feed_seq: 0,
  clock_ahead_ms: null,
}

export function sqlPeerStore(database: SqlDatabase): PeerStore {
  const upsert = (state: string, set: Partial<Insertable<Tables['peers']>>) =>
    database.query(
      sql
        .insertInto('peers')
        .values({ ...UNKNOWN, state, ...set })
        .onConflict((conflict) => conflict.column('state').doUpdateSet(set))
        .compile(),
    )
  const firstHeard = (state: string, at: string) =>
    database.query(
      sql
        .updateTable('peers')
        .set({ first_heard_at: at })
        .where('state', '=', state)
        .where('first_heard_at', 'is', null)
        .compile(),
    )
  return {
    async find(state) {
      const [row] = await database.query(
        sql.selectFrom('peers').selectAll().where('state', '=', state).compile(),
      )
      return contactOf(row ?? { ...UNKNOWN, state })
    },
    async all() {
      return (
        await database.query(sql.selectFrom('peers').selectAll().orderBy('state').compile())
      ).map(contactOf)
    },
    async sendFailed(state, { attempts, nextAttemptAt, error }) {
      await upsert(state, { attempts, next_attempt_at: nextAttemptAt, last_error: error })
    },
    async sendSucceeded(state, at) {
      await upsert(state, {
        attempts: 0,
        next_attempt_at: null,
        last_error: null,
        last_sent_at: at,
      })
    },
    async clockSeen(state, aheadMs) {
      await upsert(state, { clock_ahead_ms: aheadMs })
    },
    async trustChecked(state, at) {
      await upsert(state, { trust_checked_at: at })
    },
    async heard(state, at, complete) {
      // Who calls is up and knows us: no reason to hold back any longer what waits for it.
      const recovered = { attempts: 0, next_attempt_at: null, last_error: null }
      await upsert(state, { last_heard_at: at, ...(complete && { complete_at: at }), ...recovered })
      await firstHeard(state, at)
    },
    async called(state, at) {
      await upsert(state, { last_heard_at: at })
      await firstHeard(state, at)
    },
    async startFeed(state, { epoch, seq }) {
      await upsert(state, { feed_epoch: epoch, feed_seq: seq })
    },
    async advanceFeed(state, { epoch, seq }) {
      await database.query(
        sql
          .updateTable('peers')
          .set({ feed_seq: seq })
          .where('state', '=', state)
          .where('feed_epoch', '=', epoch)
          .where('feed_seq', '<', seq)
          .compile(),
      )
    },
  }
}

function contactOf(row: Selectable<Tables['peers']>): PeerContact {
  return {
    state: row.state,
    attempts: row.attempts,
    nextAttemptAt: row.next_attempt_at ?? undefined,
    lastError: row.last_error ?? undefined,
    lastSentAt: row.last_sent_at ?? undefined,
    firstHeardAt: row.first_heard_at ?? undefined,
    lastHeardAt: row.last_heard_at ?? undefined,
    completeAt: row.complete_at ?? undefined,
    trustCheckedAt: row.trust_checked_at ?? undefined,
    clockAheadMs: row.clock_ahead_ms ?? undefined,
    feed: row.feed_epoch === null ? undefined : { epoch: row.feed_epoch, seq: row.feed_seq },
  }
}
