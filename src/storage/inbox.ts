import type { Inbox, InboxDocument, WaitingDocument } from '../exchange/inbox.ts'
import { MAX_PARAMETERS, type SqlDatabase } from './sql-database.ts'
import { sql } from './tables.ts'

export function sqlInbox(database: SqlDatabase): Inbox {
  return {
    async find(sender, sha256s) {
      const found = new Map<string, InboxDocument>()
      for (let i = 0; i < sha256s.length; i += MAX_PARAMETERS) {
        const rows = await database.query(
          sql
            .selectFrom('inbox')
            .leftJoin('decisions', (join) =>
              join
                .onRef('decisions.sha256', '=', 'inbox.sha256')
                .onRef('decisions.sender', '=', 'inbox.sender'),
            )
            .select([
              'inbox.sha256',
              'arrived_at',
              'waits_for',
              'outcome',
              'findings',
              'at',
              'receipt',
            ])
            .where('inbox.sender', '=', sender)
            .where('inbox.sha256', 'in', sha256s.slice(i, i + MAX_PARAMETERS))
            .compile(),
        )
        for (const { sha256, arrived_at, waits_for, outcome, findings, at, receipt } of rows)
          found.set(sha256, {
            sha256,
            sender,
            arrivedAt: arrived_at,
            waitsFor: waits_for ?? undefined,
            decision:
              outcome === null || findings === null || at === null || receipt === null
                ? undefined
                : { sha256, outcome, findings: JSON.parse(findings) as string[], at, receipt },
          })
      }
      return found
    },

    async waiting(after, limit, sender) {
      let query = waitingOf(sender)
        .orderBy('arrived_at')
        .orderBy('seq')
        .orderBy('inbox.sha256')
        .orderBy('sender')
        .limit(limit)
      if (after)
        query = query.where(({ eb, refTuple, tuple }) =>
          eb(
            refTuple('arrived_at', 'seq', 'inbox.sha256', 'sender'),
            '>',
            tuple(after.arrivedAt, after.seq, after.sha256, after.sender),
          ),
        )
      return (await database.query(query.compile())).map(waitingDocument)
    },

    async waitingChanges(sender, { targets, waitsFor }, limit) {
      const found = new Map<string, WaitingDocument>()
      // One condition a statement: each has an index of its own.
      const statements = [waitingOf(sender).where('waits_for', '=', waitsFor).orderBy('seq')]
      const size = MAX_PARAMETERS - 2
      for (let i = 0; i < targets.length; i += size)
        statements.push(
          waitingOf(sender)
            .where('target', 'in', targets.slice(i, i + size))
            .orderBy('target')
            .orderBy('seq'),
        )
      for (const statement of statements)
        for (const row of await database.query(statement.limit(limit).compile()))
          found.set(row.sha256, waitingDocument(row))
      return [...found.values()].sort((x, y) => x.seq - y.seq).slice(0, limit)
    },

    async hasWaiting(sender, atLeast) {
      const rows = await database.query(
        sql
          .selectFrom('inbox')
          .select('seq')
          .where('sender', '=', sender)
          .where('waits_for', 'is not', null)
          .limit(1)
          .offset(atLeast - 1)
          .compile(),
      )
      return rows.length > 0
    },

    async seqOf(sender, sha256) {
      const [row] = await database.query(
        sql
          .selectFrom('inbox')
          .select('seq')
          .where('sha256', '=', sha256)
          .where('sender', '=', sender)
          .compile(),
      )
      return row?.seq
    },

    async earlierChangeWaits({ sender, target, seq }) {
      const rows = await database.query(
        sql
          .selectFrom('inbox')
          .select('seq')
          .where('sender', '=', sender)
          .where('target', '=', target)
          .where('seq', '<', seq)
          .where('waits_for', 'is not', null)
          .limit(1)
          .compile(),
      )
      return rows.length > 0
    },

    async lacksMessage(sender, { after, before }) {
      const expected = before - after - 1
      if (expected <= 0) return false
      const [row] = await database.query(
        sql
          .selectFrom('inbox')
          .select(({ fn }) => fn.count<number>('seq').distinct().as('arrived'))
          .where('sender', '=', sender)
          .where('seq', '>', after)
          .where('seq', '<', before)
          .compile(),
      )
      return row!.arrived < expected
    },
  }
}

/** What waits, of one sender or of all. */
function waitingOf(sender?: string) {
  const query = sql
    .selectFrom('inbox')
    .innerJoin('documents', 'documents.sha256', 'inbox.sha256')
    .select(['inbox.sha256', 'sender', 'seq', 'arrived_at', 'jws', 'waits_for'])
    .where('waits_for', 'is not', null)
  return sender === undefined ? query : query.where('sender', '=', sender)
}

function waitingDocument(row: {
  sha256: string
  sender: string
  seq: number
  arrived_at: string
  jws: string
  waits_for: string | null
}): WaitingDocument {
  const { waits_for, arrived_at, ...document } = row
  return { ...document, arrivedAt: arrived_at, waitsFor: waits_for ?? '' }
}
