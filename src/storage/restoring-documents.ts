import { CompiledQuery, sql as raw } from 'kysely'
import { claimedTarget } from '../exchange/audit/judge-document.ts'
import { openDocument, type OpenedDocument } from '../exchange/validation/opened-document.ts'
import type { ClaimedDocument } from '../exchange/log/own-log-source.ts'
import type { RestoringDocuments } from '../exchange/log/restore-documents.ts'
import { WAITS_FOR_A_DECISION } from '../exchange/incoming/waiting-changes.ts'
import { TrustList } from '../trust/trust-list.ts'
import type { SqlDatabase } from './sql-database.ts'
import { insertOf, sql } from './tables.ts'

/**
 * The documents of a log that is put together again. What a peer sent here is kept as having arrived under
 * the number that it says; what went to the peer has arrived there, because the peer has it.
 *
 * @param at now
 * @param delayHours after which additions of trust lists count, by the policy
 */
export function sqlRestoringDocuments(
  database: SqlDatabase,
  { at, delayHours }: { readonly at: string; readonly delayHours: number },
): RestoringDocuments {
  async function digests(table: string, after: string, limit: number): Promise<string[]> {
    const rows = await database.query<{ sha256: string }>(
      CompiledQuery.raw(
        `SELECT DISTINCT sha256 FROM ${table} WHERE sha256 > ?
           AND sha256 NOT IN (SELECT sha256 FROM documents) ORDER BY sha256 LIMIT ?`,
        [after, limit],
      ),
    )
    return rows.map(({ sha256 }) => sha256)
  }

  return {
    async missing(after, limit) {
      const [logged, decided] = await Promise.all([
        digests(`(${WANTED})`, after, limit),
        digests('decisions', after, limit),
      ])
      return [...new Set([...logged, ...decided])].sort().slice(0, limit)
    },

    async keep(peer, documents) {
      const statements: CompiledQuery[] = []
      for (const document of documents) {
        const opened = await openDocument(document.document)
        statements.push(
          insertDocument({ sha256: document.sha256, jws: document.document }),
          ...arrivalStatements(peer, document, { at, target: claimedTarget(opened) }),
          receivedStatement(peer, document.sha256, at),
          ...delayStatements(opened, delayHours),
        )
      }
      if (statements.length > 0) await database.atomic(statements)
    },
  }
}

/** What an earlier restore lost is looked for again. */
const WANTED = `SELECT sha256 FROM entries WHERE kind <> 'administrative'`

const insertDocument = insertOf('documents', ['sha256', 'jws'], { ifAbsent: 'sha256' })

/** Waits until its receipt, or at least its entry, says what became of it: its sender alone says so far. */
function arrivalStatements(
  sender: string,
  { sha256, seq }: ClaimedDocument,
  { at, target = null }: { at: string; target?: string | null | undefined },
): CompiledQuery[] {
  if (seq === undefined) return []
  return [
    // What this state sent itself did not arrive here.
    raw`INSERT INTO inbox (sha256, sender, seq, arrived_at, waits_for, target)
      SELECT ${sha256}, ${sender}, ${seq},
        coalesce((SELECT at FROM entries WHERE sha256 = ${sha256}), ${at}),
        ${WAITS_FOR_A_DECISION}, ${target}
      WHERE NOT EXISTS (SELECT 1 FROM outgoing WHERE sha256 = ${sha256})
      ON CONFLICT (sha256, sender) DO UPDATE SET seq = excluded.seq, target = excluded.target
        WHERE inbox.seq < 0`.compile(sql),
  ]
}

function receivedStatement(recipient: string, sha256: string, at: string): CompiledQuery {
  return sql
    .updateTable('outgoing')
    .set({ received_at: at })
    .where('recipient', '=', recipient)
    .where('sha256', '=', sha256)
    .where('received_at', 'is', null)
    .compile()
}

/** When what a version of a trust list adds counts here, as it was decided when the list was accepted. */
function delayStatements({ sha256, parsed }: OpenedDocument, hours: number): CompiledQuery[] {
  if ('malformed' in parsed || parsed.header.typ !== 'trust-list+jwt') return []
  const list = TrustList.safeParse(parsed.payload)
  if (!list.success || list.data.version === 1) return []
  const { state, version } = list.data
  return [
    raw`INSERT INTO trust_list_delays (sha256, state, version, additions_from)
      SELECT sha256, ${state}, ${version}, strftime('%Y-%m-%dT%H:%M:%SZ', at, ${`+${hours} hours`})
      FROM entries WHERE sha256 = ${sha256} AND kind = 'trust-list'
      ON CONFLICT DO NOTHING`.compile(sql),
  ]
}
