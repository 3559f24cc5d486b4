import { type CompiledQuery, sql as raw } from 'kysely'
import type { Status } from '../certificate/certificate-state.ts'
import type { CertificatePayload } from '../certificate/payload.ts'
import { payloadOf } from '../exchange/registered.ts'
import { LISTED_AS, type StatusListStore } from '../exchange/status-lists/store.ts'
import { STATUS_TYPE } from '../status-list/status-list.ts'
import { displacedDocuments } from './displaced.ts'
import { HAS_LOST_CHANGES, HAS_UNSETTLED } from './lost-conditions.ts'
import type { SqlDatabase } from './sql-database.ts'
import { sql } from './tables.ts'

const STATUSES = Object.keys(LISTED_AS) as Status[]
const NOT_VALID = STATUSES.filter((status) => LISTED_AS[status] !== STATUS_TYPE.valid)

const ONE_MORE = { revision: raw<number>`status_list_revisions.revision + 1` }

/** Whether a status list shows a certificate of this status otherwise than as VALID. */
export function isListed(status: string): boolean {
  return (NOT_VALID as readonly string[]).includes(status)
}

export function sqlStatusListStore(database: SqlDatabase): StatusListStore {
  /** Positions whose certificate takes no effect, and never will. */
  async function displacedFrom(uri: string) {
    return (await displacedDocuments(database)).flatMap((jws) => {
      const { status_list: position } = (payloadOf(jws) as CertificatePayload).status
      return position.uri === uri ? [{ idx: position.idx, status: STATUS_TYPE.invalid }] : []
    })
  }

  return {
    async find({ id, uri }) {
      const [row] = await database.query(
        sql
          .selectFrom('status_lists')
          .leftJoin('status_list_revisions', (join) =>
            join.on('status_list_revisions.uri', '=', uri),
          )
          .select(['size', 'next', 'revision'])
          .select([HAS_UNSETTLED.as('unsettled'), HAS_LOST_CHANGES.as('changes')])
          .where('id', '=', id)
          .compile(),
      )
      if (!row) return undefined
      const { size, next, revision, unsettled, changes } = row
      // A restore closes every list, and what is issued since stands in others.
      const isComplete = next < size || !(unsettled || changes)
      return { size, revision: revision ?? 0, isComplete }
    },

    async listed(uri) {
      const rows = await database.query(
        sql
          .selectFrom('certificates')
          .select(['status_idx', 'status'])
          .where('status_uri', '=', uri)
          .where('origin', '=', 'issued')
          .where('status', 'in', NOT_VALID)
          .compile(),
      )
      return [
        ...rows.map((row) => ({ idx: row.status_idx, status: LISTED_AS[row.status as Status] })),
        ...(await displacedFrom(uri)),
      ]
    },
  }
}

/** Tells every process that a list has changed. */
export function growRevisionOf(uri: string): CompiledQuery {
  return sql
    .insertInto('status_list_revisions')
    .values({ uri, revision: 1 })
    .onConflict((conflict) => conflict.column('uri').doUpdateSet(ONE_MORE))
    .compile()
}

/** Tells every process that the list of an issued certificate has changed; none for a received one. */
export function growStatusListRevision(sha256: string): CompiledQuery {
  return sql
    .insertInto('status_list_revisions')
    .columns(['uri', 'revision'])
    .expression((eb) =>
      eb
        .selectFrom('certificates')
        .select(({ val }) => ['status_uri', val(1).as('revision')])
        .where('sha256', '=', sha256)
        .where('origin', '=', 'issued'),
    )
    .onConflict((conflict) => conflict.column('uri').doUpdateSet(ONE_MORE))
    .compile()
}
