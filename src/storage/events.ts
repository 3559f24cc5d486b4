import type { EntryFact, EventCertificate, EventSource } from '../exchange/delivery/events.ts'
import type { SqlDatabase } from './sql-database.ts'
import { sql } from './tables.ts'

const CERTIFICATE = [
  'certificates.sha256 as certificate',
  'certificates.state',
  'certificates.type',
  'certificates.number',
  'certificates.issuer',
  'certificates.origin',
] as const

export function sqlEvents(database: SqlDatabase): EventSource {
  return {
    async head() {
      const [row] = await database.query(
        sql
          .selectFrom('node')
          .select(({ selectFrom }) => [
            'epoch',
            selectFrom('entries')
              .select(({ fn }) => fn.max('idx').as('last'))
              .as('last'),
          ])
          .compile(),
      )
      if (!row) throw new Error('The node row is missing')
      return { epoch: row.epoch, lastSeq: row.last === null ? 0 : row.last + 1 }
    },

    async read(passed, limit) {
      const entries = await database.query(
        sql
          .selectFrom('entries')
          .select(['idx', 'sha256', 'at'])
          .where('idx', '>=', passed)
          .orderBy('idx')
          .limit(limit)
          .compile(),
      )
      if (entries.length === 0) return []
      // The projections of an entry were written with it, so they are all there by now.
      const facts = new Map<number, EntryFact[]>(entries.map(({ idx }) => [idx, []]))
      const range = { first: passed, last: entries.at(-1)!.idx }
      for (const { idx, fact } of await factsOf(database, range)) facts.get(idx)!.push(fact)
      return entries.map((entry) => ({ ...entry, facts: facts.get(entry.idx)! }))
    },
  }
}

interface Placed {
  readonly idx: number
  readonly fact: EntryFact
}

interface Range {
  readonly first: number
  readonly last: number
}

async function factsOf(database: SqlDatabase, range: Range): Promise<Placed[]> {
  return [
    ...(await certificatesIn(database, range)),
    ...(await changesIn(database, range)),
    ...(await decisionsIn(database, range)),
    ...(await noticesIn(database, range)),
  ]
}

async function certificatesIn(database: SqlDatabase, { first, last }: Range): Promise<Placed[]> {
  const rows = await database.query(
    sql
      .selectFrom('certificates')
      .select(['certificates.idx', ...CERTIFICATE])
      .where('certificates.idx', '>=', first)
      .where('certificates.idx', '<=', last)
      .compile(),
  )
  return rows.map((row) => ({
    idx: row.idx,
    fact: { fact: 'certificate', certificate: certificateOf(row) },
  }))
}

/** Each change with those of the same certificate before it. */
async function changesIn(database: SqlDatabase, { first, last }: Range): Promise<Placed[]> {
  const rows = await database.query(
    sql
      .selectFrom('entries')
      .innerJoin('status_changes as this', 'this.sha256', 'entries.sha256')
      .innerJoin('certificates', 'certificates.sha256', 'this.target')
      .innerJoin('status_changes as each', (join) =>
        join.onRef('each.target', '=', 'this.target').onRef('each.n', '<=', 'this.n'),
      )
      .innerJoin('documents', 'documents.sha256', 'each.sha256')
      .select(['entries.idx', 'documents.jws', ...CERTIFICATE])
      .where('entries.idx', '>=', first)
      .where('entries.idx', '<=', last)
      .where('entries.kind', '=', 'status-change')
      .orderBy('entries.idx')
      .orderBy('each.n')
      .compile(),
  )
  const changes = new Map<number, { certificate: EventCertificate; jws: [string, ...string[]] }>()
  for (const row of rows) {
    const known = changes.get(row.idx)
    if (known) known.jws.push(row.jws)
    else changes.set(row.idx, { certificate: certificateOf(row), jws: [row.jws] })
  }
  return [...changes].map(([idx, { certificate, jws }]) => ({
    idx,
    fact: { fact: 'status-change', certificate, changes: jws },
  }))
}

async function decisionsIn(database: SqlDatabase, { first, last }: Range): Promise<Placed[]> {
  const rows = await database.query(
    sql
      .selectFrom('entries')
      .innerJoin('outgoing', 'outgoing.receipt', 'entries.sha256')
      .leftJoin('status_changes', 'status_changes.sha256', 'outgoing.sha256')
      .innerJoin('certificates', (join) =>
        join.on(({ eb, fn, ref }) =>
          eb(
            'certificates.sha256',
            '=',
            fn.coalesce('status_changes.target', ref('outgoing.sha256')),
          ),
        ),
      )
      .select([
        'entries.idx',
        'outgoing.sha256 as document',
        'outgoing.recipient',
        'outgoing.outcome',
        'outgoing.findings',
        'outgoing.decided_at',
        ...CERTIFICATE,
      ])
      .where('entries.idx', '>=', first)
      .where('entries.idx', '<=', last)
      .where('entries.kind', '=', 'receipt')
      .orderBy('outgoing.recipient')
      .orderBy('outgoing.seq')
      .compile(),
  )
  return rows.map((row) => ({
    idx: row.idx,
    fact: {
      fact: 'decided',
      certificate: certificateOf(row),
      document: row.document,
      recipient: row.recipient,
      outcome: row.outcome!,
      findings: JSON.parse(row.findings ?? '[]') as string[],
      decidedAt: row.decided_at ?? '',
    },
  }))
}

async function noticesIn(database: SqlDatabase, { first, last }: Range): Promise<Placed[]> {
  const rows = await database.query(
    sql
      .selectFrom('security_notices as this')
      .innerJoin('documents as own', 'own.sha256', 'this.sha256')
      .innerJoin('documents as root', 'root.sha256', 'this.notice')
      .select(['this.idx', 'this.notice', 'own.jws', 'root.jws as rootJws'])
      .where('this.idx', '>=', first)
      .where('this.idx', '<=', last)
      .compile(),
  )
  return rows.map(({ idx, notice, jws, rootJws }) => ({
    idx,
    fact: { fact: 'security-notice', notice: { sha256: notice, jws: rootJws }, jws },
  }))
}

function certificateOf(
  row: Omit<EventCertificate, 'sha256'> & { certificate: string },
): EventCertificate {
  const { certificate: sha256, state, type, number, issuer, origin } = row
  return { sha256, state, type, number, issuer, origin }
}
