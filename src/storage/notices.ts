import { type Selectable, sql as raw } from 'kysely'
import type { NoticeChain, NoticeChains, NoticeRecord } from '../exchange/notices/store.ts'
import type { NoticeInterval } from '../exchange/notices/interval.ts'
import type { NoticeSubject } from '../exchange/notices/security-notice.ts'
import { SEARCH_VERSION } from '../certificate/search-terms.ts'
import { certificateOf } from './certificate-store.ts'
import { MAX_PARAMETERS, type SqlDatabase } from './sql-database.ts'
import { sql, type Tables } from './tables.ts'

type Row = Selectable<Tables['security_notices']>
type ChainRow = Row & { readonly at: string }

export function sqlNoticeStore(database: SqlDatabase): NoticeChains {
  const chains = sql
    .selectFrom('security_notices')
    .innerJoin('entries', 'entries.idx', 'security_notices.idx')
    .selectAll('security_notices')
    .select('entries.at')
    .orderBy('notice')
    .orderBy('n')
  // A literal, so that the index of declarations serves whatever the engine knows of parameters.
  const roots = sql.selectFrom('security_notices').select('notice').where('n', '=', raw.lit(0))

  async function noticesOf(query: typeof chains): Promise<NoticeChain[]> {
    const rows = await database.query(query.compile())
    const byNotice = new Map<string, [ChainRow, ...ChainRow[]]>()
    for (const row of rows) {
      const chain = byNotice.get(row.notice)
      if (chain) chain.push(row)
      else byNotice.set(row.notice, [row])
    }
    return [...byNotice.values()].map(noticeOf).toSorted((a, b) => a.idx - b.idx)
  }

  return {
    about(state, x5tS256) {
      const named = roots
        .where('subject_state', '=', state)
        .where(({ or, eb }) => or([eb('seal', '=', x5tS256), eb('seal', 'is', null)]))
      return noticesOf(chains.where('notice', 'in', named))
    },

    naming(state, x5tS256, authorities) {
      const named = roots
        .where('subject_state', '=', state)
        .where(({ or, and, eb }) =>
          or([
            eb('seal', '=', x5tS256),
            and([eb('seal', 'is', null), eb('ski', 'in', authorities)]),
          ]),
        )
      return noticesOf(chains.where('notice', 'in', named))
    },

    async namesAuthorities(state) {
      const any = roots.where('subject_state', '=', state).where('seal', 'is', null).limit(1)
      return (await database.query(any.compile())).length > 0
    },

    async find(sha256) {
      const chain = sql.selectFrom('security_notices').select('notice').where('sha256', '=', sha256)
      return (await noticesOf(chains.where('notice', 'in', chain)))[0]
    },

    list(after, limit) {
      const page = roots.where('idx', '>', after).orderBy('idx').limit(limit)
      return noticesOf(chains.where('notice', 'in', page))
    },

    async count(issuer, subject) {
      const [row] = await database.query(
        sql
          .selectFrom('security_notices')
          .select(({ fn }) => fn.countAll<number>().as('n'))
          .where('n', '=', raw.lit(0))
          .where('issuer', '=', issuer)
          .where('subject_state', '=', subject.state)
          .where('seal', 'ski' in subject ? 'is' : '=', 'ski' in subject ? null : subject.x5tS256)
          .compile(),
      )
      return row?.n ?? 0
    },

    async countOf(issuer) {
      const [row] = await database.query(
        sql
          .selectFrom('security_notices')
          .select(({ fn }) => fn.countAll<number>().as('n'))
          .where('n', '=', raw.lit(0))
          .where('issuer', '=', issuer)
          .compile(),
      )
      return row?.n ?? 0
    },

    async concerned(state, seals, { from, until }, { after, limit }) {
      const found = []
      // The first of each part are enough: the first of all are among them.
      for (let i = 0; i < seals.length; i += SEALS_AT_ONCE)
        found.push(
          ...(await database.query(
            sql
              .selectFrom('certificates')
              .selectAll()
              .where('seal', 'in', seals.slice(i, i + SEALS_AT_ONCE))
              .where('state', '=', state)
              .where('idx', '>', after)
              .where('appended_at', '>=', from)
              .$if(until !== undefined, (query) =>
                query.where(({ or, eb }) =>
                  or([eb('appended_at', '<=', until!), eb('signed_at', '<=', until!)]),
                ),
              )
              .orderBy('idx')
              .limit(limit)
              .compile(),
          )),
        )
      return found
        .toSorted((a, b) => a.idx - b.idx)
        .slice(0, limit)
        .map(certificateOf)
    },

    async isComplete() {
      const outdated = await database.query(
        sql
          .selectFrom('certificates')
          .select('idx')
          .where('search_version', '<', SEARCH_VERSION)
          .limit(1)
          .compile(),
      )
      return outdated.length === 0
    },
  }
}

/** Room for the other conditions of the statement. */
const SEALS_AT_ONCE = MAX_PARAMETERS - 10

/** A document of a chain as `Journal.append` writes it; `entry` is its place in the log. */
export function noticeRow(record: NoticeRecord, entry: { readonly idx: number }): Row {
  const { sha256, notice, n, change } = record
  const declares = change === 'declare' ? record : undefined
  const interval = change === 'release' ? undefined : record.interval
  const subject = declares?.subject
  const isSeal = subject !== undefined && 'x5tS256' in subject
  return {
    notice,
    n,
    sha256,
    idx: entry.idx,
    change,
    issuer: declares?.issuer ?? null,
    subject_state: subject?.state ?? null,
    subject_body: isSeal ? subject.body : null,
    seal: isSeal ? subject.x5tS256 : null,
    ski: subject && 'ski' in subject ? subject.ski : null,
    measure: declares?.measure ?? null,
    from_at: interval?.from ?? null,
    until_at: interval?.until ?? null,
  }
}

/** What the documents of a chain come to, in their order. */
function noticeOf(chain: readonly [ChainRow, ...ChainRow[]]): NoticeChain {
  const [root] = chain
  const interval = chain.findLast(({ from_at }) => from_at !== null)!
  const [first, ...others] = chain.map(({ sha256 }) => sha256)
  return {
    sha256: root.notice,
    issuer: root.issuer!,
    subject: subjectOf(root),
    measure: root.measure!,
    interval: intervalOf(interval),
    released: chain.at(-1)!.change === 'release',
    documents: [first!, ...others],
    idx: root.idx,
    links: chain.map((row) => ({
      sha256: row.sha256,
      change: row.change,
      interval: row.from_at === null ? undefined : intervalOf(row),
      at: row.at,
    })),
  }
}

function intervalOf({ from_at, until_at }: Pick<Row, 'from_at' | 'until_at'>): NoticeInterval {
  return { from: from_at!, ...(until_at !== null && { until: until_at }) }
}

function subjectOf({
  subject_state,
  subject_body,
  seal,
  ski,
}: Pick<Row, 'subject_state' | 'subject_body' | 'seal' | 'ski'>): NoticeSubject {
  const state = subject_state!
  return ski === null ? { state, body: subject_body!, x5tS256: seal! } : { state, ski }
}
