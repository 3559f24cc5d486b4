import type { TrustHistory } from '../../exchange/audit/log-history.ts'
import {
  advanced,
  judgePage,
  type LoggedSignature,
  type SignatureProgress,
} from '../../exchange/audit/signatures.ts'
import type { EntryKind } from '../../tlog/leaf.ts'
import type { SqlDatabase } from '../sql-database.ts'
import { sql } from '../tables.ts'

/** Entries after which an audit may be taken up again. */
export const SAVED_EVERY = 4096

export interface SignatureWalk {
  readonly history: TrustHistory
  readonly paths: Parameters<typeof judgePage>[1]['paths']
  readonly asOf: Date
  readonly start: SignatureProgress
  readonly save: (done: SignatureProgress) => Promise<void>
  readonly progress: (done: number) => void
}

/** Judges every signature of the log from `start` on. Lists before it are read for what they say. */
export async function auditSignatures(
  database: SqlDatabase,
  { history, paths, asOf, start, save, progress }: SignatureWalk,
): Promise<SignatureProgress> {
  let done = start
  let first = await firstNeeded(database, start.next, history)
  for (;;) {
    const end = (Math.floor(first / PAGE) + 1) * PAGE
    const { page, last } = await readPage(database, first, end)
    const found = await judgePage(page, { history, paths, asOf, from: start.next })
    done = advanced(done, Math.max(end, start.next), found)
    progress(Math.min(end, last + 1))
    if (last < end) return done
    if (end % SAVED_EVERY === 0 && end > start.next) await save(done)
    first = end
  }
}

const PAGE = 512

/** Takes the lists before `next` into the history, without judging them again. */
async function firstNeeded(
  database: SqlDatabase,
  next: number,
  history: TrustHistory,
): Promise<number> {
  if (next === 0) return 0
  const lists = await database.query(
    sql
      .selectFrom('entries')
      .innerJoin('documents', 'documents.sha256', 'entries.sha256')
      .select(['entries.sha256', 'documents.jws'])
      .where('idx', '<', next)
      .where('kind', '=', 'trust-list')
      .orderBy('idx')
      .compile(),
  )
  for (const { sha256, jws } of lists) history.takeSigned(jws, sha256)
  return next
}

async function readPage(database: SqlDatabase, first: number, end: number) {
  const rows = await database.query(
    sql
      .selectFrom('entries')
      .leftJoin('documents', 'documents.sha256', 'entries.sha256')
      .select(['idx', 'kind', 'entries.sha256', 'at', 'jws'])
      .where('idx', '>=', first)
      .where('idx', '<', end)
      .orderBy('idx')
      .compile(),
  )
  const [row] = await database.query(
    sql
      .selectFrom('entries')
      .select(({ fn }) => fn.max('idx').as('last'))
      .compile(),
  )
  const page = rows.flatMap(({ idx, kind, sha256, at, jws }): LoggedSignature[] =>
    // That a document is missing is found with the bytes of all others.
    jws === null || kind === 'administrative'
      ? []
      : [{ idx, kind: kind as EntryKind, sha256, jws, at: new Date(at) }],
  )
  return { page, last: row?.last ?? -1 }
}
