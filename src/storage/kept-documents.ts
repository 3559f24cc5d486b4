import { sql as raw } from 'kysely'
import type { KeptDocuments } from '../exchange/log/held-for-peer.ts'
import type { SqlDatabase } from './sql-database.ts'
import { sql } from './tables.ts'

interface Row {
  readonly sha256: string
  readonly jws: string
  readonly seq: number | null
  readonly arrived: 0 | 1
  readonly listed: 0 | 1
  readonly kind: string | null
}

export function sqlKeptDocuments(database: SqlDatabase): KeptDocuments {
  return {
    async between(state, sha256s) {
      const rows = await database.query(
        raw<Row>`SELECT d.sha256, d.jws,
            (SELECT seq FROM outgoing WHERE sha256 = d.sha256 AND recipient = ${state}) AS seq,
            EXISTS (SELECT 1 FROM inbox WHERE sha256 = d.sha256 AND sender = ${state}) AS arrived,
            EXISTS (SELECT 1 FROM trust_lists WHERE sha256 = d.sha256) AS listed,
            (SELECT kind FROM entries WHERE sha256 = d.sha256) AS kind
          FROM json_each(${JSON.stringify(sha256s)}) AS asked
          JOIN documents AS d ON d.sha256 = asked.value
          ORDER BY asked.key`.compile(sql),
      )
      return rows.map(({ sha256, jws, seq, arrived, listed, kind }) => ({
        sha256,
        jws,
        seq: seq ?? undefined,
        arrived: arrived === 1,
        isTrustList: listed === 1,
        isReceipt: kind === 'receipt',
      }))
    },
  }
}
