import { type CompiledQuery, type Selectable, sql as rawSql } from 'kysely'
import type { AlarmLog, ExchangeArchive } from '../exchange/records.ts'
import type { Access, AccessLog, ReportStore } from '../http/stores.ts'
import { coveringEntry } from './administrative-records.ts'
import { alarmRow } from './rows.ts'
import type { SqlDatabase } from './sql-database.ts'
import { sql, type Tables } from './tables.ts'

export function sqlReportStore(database: SqlDatabase): ReportStore {
  return {
    async insert(reports, accesses) {
      const result = await database.atomic([
        ...reports.map(({ id, client, party, createdAt, body }) =>
          sql
            .insertInto('reports')
            .values({ id, client, party, created_at: createdAt, body: JSON.stringify(body) })
            .compile(),
        ),
        ...accesses.map(accessStatement),
      ])
      if (result === 'collision') throw new Error('A report id was drawn twice')
    },
    async find(id) {
      const [row] = await database.query(
        sql.selectFrom('reports').selectAll().where('id', '=', id).compile(),
      )
      if (!row) return undefined
      const { client, party, created_at, body } = row
      return { id, client, party, createdAt: created_at, body: JSON.parse(body) as unknown }
    },
  }
}

export function sqlAccessLog(database: SqlDatabase): AccessLog {
  return {
    async record(accesses) {
      await database.atomic(accesses.map(accessStatement))
    },
    async of(certificate, after, limit) {
      const rows = await database.query(
        covered()
          .where('certificate', '=', certificate)
          .where('n', '>', after)
          .orderBy('n')
          .limit(limit)
          .compile(),
      )
      return rows.map(accessOf)
    },
    async search({ client, officer, from, to, after }, limit) {
      let query = covered()
      if (client !== undefined) query = query.where('client', '=', client)
      if (officer !== undefined) query = query.where(OFFICER, '=', officer)
      if (from !== undefined) query = query.where('at', '>=', from)
      if (to !== undefined) query = query.where('at', '<', to)
      if (after)
        query = query.where(({ eb, refTuple, tuple }) =>
          eb(refTuple('at', 'n'), '>', tuple(after.at, after.n)),
        )
      const rows = await database.query(query.orderBy('at').orderBy('n').limit(limit).compile())
      return rows.map(accessOf)
    },
    async uses(certificate, limit) {
      const rows = await database.query(
        covered()
          .where('certificate', '=', certificate)
          .where('role', '=', 'customs')
          .where('operation', '=', 'createValidations')
          .orderBy('n')
          .limit(limit)
          .compile(),
      )
      return rows.map(accessOf)
    },
  }
}

/** As the index names it. */
const OFFICER = rawSql<string | null>`json_extract(context, '$.officer')`

/** With the place in the log that covers each. */
function covered() {
  return sql
    .selectFrom('accesses')
    .selectAll()
    .select((eb) => coveringEntry(eb, 'accesses').as('idx'))
}

function accessOf({
  context,
  idx,
  ...row
}: Selectable<Tables['accesses']> & { idx: number | null }) {
  const read = context === null ? undefined : (JSON.parse(context) as unknown)
  return { ...row, context: read, ...(idx !== null && { idx }) }
}

function accessStatement({ context, ...access }: Access): CompiledQuery {
  return sql
    .insertInto('accesses')
    .values({ ...access, context: context === undefined ? null : JSON.stringify(context) })
    .compile()
}

export function sqlExchangeArchive(database: SqlDatabase): ExchangeArchive {
  return {
    async keep({ at, peer, direction, messageId: message_id, request, response }) {
      const requests = piecesOf(request)
      const responses = response === undefined ? [] : piecesOf(response)
      const parts = Array.from({ length: Math.max(requests.length, responses.length) }, (_, i) =>
        sql
          .insertInto('exchange_archive')
          .values({
            at,
            peer,
            direction,
            message_id,
            request: requests[i] ?? '',
            response: responses[i] ?? null,
            part: i + 1,
          })
          .compile(),
      )
      await database.atomic(parts)
    },
  }
}

/** A request and a response of so many UTF-16 units fit into a row of D1, whatever the script. */
const PIECE_LENGTH = 300_000

/** At least one piece; none ends between the halves of a character. */
export function piecesOf(text: string): string[] {
  const pieces: string[] = []
  let start = 0
  do {
    let end = start + PIECE_LENGTH
    if (end < text.length && isLowSurrogate(text.charCodeAt(end))) end--
    pieces.push(text.slice(start, end))
    start = end
  } while (start < text.length)
  return pieces
}

function isLowSurrogate(unit: number): boolean {
  return unit >= 0xdc00 && unit <= 0xdfff
}

export function sqlAlarmLog(database: SqlDatabase): AlarmLog {
  return {
    async raise(alarm) {
      await database.query(sql.insertInto('alarms').values(alarmRow(alarm)).compile())
    },
    async raiseOnce(key, alarm) {
      const raised = await database.atomic([
        sql.insertInto('alarms_once').values({ key, at: alarm.at }).compile(),
        sql.insertInto('alarms').values(alarmRow(alarm)).compile(),
      ])
      return raised === 'done'
    },
    async list(after, limit) {
      const rows = await database.query(
        sql
          .selectFrom('alarms')
          .selectAll()
          .where('n', '>', after)
          .orderBy('n')
          .limit(limit)
          .compile(),
      )
      return rows.map(({ peer, ...row }) => ({ ...row, peer: peer ?? undefined }))
    },
  }
}
