import type { Report } from '../../exchange/audit/finding.ts'
import { claimedTarget } from '../../exchange/audit/judge-document.ts'
import { openDocument } from '../../exchange/validation/opened-document.ts'
import {
  FIRST_ID_FROM_TIME,
  type Permutation,
  permutationOf,
  STATUS_LIST_SIZE,
} from '../../status-list/position.ts'
import { CompiledQuery } from 'kysely'
import { SEARCH_VERSION } from '../../certificate/search-terms.ts'
import { formatInstant } from '../../encoding/time.ts'
import { LATE_MS } from '../../exchange/audit/tell-unvouched.ts'
import type { SqlDatabase } from '../sql-database.ts'
import { sql } from '../tables.ts'
import { COVERED_TABLES } from '../../exchange/log/administrative-entry.ts'
import { linesOf, PAGE, rowsOf } from './read-table.ts'

/** Tables that number their rows themselves and never lose one. */
const NUMBERED = [...COVERED_TABLES, 'exchange_archive', 'trust_proposals'] as const

/** Numbering without gaps up to the last number that the engine gave out. */
export async function auditNumbering(database: SqlDatabase, report: Report): Promise<void> {
  for (const table of NUMBERED) {
    const [line] = await linesOf(
      database,
      `SELECT count(*), coalesce(min(n), 1), coalesce(max(n), 0),
         coalesce((SELECT seq FROM sqlite_sequence WHERE name = '${table}'), 0) FROM ${table}`,
    )
    const [count, first, last, given] = line!.split(' ').map(Number)
    if (first !== 1 || count !== last || last !== given)
      report('record-missing', table, `${count} rows of ${given} that were numbered`)
  }
  const names = NUMBERED.map((table) => `'${table}'`).join(', ')
  // Of no declared type: what is no number would be read as one.
  for (const name of await linesOf(
    database,
    "SELECT coalesce(name, '') FROM sqlite_sequence WHERE typeof(seq) <> 'integer'",
  ))
    report('record-differs', `sqlite_sequence ${name}`, 'it is no number')
  const strays = `SELECT coalesce(name, '') FROM sqlite_sequence WHERE name IS NULL OR name NOT IN (${names})`
  for (const name of await linesOf(database, strays))
    report('record-differs', `sqlite_sequence ${name}`, 'no such table numbers its rows')
}

const STRAY: Readonly<Record<string, string>> = {
  'there is one node, numbered 1': `SELECT 'node', id FROM node WHERE id <> 1`,
  'a document of nobody': `SELECT 'documents', sha256 FROM documents
     WHERE sha256 NOT IN (SELECT sha256 FROM entries) AND sha256 NOT IN (SELECT sha256 FROM inbox)`,
  'its document is missing': `SELECT 'inbox', sha256 FROM inbox WHERE sha256 NOT IN (SELECT sha256 FROM documents)
     AND sha256 NOT IN (SELECT sha256 FROM lost_documents)`,
  'decided, and it never arrived': `SELECT 'decisions', sha256, sender FROM decisions
     WHERE (sha256, sender) NOT IN (SELECT sha256, sender FROM inbox)`,
  'decided, and it still waits': `SELECT 'inbox', sha256, sender FROM inbox JOIN decisions USING (sha256, sender)
     WHERE waits_for IS NOT NULL`,
  'neither decided nor waiting': `SELECT 'inbox', sha256, sender FROM inbox
     WHERE waits_for IS NULL AND (sha256, sender) NOT IN (SELECT sha256, sender FROM decisions)`,
  'logged as received, and it never arrived': `SELECT 'certificates', sha256 FROM certificates
     WHERE origin = 'received' AND sha256 NOT IN (SELECT sha256 FROM inbox)`,
  'it came under another number than its log says': `SELECT 'inbox', i.sha256, i.sender FROM inbox AS i
     JOIN addressed AS a ON a.sha256 = i.sha256 AND a.sender = i.sender WHERE a.seq <> i.seq
       AND NOT (i.seq < 0 AND i.sha256 IN (SELECT sha256 FROM lost_documents))`,
  'told as received, and it is not, or under another number': `SELECT 'addressed', a.sender, a.idx
     FROM addressed AS a WHERE a.settled NOT IN (0, 1, 2) OR a.settled = 2 AND NOT EXISTS
       (SELECT 1 FROM inbox AS i WHERE i.sender = a.sender AND i.sha256 = a.sha256 AND i.seq = a.seq)`,
  'a number was given twice': `SELECT 'inbox', sender, seq FROM inbox GROUP BY sender, seq HAVING count(*) > 1`,
  'it is no receipt for that peer': `SELECT 'late_receipts', sha256 FROM late_receipts AS l
     WHERE NOT EXISTS (SELECT 1 FROM decisions AS d WHERE d.receipt = l.sha256 AND d.sender = l.recipient)`,
  'compared, and no document of a peer': `SELECT 'reconciliation_verdicts', n FROM reconciliation_verdicts
     WHERE sha256 NOT IN (SELECT sha256 FROM reconciliations WHERE recipient = (SELECT state FROM node))`,
  'its parts are not one exchange': `SELECT 'exchange_archive', n FROM exchange_archive AS x WHERE part > 1
     AND NOT EXISTS (SELECT 1 FROM exchange_archive AS y WHERE y.n = x.n - 1 AND y.part = x.part - 1
       AND y.message_id = x.message_id AND y.peer = x.peer AND y.direction = x.direction AND y.at = x.at)`,
  'its time is none': `SELECT 'alarms', n FROM alarms WHERE datetime(at) IS NULL
     UNION ALL SELECT 'exchange_archive', n FROM exchange_archive WHERE datetime(at) IS NULL`,
  'it says other than its body': `SELECT 'reports', id FROM reports
     WHERE NOT json_valid(body) OR json_extract(body, '$.id') IS NOT id
       OR json_extract(body, '$.createdAt') IS NOT created_at`,
}

