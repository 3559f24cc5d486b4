import type { Inbox, InboxDocument, WaitingDocument } from '../exchange/incoming/inbox.ts'
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

    async waitingFor(sender, awaited, limit) {
      const found: WaitingDocument[] = []
      const size = MAX_PARAMETERS - 2
      for (let i = 0; i < awaited.length; i += size) {
        const rows = await database.query(
          waitingOf(sender)
            .where('waits_for', 'in', awaited.slice(i, i + size))
            // As the index has them: by number alone, everything that ever came would be walked through.
            .orderBy('waits_for')
            .orderBy('seq')
            .limit(limit)
            .compile(),
        )
        found.push(...rows.map(waitingDocument))
      }
      return found.sort((x, y) => x.seq - y.seq).slice(0, limit)
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

    async underNumbers(sender, seqs) {
      const found: { seq: number; sha256: string }[] = []
      const size = MAX_PARAMETERS - 1
      for (let i = 0; i < seqs.length; i += size) {
        const query = sql
          .selectFrom('inbox')
          .select(['seq', 'sha256'])
          .where('sender', '=', sender)
          .where('seq', 'in', seqs.slice(i, i + size))
          .orderBy('seq')
          .orderBy('sha256')
        found.push(...(await database.query(query.compile())))
      }
      return found
    },

    async earlierChange({ sender, target, seq }) {
      const [row] = await database.query(
        sql
          .selectFrom('inbox')
          .select('sha256')
          .where('sender', '=', sender)
          .where('target', '=', target)
          .where('seq', '<', seq)
          .where('waits_for', 'is not', null)
          .orderBy('seq', 'desc')
          .limit(1)
          .compile(),
      )
      return row?.sha256
    },

    async firstMissing(sender, { after, before }) {
      if (after + 1 >= before) return undefined
      const [first] = await database.query(
        sql
          .selectFrom('inbox')
          .select('seq')
          .where('sender', '=', sender)
          .where('seq', '=', after + 1)
          .limit(1)
          .compile(),
      )
      if (!first) return after + 1
      const [last] = await database.query(
        sql
          .selectFrom('inbox')
          .select('seq')
          .where('sender', '=', sender)
          .where('seq', '>', after)
          .where('seq', '<', before - 1)
          .where(({ exists, not, selectFrom }) =>
            not(
              exists(
                selectFrom('inbox as next')
                  .select('next.seq')
                  .whereRef('next.sender', '=', 'inbox.sender')
                  .where(({ eb, ref }) => eb('next.seq', '=', eb(ref('inbox.seq'), '+', 1))),
              ),
            ),
          )
          .orderBy('seq')
          .limit(1)
          .compile(),
      )
      return last && last.seq + 1
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
