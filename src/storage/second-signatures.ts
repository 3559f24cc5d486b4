import { sql as raw } from 'kysely'
import type {
  AttestationRecord,
  SecondSignatureStore,
  StoredStatement,
} from '../exchange/second-signatures/store.ts'
import type { SqlDatabase } from './sql-database.ts'
import { sql } from './tables.ts'

type StatementTable = 'second_signatures' | 'attestations'

export function attestationRow({ target, n, sha256, issuer, verifiedAt }: AttestationRecord) {
  return { target, n, sha256, issuer, verified_at: verifiedAt }
}

export function sqlSecondSignatureStore(database: SqlDatabase): SecondSignatureStore {
  function statementsOf(table: StatementTable, target: string): Promise<StoredStatement[]> {
    return database.query(
      sql
        .selectFrom(table)
        .innerJoin('documents', 'documents.sha256', `${table}.sha256`)
        .innerJoin('entries', 'entries.sha256', `${table}.sha256`)
        .select([`${table}.sha256`, 'documents.jws', 'entries.at'])
        .where('target', '=', target)
        .orderBy('n')
        .compile(),
    )
  }

  return {
    of: (certificate) => statementsOf('second_signatures', certificate),
    attestations: (secondSignature) => statementsOf('attestations', secondSignature),
    lastAttestations: (secondSignature, issuer, limit) =>
      database.query(
        sql
          .selectFrom('attestations')
          .innerJoin('documents', 'documents.sha256', 'attestations.sha256')
          .innerJoin('entries', 'entries.sha256', 'attestations.sha256')
          .select(['attestations.sha256', 'documents.jws', 'entries.at'])
          .where('target', '=', secondSignature)
          .where('issuer', '=', issuer)
          .orderBy(raw`min(verified_at, entries.at)`, 'desc')
          .orderBy('n', 'desc')
          .limit(limit)
          .compile(),
      ),
    async countAttestations(secondSignature, issuer) {
      const rows = await database.query(
        sql
          .selectFrom('attestations')
          .select('issuer')
          .where('target', '=', secondSignature)
          .compile(),
      )
      const ofIssuer = rows.filter((row) => row.issuer === issuer).length
      return { all: rows.length, ofIssuer }
    },
    async certificateOf(secondSignature) {
      const [row] = await database.query(
        sql
          .selectFrom('second_signatures')
          .select('target')
          .where('sha256', '=', secondSignature)
          .compile(),
      )
      return row?.target
    },
  }
}
