import type { Selectable } from 'kysely'
import type { CertificateId } from '../certificate/certificate-id.ts'
import type { CertificatePayload } from '../certificate/payload.ts'
import type { Reservation, ReservationStore } from '../exchange/issuing/reservations.ts'
import type { SqlDatabase } from './sql-database.ts'
import { sql, type Tables } from './tables.ts'

export function sqlReservationStore(database: SqlDatabase): ReservationStore {
  return {
    async find(id) {
      const [row] = await database.query(
        sql
          .selectFrom('reservations')
          .selectAll()
          .where('type', '=', id.type)
          .where('folded_number', '=', id.number)
          .compile(),
      )
      return row && reservationOf(id, row)
    },
    async hold(next, endedBefore) {
      const { uri, idx } = next.claims.status.status_list
      const insert = sql
        .insertInto('reservations')
        .values({
          type: next.id.type,
          folded_number: next.id.number,
          issuer: next.issuer,
          status_uri: uri,
          status_idx: idx,
          claims: JSON.stringify(next.claims),
          reserved_at: next.reservedAt,
        })
        .onConflict((conflict) =>
          conflict
            .columns(['type', 'folded_number'])
            .doUpdateSet(({ ref }) => ({
              issuer: ref('excluded.issuer'),
              status_uri: ref('excluded.status_uri'),
              status_idx: ref('excluded.status_idx'),
              claims: ref('excluded.claims'),
              reserved_at: ref('excluded.reserved_at'),
            }))
            .where(({ eb, ref, and, or }) =>
              or([
                and([
                  eb('reservations.issuer', '=', ref('excluded.issuer')),
                  eb('reservations.status_uri', '=', ref('excluded.status_uri')),
                  eb('reservations.status_idx', '=', ref('excluded.status_idx')),
                ]),
                and([
                  eb('reservations.issuer', '<>', ref('excluded.issuer')),
                  eb('reservations.reserved_at', '<=', endedBefore),
                ]),
              ]),
            ),
        )
        .returning('issuer')
      return (await database.query(insert.compile())).length > 0 ? 'held' : 'lost'
    },
    async prune(before) {
      await database.query(
        sql.deleteFrom('reservations').where('reserved_at', '<', before).compile(),
      )
    },
  }
}

function reservationOf(
  id: CertificateId,
  { issuer, claims, reserved_at }: Selectable<Tables['reservations']>,
): Reservation {
  return {
    id,
    issuer,
    claims: JSON.parse(claims) as CertificatePayload,
    reservedAt: reserved_at,
  }
}
