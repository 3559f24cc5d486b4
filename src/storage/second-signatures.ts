import type { SecondSignatureStore, StoredStatement } from '../exchange/second-signature-store.ts'
import type { SqlDatabase } from './sql-database.ts'
import { sql } from './tables.ts'

type StatementTable = 'second_signatures' | 'attestations'

/** Where the statements of a kind are projected. */
export function statementTable(kind: 'second-signature' | 'attestation'): StatementTable {
  return kind === 'attestation' ? 'attestations' : 'second_signatures'
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
