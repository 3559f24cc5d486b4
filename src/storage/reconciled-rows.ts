import { sql as raw } from 'kysely'
import { formatInstant } from '../encoding/time.ts'
import { type KeyRange, secondsOf } from '../exchange/reconciliation/payload.ts'
import type { ReconciledRow, ReconciliationStore } from '../exchange/reconciliation/store.ts'
import { MAX_PARAMETERS, type SqlDatabase } from './sql-database.ts'
import { sql } from './tables.ts'

type Page = Parameters<ReconciliationStore['rows']>[2]

/** So much of a document holds the beginning of its header, whatever else it is. */
const HEAD_CHARACTERS = 160

/** What this node has of a peer, by number or by the instant of the decision: every page from an index. */
export function reconciledRows(
  database: SqlDatabase,
): Pick<ReconciliationStore, 'rows' | 'heads' | 'outcomes' | 'lastBefore' | 'lastAcknowledged'> {
  return {
    async rows(view, peer, page) {
      switch (view) {
        case 'sent': {
          const rows = await database.query(sent(peer, page).compile())
          return rows.map(({ seq, sha256, received_at }) => {
            return { key: seq, sha256, open: received_at === null }
          })
        }
        case 'received': {
          const rows = await database.query(received(peer, page).compile())
          return rows.map(({ seq, sha256 }) => ({ key: seq, sha256, open: false }))
        }
        case 'answered': {
          const rows = await database.query(answered(peer, page).compile())
          return rows.map(({ decided_at, sha256, receipt }) =>
            decision(decided_at ?? '', sha256, receipt ?? '', false),
          )
        }
        case 'decided': {
          const rows = await database.query(decided(peer, page).compile())
          return rows.map(({ at, sha256, receipt, waits }) =>
            decision(at, sha256, receipt, waits !== null),
          )
        }
      }
    },

    async heads(sha256s) {
      const heads: string[] = []
      for (let i = 0; i < sha256s.length; i += MAX_PARAMETERS) {
        const rows = await database.query(
          sql
            .selectFrom('documents')
            .select(({ fn, ref, val }) =>
              fn<string>('substr', [ref('jws'), val(1), val(HEAD_CHARACTERS)]).as('head'),
            )
            .where('sha256', 'in', sha256s.slice(i, i + MAX_PARAMETERS))
            .compile(),
        )
        heads.push(...rows.map(({ head }) => head))
      }
      return heads
    },

    async outcomes(view, peer, { after, upTo }) {
      const from = instantOf(after)
      const until = instantOf(upTo)
      const rows = await database.query<{ outcome: string | null; n: number }>(
        view === 'decided'
          ? sql
              .selectFrom('decisions')
              .select(({ fn }) => ['outcome', fn.countAll<number>().as('n')])
              .where('sender', '=', peer)
              .where('at', '>', from)
              .where('at', '<=', until)
              .where(isFormed('at'))
              .groupBy('outcome')
              .compile()
          : sql
              .selectFrom('outgoing')
              .select(({ fn }) => ['outcome', fn.countAll<number>().as('n')])
              .where('recipient', '=', peer)
              .where('decided_at', '>', from)
              .where('decided_at', '<=', until)
              .where(isFormed('decided_at'))
              .groupBy('outcome')
              .compile(),
      )
      return rows.map(({ outcome, n }) => [String(outcome), n])
    },

    async lastBefore(view, peer, instant) {
      const last =
        view === 'sent'
          ? sql
              .selectFrom('outgoing')
              .innerJoin('entries', 'entries.sha256', 'outgoing.sha256')
              .select('outgoing.seq')
              .where('recipient', '=', peer)
              .where('entries.at', '<', instant)
              .orderBy('outgoing.seq', 'desc')
              .limit(1)
              .compile()
          : sql
              .selectFrom('inbox')
              .select('seq')
              .where('sender', '=', peer)
              // From the end of the numbers: the index by arrival would sort all that ever came.
              .where(raw<string>`+arrived_at`, '<', instant)
              .orderBy('seq', 'desc')
              .limit(1)
              .compile()
      const [row] = await database.query<{ seq: number }>(last)
      return row?.seq ?? 0
    },

    async lastAcknowledged(peer, instant) {
      const [row] = await database.query(
        sql
          .selectFrom('outgoing')
          .select('seq')
          .where('recipient', '=', peer)
          .where('received_at', '<', instant)
          .orderBy('seq', 'desc')
          .limit(1)
          .compile(),
      )
      return row?.seq ?? 0
    },
  }
}

