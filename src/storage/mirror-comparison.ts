import { sql as raw } from 'kysely'
import type { AddressedMessage, ComparedMessage, MirrorStore } from '../tlog/mirror-store.ts'
import type { LogName } from '../tlog/witness-store.ts'
import type { SqlDatabase } from './sql-database.ts'
import { sql } from './tables.ts'

type Comparison = Pick<
  MirrorStore,
  'unsettled' | 'settle' | 'compare' | 'unlogged' | 'compared' | 'unloggedSince'
>

const SETTLED = { told: 1, received: 2 } as const

/** Word for word the condition of the index over those that are not settled. */
const isOpen = raw<boolean>`settled < 2`

/** What the mirrored logs say was addressed to this node beside what came, over SQL. */
export function sqlMirrorComparison(database: SqlDatabase): Comparison {
  function openMessages({ state, origin }: LogName, limit: number) {
    return sql
      .selectFrom('addressed')
      .leftJoin('inbox', (join) =>
        join
          .onRef('inbox.sha256', '=', 'addressed.sha256')
          .onRef('inbox.sender', '=', 'addressed.sender'),
      )
      .select(['addressed.seq', 'addressed.sha256', 'idx', 'mirrored_at', 'inbox.seq as received'])
      .where('addressed.sender', '=', state)
      .where('addressed.origin', '=', origin)
      .where(isOpen)
      .orderBy('idx')
      .limit(limit)
  }

  return {
    async unsettled(log, { told, limit }) {
      const query = openMessages(log, limit).where('settled', '=', told ? SETTLED.told : 0)
      return (await database.query(query.compile())).map(comparedOf)
    },

    async settle({ state, origin }, messages, as) {
      if (messages.length === 0) return
      const indexes = JSON.stringify(messages.map(({ index }) => Number(index)))
      await database.query(
        raw`UPDATE addressed SET settled = ${SETTLED[as]}
          WHERE sender = ${state} AND origin = ${origin}
            AND idx IN (SELECT value FROM json_each(${indexes}))`.compile(sql),
      )
    },

    async compare(log, limit) {
      const { state, origin } = log
      const [[head], [open], missing, misnumbered] = await Promise.all([
        database.query(
          sql
            .selectFrom('mirrors')
            .select('addressed')
            .where('state', '=', state)
            .where('origin', '=', origin)
            .compile(),
        ),
        database.query(
          sql
            .selectFrom(openMessages(log, -1).where('inbox.seq', 'is', null).as('missing'))
            .select(({ fn }) => fn.countAll<number>().as('n'))
            .compile(),
        ),
        database.query(openMessages(log, limit).where('inbox.seq', 'is', null).compile()),
        database.query(
          openMessages(log, limit).whereRef('inbox.seq', '<>', 'addressed.seq').compile(),
        ),
      ])
      const addressed = head?.addressed ?? 0
      return {
        addressed,
        received: addressed - open!.n,
        missing: missing.map(messageOf),
        misnumbered: misnumbered.map((row) => ({ ...messageOf(row), receivedAs: row.received! })),
      }
    },

    async unlogged(state, { after, before, limit }) {
      const [at = '', digest = ''] = after.split(' ')
      const rows = await database.query(
        raw<{ seq: number; sha256: string; arrived_at: string; idx: number | null }>`SELECT
            inbox.seq, inbox.sha256, inbox.arrived_at, min(addressed.idx) AS idx
          FROM inbox LEFT JOIN addressed
            ON addressed.sender = inbox.sender AND addressed.sha256 = inbox.sha256
          WHERE inbox.sender = ${state} AND inbox.arrived_at <= ${before}
            AND (inbox.arrived_at, inbox.sha256) > (${at}, ${digest})
          GROUP BY inbox.sender, inbox.arrived_at, inbox.sha256
          ORDER BY inbox.arrived_at, inbox.sha256 LIMIT ${limit}`.compile(sql),
      )
      const last = rows.at(-1)
      return {
        arrivals: rows
          .filter(({ idx }) => idx === null)
          .map(({ seq, sha256, arrived_at: arrivedAt }) => ({ seq, sha256, arrivedAt })),
        until: last ? `${last.arrived_at} ${last.sha256}` : after,
        hasMore: rows.length === limit,
      }
    },

    async unloggedSince(state, { after, before }) {
      const [at = '', digest = ''] = after.split(' ')
      const [first] = await database.query(
        raw<{ arrived_at: string }>`SELECT arrived_at FROM inbox
          WHERE sender = ${state} AND arrived_at <= ${before}
            AND (arrived_at, sha256) > (${at}, ${digest})
            AND NOT EXISTS (SELECT 1 FROM addressed
              WHERE addressed.sender = inbox.sender AND addressed.sha256 = inbox.sha256)
          ORDER BY arrived_at, sha256 LIMIT 1`.compile(sql),
      )
      return first?.arrived_at
    },

    async compared(state, until) {
      await database.query(
        sql
          .updateTable('mirror_looks')
          .set({ compared_until: until })
          .where('state', '=', state)
          .where('compared_until', '<', until)
          .compile(),
      )
    },
  }
}

interface OpenRow {
  readonly seq: number
  readonly sha256: string
  readonly idx: number
  readonly mirrored_at: string
  readonly received: number | null
}

function messageOf({ seq, sha256, idx }: OpenRow): AddressedMessage {
  return { seq, sha256, index: BigInt(idx) }
}

function comparedOf(row: OpenRow): ComparedMessage {
  return {
    ...messageOf(row),
    mirroredAt: row.mirrored_at,
    receivedAs: row.received ?? undefined,
  }
}
