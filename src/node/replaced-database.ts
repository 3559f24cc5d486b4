import { existsSync } from 'node:fs'
import { REPLACED, REPLACED_CHANGE } from '../exchange/log/lost-documents.ts'
import { sql } from '../storage/tables.ts'
import type { AdminAct } from '../trust/admin-act.ts'
import type { SqliteDatabase } from './sqlite-database.ts'

/** A document that the replaced database has issued and the restored log does not have. */
export interface ReplacedDocument {
  readonly sha256: string
  readonly kind: string
  /** The messages in which it went out. */
  readonly to: Readonly<Record<string, number>>
  /** Of a certificate, or of the one that a status change is about. */
  readonly id: { readonly type: string; readonly number: string } | undefined
}

/** `unreadable`: the replaced database is there and cannot be read, so that nobody knows what it issued. */
export type ReplacedDocuments = readonly ReplacedDocument[] | 'unreadable'

interface Row {
  readonly sha256: string
  readonly kind: string
  readonly leaf: string | null
  readonly type: string | null
  readonly number: string | null
  readonly folded_number: string | null
}

const ABSENT_HERE = `(SELECT state FROM replaced.node) = ?
    AND NOT EXISTS (SELECT 1 FROM main.entries AS here WHERE here.sha256 = there.sha256)
    AND NOT EXISTS (SELECT 1 FROM main.lost_documents AS listed WHERE listed.sha256 = there.sha256)`

/**
 * Own documents: what was received stands in the logs of others, and their receipts are written again. First
 * those that the replaced database had itself from one that it has replaced.
 */
const ONLY_THERE = [
  `SELECT there.sha256, CASE WHEN there.kind = '${REPLACED_CHANGE}' THEN 'status-change'
      WHEN n.type IS NULL THEN 'document' ELSE 'certificate' END AS kind,
    NULL AS leaf, n.type, n.folded_number AS number, n.folded_number
  FROM replaced.lost_documents AS there LEFT JOIN replaced.lost_numbers AS n ON n.sha256 = there.sha256
  WHERE there.kind IN ('${REPLACED}', '${REPLACED_CHANGE}') AND ${ABSENT_HERE}
  ORDER BY there.sha256`,
  `SELECT there.sha256, there.kind, there.leaf, c.type, c.number, c.folded_number
  FROM replaced.entries AS there
  LEFT JOIN replaced.status_changes AS s ON s.sha256 = there.sha256
  LEFT JOIN replaced.certificates AS c ON c.sha256 = coalesce(s.target, there.sha256)
  WHERE there.leaf NOT LIKE '%"to":{}%'
    AND there.kind NOT IN ('administrative', 'receipt', 'reconciliation') AND ${ABSENT_HERE}
  ORDER BY there.idx`,
]

/**
 * Lists as lost what the database that is replaced has issued and the restored log lacks: it was appended to
 * another history, and its recipients may have it in force. The numbers of its certificates stay used, and until
 * its status changes are settled nobody can tell what they changed; the acts say so, and are to be written in
 * the step that begins the epoch.
 */
export async function listReplaced(
  restored: SqliteDatabase,
  replaced: string,
  { state, epoch, at, actor }: { state: string; epoch: string; at: string; actor: string },
): Promise<{ readonly documents: ReplacedDocuments; readonly acts: readonly AdminAct[] }> {
  const rows = existsSync(replaced) ? onlyThere(restored, replaced, state) : []
  if (rows === 'unreadable') return { documents: rows, acts: [] }
  const lost = rows.map(({ sha256, kind }) => {
    const listed = kind === 'status-change' ? REPLACED_CHANGE : REPLACED
    return { sha256, idx: null, kind: listed, epoch }
  })
  const numbers = rows.flatMap(({ sha256, kind, type, folded_number }) =>
    kind !== 'certificate' || type === null || folded_number === null
      ? []
      : [{ sha256, type, folded_number, settled_at: at }],
  )
  await restored.atomic([
    ...lost.map((row) => sql.insertInto('lost_documents').values(row).compile()),
    ...numbers.map((row) => sql.insertInto('lost_numbers').values(row).compile()),
  ])
  const documents = rows.map(({ sha256, kind, leaf, type, number }) => {
    const { to } = JSON.parse(leaf ?? '{"to":{}}') as Pick<ReplacedDocument, 'to'>
    return { sha256, kind, to, id: type === null || number === null ? undefined : { type, number } }
  })
  const acts = numbers.map(
    ({ sha256: subject, type, folded_number }) =>
      ({
        at,
        actor,
        act: 'lost-number-settled',
        subject,
        detail: `${type} ${folded_number}`,
      }) as const,
  )
  return { documents, acts }
}

function onlyThere(
  { raw }: SqliteDatabase,
  replaced: string,
  state: string,
): readonly Row[] | 'unreadable' {
  // It may be damaged: that is why it is replaced.
  try {
    raw.prepare('ATTACH ? AS replaced').run(replaced)
  } catch {
    return 'unreadable'
  }
  try {
    return ONLY_THERE.flatMap((there) => raw.prepare(there).all(state) as Row[])
  } catch {
    return 'unreadable'
  } finally {
    raw.exec('DETACH replaced')
  }
}