function sent(peer: string, { after, upTo, behind, limit }: Page) {
  return sql
    .selectFrom('outgoing')
    .select(['outgoing.seq', 'outgoing.sha256', 'received_at'])
    .where('recipient', '=', peer)
    .where('outgoing.seq', '>', Math.max(after, behind?.key ?? after))
    .where('outgoing.seq', '<=', upTo)
    .orderBy('outgoing.seq')
    .limit(limit)
}

function received(peer: string, { after, upTo, behind, limit }: Page) {
  const query = sql
    .selectFrom('inbox')
    .select(['inbox.seq', 'inbox.sha256', 'arrived_at as received_at'])
    .where('inbox.sender', '=', peer)
    .where('inbox.seq', '>', after)
    .where('inbox.seq', '<=', upTo)
    .orderBy('inbox.seq')
    .orderBy('inbox.sha256')
    .limit(limit)
  return behind
    ? query.where(({ eb, refTuple, tuple }) =>
        eb(refTuple('inbox.seq', 'inbox.sha256'), '>', tuple(behind.key, behind.sha256)),
      )
    : query
}

function answered(peer: string, { after, upTo, behind, limit }: Page) {
  const query = sql
    .selectFrom('outgoing')
    .select(['decided_at', 'sha256', 'receipt'])
    .where('recipient', '=', peer)
    .where('decided_at', '>', instantOf(after))
    .where('decided_at', '<=', instantOf(upTo))
    .where(isFormed('decided_at'))
    .orderBy('decided_at')
    .orderBy('sha256')
    .limit(limit)
  return behind
    ? query.where(({ eb, refTuple, tuple }) =>
        eb(refTuple('decided_at', 'sha256'), '>', tuple(instantOf(behind.key), behind.sha256)),
      )
    : query
}

function decided(peer: string, { after, upTo, behind, limit }: Page) {
  const query = sql
    .selectFrom('decisions')
    .leftJoin('late_receipts', (join) =>
      join
        .onRef('late_receipts.sha256', '=', 'decisions.receipt')
        .on('late_receipts.delivered_at', 'is', null),
    )
    .select(['at', 'decisions.sha256', 'receipt', 'late_receipts.sha256 as waits'])
    .where('sender', '=', peer)
    .where('at', '>', instantOf(after))
    .where('at', '<=', instantOf(upTo))
    .where(isFormed('at'))
    .orderBy('at')
    .orderBy('decisions.sha256')
    .limit(limit)
  return behind
    ? query.where(({ eb, refTuple, tuple }) =>
        eb(refTuple('at', 'decisions.sha256'), '>', tuple(instantOf(behind.key), behind.sha256)),
      )
    : query
}

function decision(at: string, sha256: string, receipt: string, open: boolean): ReconciledRow {
  return { key: secondsOf(at), sha256, receipt, open }
}

/** When a peer decided only its word says: an instant that does not exist is left out on both sides. */
function isFormed(column: 'at' | 'decided_at') {
  return raw<boolean>`strftime('%Y-%m-%dT%H:%M:%SZ', ${raw.ref(column)}) = ${raw.ref(column)}`
}

/** As the tables have it: instants of one length are in the order of their text. */
function instantOf(seconds: KeyRange['upTo']): string {
  return formatInstant(new Date(Math.min(seconds, LAST) * 1000))
}

const LAST = secondsOf('9999-12-31T23:59:59Z')
