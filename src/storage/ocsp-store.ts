import { sql as raw } from 'kysely'
import {
  type HeldOcspResponse,
  isOutdone,
  type OcspStore,
  type StoredOcspResponse,
} from '../trust/ocsp-store.ts'
import { evidenceDigest } from '../trust/evidence-digest.ts'
import { changeWithActs } from './admin-acts.ts'
import type { SqlDatabase } from './sql-database.ts'
import { growTrustRevision, sql, type Tables } from './tables.ts'

const HELD = [
  'state',
  'ski',
  'serial',
  'status',
  'this_update',
  'next_update',
  'stored_at',
] as const

export function sqlOcspStore(database: SqlDatabase): OcspStore {
  const all = sql.selectFrom('ocsp_responses').selectAll()
  return {
    ocspResponses: async () => (await database.query(all.compile())).map(responseOf),

    async heldOcspResponses() {
      const rows = await database.query(sql.selectFrom('ocsp_responses').select(HELD).compile())
      return rows.map(heldOf)
    },

    async ocspResponse(state, serial) {
      const rows = await database.query(
        all.where('state', '=', state).where('serial', '=', serial).compile(),
      )
      return rows.map(responseOf)
    },

    async putOcspResponses(responses, acts = []) {
      const before = await this.heldOcspResponses()
      const newer = responses.filter((response) => {
        const held = before.find((other) => isSame(other, response))
        return !held || isOutdone(held, response)
      })
      if (newer.length === 0) return 0
      const steps = newer.flatMap((response) => {
        const row = rowOf(response)
        // Good ones come by the hour, and an earlier one in their place takes nothing back.
        if (row.status === 'good') return [upsert(row)]
        const held = before.find((other) => isSame(other, response))
        const isRepeated = held?.status === row.status
        return [upsert(row), tellKeptResponse(row, evidenceDigest(row.der), isRepeated)]
      })
      await changeWithActs(database, [...steps, growTrustRevision()], acts)
      return newer.length
    },
  }
}

function isSame(a: HeldOcspResponse, b: HeldOcspResponse): boolean {
  return a.state === b.state && a.ski === b.ski && a.serial === b.serial
}

/** Another process may have written meanwhile: the same condition once more. */
function upsert(row: Tables['ocsp_responses']) {
  return sql
    .insertInto('ocsp_responses')
    .values(row)
    .onConflict((conflict) =>
      conflict
        .columns(['state', 'ski', 'serial'])
        .doUpdateSet(row)
        .where(({ eb, and, or }) => {
          const isRevoked = eb('ocsp_responses.status', '=', 'revoked')
          if (row.status === 'revoked')
            return or([eb.not(isRevoked), eb('ocsp_responses.this_update', '<', row.this_update)])
          const sameSecond = eb('ocsp_responses.this_update', '=', row.this_update)
          const isGood = eb('ocsp_responses.status', '=', 'good')
          const newer = eb('ocsp_responses.this_update', '<', row.this_update)
          if (row.status === 'good') return and([newer, eb.not(isRevoked)])
          return or([and([newer, eb.not(isRevoked)]), and([sameSecond, isGood])])
        }),
    )
    .compile()
}

/**
 * Told of if it was kept: another process may have been faster with another. One that repeats what the one
 * before it says is not, if that one was.
 */
function tellKeptResponse(
  { state, ski, serial, der, status, stored_at: storedAt }: Tables['ocsp_responses'],
  sha256: string,
  isRepeated: boolean,
) {
  const isTold = raw<boolean>`${isRepeated ? 1 : 0} = 1 AND ${status} = (SELECT told.status
    FROM kept_evidence AS told
    WHERE told.state = ${state} AND told.ski = ${ski} AND told.serial = ${serial} ORDER BY n DESC LIMIT 1)`
  return sql
    .insertInto('kept_evidence')
    .columns(['state', 'ski', 'serial', 'status', 'this_update', 'sha256', 'stored_at'])
    .expression((eb) =>
      eb
        .selectFrom('ocsp_responses')
        .select(({ val }) => [
          'state',
          'ski',
          'serial',
          'status',
          'this_update',
          val(sha256).as('sha256'),
          'stored_at',
        ])
        .where('state', '=', state)
        .where('ski', '=', ski)
        .where('serial', '=', serial)
        .where('der', '=', der)
        .where('stored_at', '=', storedAt)
        .where(raw<boolean>`coalesce(${isTold}, 0) = 0`),
    )
    .onConflict((conflict) =>
      conflict.columns(['state', 'ski', 'serial', 'sha256', 'stored_at']).doNothing(),
    )
    .compile()
}

function rowOf(response: StoredOcspResponse): Tables['ocsp_responses'] {
  const { state, ski, serial, der, status, thisUpdate, nextUpdate, storedAt } = response
  const times = { this_update: thisUpdate, next_update: nextUpdate, stored_at: storedAt }
  return { state, ski, serial, der, status, ...times }
}

function responseOf(row: Tables['ocsp_responses']): StoredOcspResponse {
  return { ...heldOf(row), der: row.der }
}

function heldOf(row: Omit<Tables['ocsp_responses'], 'der'>) {
  const { state, ski, serial, status } = row
  const times = { thisUpdate: row.this_update, nextUpdate: row.next_update }
  return { state, ski, serial, status, ...times, storedAt: row.stored_at }
}
