import type { CertificateStore, StoredCertificate } from '../exchange/certificate-store.ts'
import { type Selectable, sql as raw } from 'kysely'
import { MAX_PARAMETERS, type SqlDatabase } from './sql-database.ts'
import { sql, type Tables } from './tables.ts'
import { firstCosignatures, mirroredLeaf, readCosigned, readMirrored } from './time-proofs.ts'

export function sqlCertificateStore(database: SqlDatabase): CertificateStore {
  async function certificatesIn(
    column: 'sha256' | 'replaced_by',
    digests: readonly string[],
  ): Promise<StoredCertificate[]> {
    const found: StoredCertificate[] = []
    for (let i = 0; i < digests.length; i += MAX_PARAMETERS) {
      const rows = await database.query(
        sql
          .selectFrom('certificates')
          .selectAll()
          .where(column, 'in', digests.slice(i, i + MAX_PARAMETERS))
          .orderBy('idx')
          .compile(),
      )
      found.push(...rows.map(certificateOf))
    }
    return found
  }

  return {
    async find({ state, type, number }) {
      const [row] = await database.query(
        sql
          .selectFrom('certificates')
          .selectAll()
          .where('state', '=', state)
          .where('type', '=', type)
          .where('folded_number', '=', number)
          .compile(),
      )
      return row && certificateOf(row)
    },

    async findByDigest(sha256) {
      const [row] = await database.query(
        sql.selectFrom('certificates').selectAll().where('sha256', '=', sha256).compile(),
      )
      return row && certificateOf(row)
    },

    async findProven(sha256) {
      const [row] = await database.query(
        raw<ProvenRow>`SELECT certificates.*, ${mirroredLeaf(raw`asked`)} AS mirrored,
            ${firstCosignatures(raw`certificates.idx`)} AS cosigned
          FROM (SELECT ${sha256} AS asked) LEFT JOIN certificates ON certificates.sha256 = asked`.compile(
          sql,
        ),
      )
      const { mirrored, cosigned, ...certificate } = row!
      const stored = isFound(certificate) ? certificateOf(certificate) : undefined
      return {
        stored,
        proofs: {
          appended: stored && { index: stored.idx, at: stored.appendedAt },
          cosigned: readCosigned(cosigned),
          mirrored: readMirrored(mirrored),
        },
      }
    },

    findByDigests: (sha256s) => certificatesIn('sha256', sha256s),

    findReplacedBy: (successors) => certificatesIn('replaced_by', successors),

    async findByPosition({ uri, idx }) {
      const [row] = await database.query(
        sql
          .selectFrom('certificates')
          .selectAll()
          .where('status_uri', '=', uri)
          .where('status_idx', '=', idx)
          .compile(),
      )
      return row && certificateOf(row)
    },

    async document(sha256) {
      const [row] = await database.query(
        sql.selectFrom('documents').select('jws').where('sha256', '=', sha256).compile(),
      )
      return row?.jws
    },

    async isLogged(sha256) {
      const found = await database.query(
        sql.selectFrom('entries').select('idx').where('sha256', '=', sha256).compile(),
      )
      return found.length > 0
    },

    async documents(sha256s) {
      const found = new Map<string, string>()
      for (let i = 0; i < sha256s.length; i += MAX_PARAMETERS) {
        const rows = await database.query(
          sql
            .selectFrom('documents')
            .selectAll()
            .where('sha256', 'in', sha256s.slice(i, i + MAX_PARAMETERS))
            .compile(),
        )
        for (const row of rows) found.set(row.sha256, row.jws)
      }
      return found
    },

    async statusChanges(target) {
      const rows = await database.query(
        sql
          .selectFrom('status_changes')
          .innerJoin('documents', 'documents.sha256', 'status_changes.sha256')
          .innerJoin('entries', 'entries.sha256', 'status_changes.sha256')
          .select(['status_changes.sha256', 'documents.jws', 'entries.at'])
          .select(mirroredLeaf(raw`status_changes.sha256`).as('mirrored'))
          .where('target', '=', target)
          .orderBy('n')
          .compile(),
      )
      return rows.map(({ mirrored, ...change }) => {
        const seenAt = readMirrored(mirrored)?.at ?? change.at
        return { ...change, provenAt: seenAt < change.at ? seenAt : change.at }
      })
    },
  }
}

type CertificateRow = Selectable<Tables['certificates']>

/** Of a document that is no certificate here every column of one is empty. */
type ProvenRow = (CertificateRow | { readonly sha256: null }) & {
  readonly mirrored: string | null
  readonly cosigned: string
}

function isFound(row: Pick<ProvenRow, 'sha256'>): row is CertificateRow {
  return row.sha256 !== null
}

/** A row as the rest of the house knows it. */
export function certificateOf(row: Selectable<Tables['certificates']>): StoredCertificate {
  return {
    sha256: row.sha256,
    state: row.state,
    type: row.type,
    foldedNumber: row.folded_number,
    number: row.number,
    issuer: row.issuer,
    recipients: JSON.parse(row.recipients) as string[],
    origin: row.origin,
    usableFrom: row.usable_from,
    usableUntil: row.usable_until ?? undefined,
    status: row.status,
    statusUri: row.status_uri,
    statusIdx: row.status_idx,
    seal: row.seal ?? undefined,
    signedAt: row.signed_at ?? undefined,
    appendedAt: row.appended_at,
    idx: row.idx,
    replacedBy: row.replaced_by ?? undefined,
  }
}
