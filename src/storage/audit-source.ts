import { CompiledQuery } from 'kysely'
import type { AuditSource, LoggedBytes, ShownCheckpoint } from '../exchange/audit/audit-source.ts'
import type { SqlDatabase } from './sql-database.ts'
import { sql } from './tables.ts'

export function sqlAuditSource(database: SqlDatabase): AuditSource {
  return {
    async documents(after, { count, characters }) {
      const rows = await database.query(
        sql
          .selectFrom('entries')
          .innerJoin('documents', 'documents.sha256', 'entries.sha256')
          .select(['idx', 'kind', 'entries.sha256', 'jws'])
          // What takes no effect is listed as lost, whatever is here of it.
          .where('entries.sha256', 'not in', ({ selectFrom }) =>
            selectFrom('late_documents').select('late_documents.sha256'),
          )
          .where('idx', '>', after)
          .where('idx', '<=', await lastWithin(database, after, { count, characters }))
          .orderBy('idx')
          .compile(),
      )
      return rows.map(({ kind, ...row }): LoggedBytes => {
        return { ...row, isCertificate: kind === 'certificate' }
      })
    },

    async checkpoints(after, limit) {
      const checkpoints = await database.query(
        sql
          .selectFrom('checkpoints')
          .selectAll()
          .where('size', '>', after)
          .orderBy('size')
          .limit(limit)
          .compile(),
      )
      return Promise.all(
        checkpoints.map(async ({ size, note, signed_at: signedAt }): Promise<ShownCheckpoint> => {
          const of = await signedUnder(database, size)
          return { note, signedAt, ...of }
        }),
      )
    },

    async coverings(after, limit) {
      const rows = await database.query(
        sql
          .selectFrom('administrative_records')
          .selectAll()
          .where('idx', '>', after)
          .orderBy('idx')
          .limit(limit)
          .compile(),
      )
      return rows.map(({ rows_of: rowsOf, ...row }) => ({ ...row, rowsOf }))
    },

    async statuses(after, limit) {
      // In one statement, so that what is read is of one moment.
      const rows = await database.query<StatusRow>(CompiledQuery.raw(STATUSES, [after, limit]))
      const certificates = rows.flatMap(({ idx, sha256, status, replaced_by, usable_until }) =>
        idx === null
          ? []
          : [
              {
                idx,
                sha256: sha256!,
                status: status!,
                ...(replaced_by !== null && { replacedBy: replaced_by }),
                ...(usable_until !== null && { usableUntil: usable_until }),
              },
            ],
      )
      return { size: rows[0]?.size ?? 0, certificates }
    },
  }
}

interface StatusRow {
  readonly size: number
  readonly idx: number | null
  readonly sha256: string | null
  readonly status: string | null
  readonly replaced_by: string | null
  readonly usable_until: string | null
}

const STATUSES = `SELECT log.size, c.idx, c.sha256, c.status, c.replaced_by, c.usable_until
  FROM (SELECT coalesce(max(idx) + 1, 0) AS size FROM entries) AS log
  LEFT JOIN (SELECT idx, sha256, status, replaced_by, usable_until FROM certificates
    WHERE idx > ? ORDER BY idx LIMIT ?) AS c ON 1
  ORDER BY c.idx`

/** The last of the documents that fit into one answer: one at least, however long it is. */
async function lastWithin(
  database: SqlDatabase,
  after: number,
  { count, characters }: { count: number; characters: number },
): Promise<number> {
  const lengths = await database.query<{ idx: number; length: number }>(
    CompiledQuery.raw(
      `SELECT idx, length(jws) AS length FROM entries JOIN documents USING (sha256)
        WHERE idx > ? AND sha256 NOT IN (SELECT sha256 FROM late_documents) ORDER BY idx LIMIT ?`,
      [after, count],
    ),
  )
  let last = lengths[0]?.idx ?? after
  let sum = 0
  for (const { idx, length } of lengths) {
    sum += length
    if (sum > characters) break
    last = idx
  }
  return last
}

async function signedUnder(
  database: SqlDatabase,
  size: number,
): Promise<Pick<ShownCheckpoint, 'signatures' | 'cosignatures'>> {
  const [signatures, cosignatures] = await Promise.all([
    database.query(
      sql
        .selectFrom('checkpoint_signatures')
        .select(['key_id', 'line'])
        .where('size', '=', size)
        .orderBy('key_id')
        .compile(),
    ),
    database.query(
      sql
        .selectFrom('cosignatures')
        .selectAll()
        .where('size', '=', size)
        .orderBy('state')
        .orderBy('witness')
        .orderBy('key_id')
        .compile(),
    ),
  ])
  return {
    signatures: signatures.map(({ key_id: keyId, line }) => ({ keyId, line })),
    cosignatures: cosignatures.map(
      ({ state, witness, key_id: keyId, line, cosigned_at: cosignedAt }) => {
        return { state, witness, keyId, line, cosignedAt }
      },
    ),
  }
}
