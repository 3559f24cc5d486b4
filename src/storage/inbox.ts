import type { Inbox, InboxDocument } from '../exchange/inbox.ts'
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
      let query = sql
        .selectFrom('inbox')
        .innerJoin('documents', 'documents.sha256', 'inbox.sha256')
        .select(['inbox.sha256', 'sender', 'seq', 'arrived_at', 'jws', 'waits_for'])
        .where('waits_for', 'is not', null)
        .orderBy('arrived_at')
        .orderBy('seq')
        .orderBy('inbox.sha256')
        .orderBy('sender')
        .limit(limit)
      if (sender !== undefined) query = query.where('sender', '=', sender)
      if (after)
        query = query.where(({ eb, refTuple, tuple }) =>
          eb(
            refTuple('arrived_at', 'seq', 'inbox.sha256', 'sender'),
            '>',
            tuple(after.arrivedAt, after.seq, after.sha256, after.sender),
          ),
        )
      const rows = await database.query(query.compile())
      return rows.map(({ waits_for, arrived_at, ...row }) => ({
        ...row,
        arrivedAt: arrived_at,
        waitsFor: waits_for ?? '',
      }))
    },
  }
}