/** What must stand in two tables and stands in one. */
export async function auditReferences(database: SqlDatabase, report: Report): Promise<void> {
  for (const [what, statement] of Object.entries(STRAY))
    for (const line of await linesOf(database, statement)) report('record-differs', line, what)
}

/**
 * Messages that the mirrored logs of others name, and that are not here although they were seen a while
 * before `asOf`; and those that came as they should and are not told so.
 */
export async function auditAddressed(
  database: SqlDatabase,
  { asOf }: { readonly asOf: Date },
  report: Report,
): Promise<void> {
  const late = formatInstant(new Date(asOf.getTime() - LATE_MS))
  const rows = await database.query<AddressedRow>(CompiledQuery.raw(UNSETTLED, [late]))
  const due = formatInstant(new Date(asOf.getTime() - LATE_MS + TOLD_WITHIN_MS))
  for (const where of await linesOf(database, toldBefore(due)))
    report('record-differs', `addressed ${where}`, 'it is told as missing before it was due')
  for (const { sender, idx, seq, sha256, arrived_at: arrivedAt } of rows) {
    const where = `addressed ${sender} ${idx}`
    if (arrivedAt === null) report('message-missing', where, `message ${seq}, document ${sha256}`)
    else if (arrivedAt < late) report('record-differs', where, 'it came, and is told as open')
  }
}

interface AddressedRow {
  readonly sender: string
  readonly idx: number
  readonly seq: number
  readonly sha256: string
  readonly arrived_at: string | null
}

/** What was told, and logged a minute later, a copy may show before it is. */
const TOLD_WITHIN_MS = 120_000

function toldBefore(due: string): string {
  return `SELECT sender, idx FROM addressed WHERE settled = 1 AND mirrored_at > '${due}'`
}

const UNSETTLED = `SELECT a.sender, a.idx, a.seq, a.sha256, i.arrived_at FROM addressed AS a
  LEFT JOIN inbox AS i ON i.sender = a.sender AND i.sha256 = a.sha256
  WHERE a.mirrored_at < ? AND (i.sha256 IS NULL OR a.settled < 2 AND i.seq = a.seq)
  ORDER BY a.sender, a.origin, a.idx`

/** Documents that wait or were refused: their bytes, and what they claim to change. */
export async function auditArrivals(database: SqlDatabase, report: Report): Promise<void> {
  for await (const { sha256, sender, target } of rowsOf(database, 'inbox', ['sha256', 'sender'])) {
    const [document] = await database.query(
      sql.selectFrom('documents').select('jws').where('sha256', '=', sha256).compile(),
    )
    if (!document) continue
    const opened = await openDocument(document.jws)
    if (opened.sha256 !== sha256)
      report('document-differs', `documents ${sha256}`, 'it has other bytes')
    else if (target !== (claimedTarget(opened) ?? null))
      report('record-differs', `inbox ${sha256} ${sender}`, 'it claims to change something else')
  }
}

/** Positions that own certificates bear were handed out, from a list that is here. */
export async function auditStatusPositions(database: SqlDatabase, report: Report): Promise<void> {
  const lists = new Map<number, { ordinal: Permutation['ordinal']; next: number }>()
  let last = 0
  for await (const { id, permutation_key: key, size, next } of rowsOf(database, 'status_lists', [
    'id',
  ])) {
    lists.set(id, { ordinal: permutationOf(key).ordinal, next })
    if (size !== STATUS_LIST_SIZE)
      report('record-differs', `status_lists ${id}`, `it has ${size} positions`)
    // The first one after a restore bears the time as its number.
    if (id !== last + 1 && id < FIRST_ID_FROM_TIME)
      report('record-missing', `status_lists ${id}`, 'one before it is missing')
    last = id
  }
  for await (const { sha256, status_uri: uri, status_idx: position } of ownPositions(database)) {
    const id = Number(/\/status\/(\d+)$/.exec(uri)?.[1])
    const list = lists.get(id)
    if (!list || list.ordinal(position) >= list.next)
      report(
        'record-differs',
        `status_lists ${id}`,
        `position ${position} of ${sha256} was never handed out`,
      )
  }
}

async function* ownPositions(database: SqlDatabase) {
  for (let last = -1; ;) {
    const page = await database.query(
      sql
        .selectFrom('certificates')
        .select(['idx', 'sha256', 'status_uri', 'status_idx'])
        .where('idx', '>', last)
        .where('origin', '=', 'issued')
        .orderBy('idx')
        .limit(PAGE)
        .compile(),
    )
    yield* page
    if (page.length < PAGE) return
    last = page.at(-1)!.idx
  }
}

/** Certificates whose search terms an older version made: what they have to be is compared by nobody. */
export async function auditSearchVersions(database: SqlDatabase, report: Report): Promise<void> {
  const [row] = await database.query(
    sql
      .selectFrom('certificates')
      .select(({ fn }) => [fn.countAll<number>().as('count'), fn.min('idx').as('first')])
      .where('search_version', '<', SEARCH_VERSION)
      .compile(),
  )
  if (row && row.count > 0)
    report('search-outdated', 'certificates', `${row.count} of them, the first at ${row.first}`)
}
