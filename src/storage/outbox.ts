import { CompiledQuery, type Selectable } from 'kysely'
import type { Delivery, Outbox } from '../exchange/delivery/outbox.ts'
import { MAX_PARAMETERS, type SqlDatabase } from './sql-database.ts'
import { sql, type Tables } from './tables.ts'

export function sqlOutbox(database: SqlDatabase): Outbox {
  return {
    async unreceived(recipient, limit, maxCharacters) {
      const query = messagesTo(recipient).where('received_at', 'is', null).limit(limit)
      return asManyAsFit(await database.query(query.compile()), maxCharacters)
    },

    async undecided(recipient, { after, receivedUntil, limit, maxCharacters }) {
      const query = messagesTo(recipient)
        .where('outcome', 'is', null)
        .where('received_at', '<=', receivedUntil)
        .where('seq', '>', after)
        .limit(limit)
      return asManyAsFit(await database.query(query.compile()), maxCharacters)
    },

    async markReceived(recipient, sha256s, at) {
      for (let i = 0; i < sha256s.length; i += MAX_PARAMETERS)
        await database.query(
          sql
            .updateTable('outgoing')
            .set({ received_at: at })
            .where('recipient', '=', recipient)
            .where('sha256', 'in', sha256s.slice(i, i + MAX_PARAMETERS))
            .where('received_at', 'is', null)
            .compile(),
        )
    },

    async feedHead(recipient) {
      const [row] = await database.query(
        sql
          .selectFrom('node')
          // Behind the last message with bytes nobody has to wait for those that a restore has lost.
          .select(({ selectFrom }) => [
            'epoch',
            selectFrom('outgoing')
              .innerJoin('documents', 'documents.sha256', 'outgoing.sha256')
              .select('seq')
              .where('recipient', '=', recipient)
              .orderBy('seq', 'desc')
              .limit(1)
              .as('last_seq'),
          ])
          .compile(),
      )
      if (!row) throw new Error('The node row is missing')
      return { epoch: row.epoch, lastSeq: row.last_seq ?? 0 }
    },

    async feed(recipient, after, limit, maxCharacters) {
      const query = messagesTo(recipient).where('seq', '>', after).limit(limit)
      return asManyAsFit(await database.query(query.compile()), maxCharacters)
    },

    async markReceivedUpTo(recipient, seq, at) {
      await database.query(
        sql
          .updateTable('outgoing')
          .set({ received_at: at })
          .where('recipient', '=', recipient)
          .where('seq', '<=', seq)
          .where('received_at', 'is', null)
          .compile(),
      )
    },

    async deliveries(sha256) {
      const rows = await database.query(
        sql
          .selectFrom('outgoing')
          .selectAll()
          .where('sha256', '=', sha256)
          .orderBy('recipient')
          .compile(),
      )
      return rows.map(deliveryOf)
    },

    async delivery(recipient, sha256) {
      const [row] = await database.query(
        sql
          .selectFrom('outgoing')
          .selectAll()
          .where('sha256', '=', sha256)
          .where('recipient', '=', recipient)
          .compile(),
      )
      return row && deliveryOf(row)
    },

    async lateReceipts(recipient, limit, maxCharacters) {
      const rows = await database.query(
        sql
          .selectFrom('late_receipts')
          .innerJoin('documents', 'documents.sha256', 'late_receipts.sha256')
          .select(['documents.sha256', 'documents.jws'])
          .where('recipient', '=', recipient)
          .where('delivered_at', 'is', null)
          .limit(limit)
          .compile(),
      )
      return asManyAsFit(rows, maxCharacters)
    },

    async sendReceipts(recipient, sha256s) {
      if (sha256s.length === 0) return
      await database.atomic(
        sha256s.map((sha256) =>
          CompiledQuery.raw(
            // Unless another one has taken its place since it was read.
            `INSERT INTO late_receipts (sha256, recipient, delivered_at) SELECT ?, ?, NULL
              WHERE NOT EXISTS (SELECT 1 FROM further_receipts WHERE receipt = ?)
              ON CONFLICT (sha256) DO UPDATE SET delivered_at = NULL`,
            [sha256, recipient, sha256],
          ),
        ),
      )
    },

    async markReceiptsDelivered(sha256s, at) {
      for (let i = 0; i < sha256s.length; i += MAX_PARAMETERS)
        await database.query(
          sql
            .updateTable('late_receipts')
            .set({ delivered_at: at })
            .where('sha256', 'in', sha256s.slice(i, i + MAX_PARAMETERS))
            .compile(),
        )
    },

    async backlog(recipient) {
      const count = async (column: 'received_at' | 'outcome') => {
        const [row] = await database.query(
          sql
            .selectFrom('outgoing')
            // A lost message is not on its way.
            .innerJoin('documents', 'documents.sha256', 'outgoing.sha256')
            .select(({ fn }) => fn.countAll<number>().as('n'))
            .where('recipient', '=', recipient)
            .where(column, 'is', null)
            .compile(),
        )
        return row?.n ?? 0
      }
      const oldest = sql
        .selectFrom('outgoing')
        .innerJoin('documents', 'documents.sha256', 'outgoing.sha256')
        .innerJoin('entries', 'entries.sha256', 'outgoing.sha256')
        .select('entries.at')
        .where('recipient', '=', recipient)
        .where('received_at', 'is', null)
        .orderBy('seq')
        .limit(1)
      const [waiting, undecided, [first]] = await Promise.all([
        count('received_at'),
        count('outcome'),
        database.query(oldest.compile()),
      ])
      return { waiting, undecided, waitingSince: first?.at }
    },
  }
}

/** All messages of one recipient in order. */
function messagesTo(recipient: string) {
  return sql
    .selectFrom('outgoing')
    .innerJoin('documents', 'documents.sha256', 'outgoing.sha256')
    .select(['outgoing.seq', 'outgoing.sha256', 'documents.jws'])
    .where('recipient', '=', recipient)
    .orderBy('seq')
}

/** The first ones up to this many characters; always at least one. */
function asManyAsFit<Row extends { jws: string }>(rows: Row[], maxCharacters: number): Row[] {
  let characters = 0
  return rows.filter((row, i) => {
    characters += row.jws.length
    return i === 0 || characters <= maxCharacters
  })
}

function deliveryOf(row: Selectable<Tables['outgoing']>): Delivery {
  return {
    recipient: row.recipient,
    seq: row.seq,
    sha256: row.sha256,
    receivedAt: row.received_at ?? undefined,
    decision:
      row.outcome === null
        ? undefined
        : {
            outcome: row.outcome,
            findings: JSON.parse(row.findings ?? '[]') as string[],
            at: row.decided_at ?? '',
            receipt: row.receipt ?? '',
          },
  }
}
