import type { Selectable } from 'kysely'
import type { Client, ClientStore, TokenStore, UsedOnce } from '../http/stores.ts'
import { changeWithActs } from './admin-acts.ts'
import type { SqlDatabase } from './sql-database.ts'
import { sql, type Tables } from './tables.ts'

export function sqlClientStore(database: SqlDatabase): ClientStore {
  return {
    async find(id) {
      const [row] = await database.query(
        sql.selectFrom('clients').selectAll().where('id', '=', id).compile(),
      )
      return row && clientOf(row)
    },
    async all() {
      const rows = await database.query(
        sql.selectFrom('clients').selectAll().orderBy('id').compile(),
      )
      return rows.map(clientOf)
    },
    async register({ id, role, party, jwk, person }, at, acts = []) {
      const insert = sql.insertInto('clients').values({
        id,
        role,
        party,
        jwk: JSON.stringify(jwk),
        registered_at: at,
        disabled_at: null,
        person: person ?? null,
      })
      const result = await changeWithActs(database, [insert.compile()], acts)
      return result === 'done' ? 'registered' : 'exists'
    },
    async disable(id, at, acts = []) {
      const [known] = await database.query(
        sql.selectFrom('clients').select('id').where('id', '=', id).compile(),
      )
      // A client never goes away again: what was found is there when it is changed.
      if (!known) return 'unknown'
      const update = sql.updateTable('clients').set({ disabled_at: at }).where('id', '=', id)
      await changeWithActs(database, [update.compile()], acts)
      return 'disabled'
    },
  }
}

export function sqlTokenStore(database: SqlDatabase): TokenStore {
  return {
    async insert(sha256, client, expiresAt) {
      await database.query(
        sql.insertInto('access_tokens').values({ sha256, client, expires_at: expiresAt }).compile(),
      )
    },
    async clientOf(sha256, now) {
      const [row] = await database.query(
        sql
          .selectFrom('access_tokens')
          .innerJoin('clients', 'clients.id', 'access_tokens.client')
          .selectAll('clients')
          .where('sha256', '=', sha256)
          .where('expires_at', '>', now)
          .where('disabled_at', 'is', null)
          .compile(),
      )
      return row && clientOf(row)
    },
    async prune(now) {
      await database.query(sql.deleteFrom('access_tokens').where('expires_at', '<', now).compile())
    },
  }
}

export function sqlUsedOnce(database: SqlDatabase): UsedOnce {
  return {
    async insertOnce(scope, value, expiresAt) {
      const insert = sql.insertInto('used_once').values({ scope, value, expires_at: expiresAt })
      return (await database.atomic([insert.compile()])) === 'done' ? 'fresh' : 'replayed'
    },
    async prune(now) {
      await database.query(sql.deleteFrom('used_once').where('expires_at', '<', now).compile())
    },
  }
}

function clientOf(row: Selectable<Tables['clients']>): Client {
  return {
    id: row.id,
    role: row.role,
    party: row.party,
    jwk: JSON.parse(row.jwk) as Record<string, unknown>,
    person: row.person ?? undefined,
    disabledAt: row.disabled_at ?? undefined,
  }
}
