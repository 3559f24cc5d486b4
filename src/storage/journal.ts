import { CompiledQuery, sql as raw } from 'kysely'
import type { Effect } from '../exchange/effect.ts'
import type { Head, Journal, NumberedEntry } from '../exchange/journal.ts'
import { WAITS_FOR_ITS_PLACE, WAITS_FOR_ITS_RECEIPT } from '../exchange/incoming/waiting-changes.ts'
import {
  alarmRow,
  certificateRow,
  decisionRow,
  peerDecisionColumns,
  searchTermsStatement,
} from './rows.ts'
import { decodeHashes, growTree, isTreeBehind, treeStatements } from './log-tree.ts'
import { noticeRow } from './notices.ts'
import { OpenTiles } from './open-tiles.ts'
import { reconciliationStatement } from './reconciliations.ts'
import { attestationRow } from './second-signatures.ts'
import type { SqlDatabase } from './sql-database.ts'
import { growRevisionOf, growStatusListRevision, isListed } from './status-list-store.ts'
import { actsStatements, coveringStatement } from './administrative-records.ts'
import { growTrustRevision, insertOf, sql } from './tables.ts'

/** Stands for the log among the recipients; no state is called so. */
const LOG = ''

/** One statement: size, sequences and tree of one and the same moment. */
const HEAD = sql
  .selectFrom('recipients')
  .select(({ ref, val }) => ['state', ref('last_seq').as('last'), val('').as('frontier')])
  .unionAll((eb) =>
    eb
      .selectFrom('log_head')
      .select(({ val, ref }) => [val(LOG).as('state'), ref('size').as('last'), 'frontier']),
  )
  .compile()

/** The journal over SQL. `change` is written in the same step as whatever is appended. */
export function sqlJournal(database: SqlDatabase, change: readonly CompiledQuery[] = []): Journal {
  const tiles = new OpenTiles()

  async function head(): Promise<Head> {
    const rows = await database.query(HEAD)
    const lastSeq: Record<string, number> = {}
    let [size, edge]: [number, readonly Uint8Array[]] = [0, []]
    for (const { state, last, frontier } of rows)
      if (state !== LOG) lastSeq[state] = last
      else [size, edge] = [last, decodeHashes(frontier)]
    return { size, lastSeq, edge }
  }

  return {
    head,
    async append({ entries, effects, expectedHead, head: next, completed }) {
      const statements = [...change]
      for (const entry of entries) addEntry(statements, entry)
      if (entries.length > 0) {
        const frontier = { size: BigInt(next.size), hashes: next.edge }
        statements.push(...(await treeStatements(database, frontier, completed, { known: tiles })))
      }
      statements.push(...recipientStatements(entries))
      for (const effect of effects) statements.push(...effectStatements(effect))
      if ((await database.atomic(statements)) === 'done') {
        tiles.keep(completed)
        return 'appended'
      }
      // A collision says only that a place was taken. If the head stands where it was, it was not an
      // index: something of the step is already there.
      const { size } = await head()
      if (size !== expectedHead.size) return 'head-moved'
      if (!(await isTreeBehind(database))) return 'duplicate'
      // A process of an older version still writes, and moves no head.
      await growTree(database)
      return 'head-moved'
    },
  }
}

const insertEntry = insertOf('entries', ['idx', 'sha256', 'kind', 'at', 'leaf'])
/** Bytes are content-addressed: a document that arrived earlier and waited is already there. */
const insertDocument = insertOf('documents', ['sha256', 'jws'], { ifAbsent: 'sha256' })
/** A message that nobody has acknowledged yet: the other columns are NULL. */
const insertOutgoing = insertOf('outgoing', ['recipient', 'seq', 'sha256'])

function addEntry(statements: CompiledQuery[], entry: NumberedEntry): void {
  const { idx, sha256, kind, at, leaf, jws, seq, effects } = entry
  statements.push(insertEntry({ idx, sha256, kind, at, leaf }))
  if (jws !== undefined) statements.push(insertDocument({ sha256, jws }))
  for (const [recipient, n] of Object.entries(seq))
    statements.push(insertOutgoing({ recipient, seq: n, sha256 }))
  for (const effect of effects) statements.push(...effectStatements(effect, { idx, at }))
}

function recipientStatements(entries: readonly NumberedEntry[]): CompiledQuery[] {
  const last = Object.assign({}, ...entries.map((entry) => entry.seq)) as Record<string, number>
  return Object.entries(last).map(([state, seq]) =>
    CompiledQuery.raw(
      `INSERT INTO recipients (state, last_seq) VALUES (?, ?)
        ON CONFLICT (state) DO UPDATE SET last_seq = excluded.last_seq`,
      [state, seq],
    ),
  )
}

/** Of what a restore gave up nobody knew the number under which it had come. */
function renumberStatement(
  sha256: string,
  { sender, seq, target }: { sender: string; seq: number; target: string | undefined },
): CompiledQuery {
  return sql
    .updateTable('inbox')
    .set({ seq, target: target ?? null })
    .where('sha256', '=', sha256)
    .where('sender', '=', sender)
    .where('seq', '<', 0)
    .compile()
}

/** Effects that project a document name the entry they belong to; working state belongs to none. */
function effectStatements(effect: Effect, entry?: { idx: number; at: string }): CompiledQuery[] {
  switch (effect.effect) {
    case 'certificate': {
      if (!entry) throw new Error('A certificate is projected from an entry of the log')
      const { sha256, status } = effect.certificate
      return [
        sql.insertInto('certificates').values(certificateRow(effect.certificate, entry)).compile(),
        searchTermsStatement(effect.terms, entry.idx),
        ...(isListed(status) ? [growStatusListRevision(sha256)] : []),
      ]
    }
    case 'status-change': {
      const { target, n, sha256, status, replacedBy, usableUntil } = effect
      return [
        sql.insertInto('status_changes').values({ target, n, sha256 }).compile(),
        sql
          .updateTable('certificates')
          .set({
            status,
            replaced_by: replacedBy ?? null,
            ...(usableUntil !== undefined && { usable_until: usableUntil }),
          })
          .where('sha256', '=', target)
          .compile(),
        growStatusListRevision(target),
      ]
    }
    case 'security-notice': {
      if (!entry) throw new Error('A security notice is projected from an entry of the log')
      return [sql.insertInto('security_notices').values(noticeRow(effect.record, entry)).compile()]
    }
    case 'reconciliation':
      return [reconciliationStatement(effect.record)]
    case 'compare': {
      const { sha256, view, peer, since } = effect
      return [
        sql
          .insertInto('reconciliation_checks')
          .values({ sha256, view, peer, since, checks: 0, next_at: since, compared_after: null })
          .compile(),
      ]
    }
    case 'second-signature':
      return [sql.insertInto('second_signatures').values(effect.record).compile()]
    case 'attestation':
      return [sql.insertInto('attestations').values(attestationRow(effect.record)).compile()]
    case 'trust-list': {
      const { state, version, sha256 } = effect
      return [
        sql.insertInto('trust_lists').values({ state, version, sha256 }).compile(),
        growTrustRevision(),
      ]
    }
    case 'officials-register': {
      const { state, version, sha256 } = effect
      return [sql.insertInto('officials_registers').values({ state, version, sha256 }).compile()]
    }
    case 'additions-from': {
      const { state, version, sha256, additionsFrom: additions_from } = effect
      return [
        sql
          .insertInto('trust_list_delays')
          .values({ sha256, state, version, additions_from })
          .compile(),
      ]
    }
    case 'decided-by-peer':
      return [
        sql
          .updateTable('outgoing')
          .set(peerDecisionColumns(effect))
          .where('recipient', '=', effect.recipient)
          .where('sha256', '=', effect.sha256)
          .where('outcome', 'is', null)
          .compile(),
      ]
    case 'decision':
      return [
        sql.insertInto('decisions').values(decisionRow(effect)).compile(),
        sql
          .updateTable('inbox')
          .set({ waits_for: null })
          .where('sha256', '=', effect.sha256)
          .where('sender', '=', effect.sender)
          .compile(),
      ]
    case 'further-receipt': {
      const { receipt, sha256, recipient, decided } = effect
      return [
        sql.insertInto('further_receipts').values({ receipt, sha256 }).compile(),
        CompiledQuery.raw(
          `UPDATE decisions SET receipt = ? WHERE sender = ? AND receipt = ?
            AND sha256 IN (SELECT value FROM json_each(?))`,
          [sha256, recipient, receipt, JSON.stringify(decided)],
        ),
        // Its recipient has refused it or would.
        sql.deleteFrom('late_receipts').where('sha256', '=', receipt).compile(),
      ]
    }
    case 'arrival': {
      const { sha256, sender, seq, arrivedAt, waitsFor, target, jws } = effect
      return [
        insertDocument({ sha256, jws }),
        sql
          .insertInto('inbox')
          .values({
            sha256,
            sender,
            seq,
            arrived_at: arrivedAt,
            waits_for: waitsFor ?? null,
            target: target ?? null,
          })
          // What it waits for may have become another thing; what is decided waits for nothing again.
          .onConflict((conflict) =>
            conflict
              .columns(['sha256', 'sender'])
              .doUpdateSet({ waits_for: waitsFor ?? null })
              .where('inbox.waits_for', 'is not', null),
          )
          .compile(),
      ]
    }
    case 'found': {
      const { sha256, jws, index: idx, at, effects, arrival } = effect
      return [
        // Not if absent: found twice, it would take effect twice. Where it was late it is here already.
        raw`INSERT INTO documents (sha256, jws) SELECT ${sha256}, ${jws} WHERE NOT EXISTS
          (SELECT 1 FROM late_documents WHERE sha256 = ${sha256})`.compile(sql),
        sql.deleteFrom('late_documents').where('sha256', '=', sha256).compile(),
        ...effects.flatMap((one) => effectStatements(one, { idx, at })),
        sql
          .updateTable('inbox')
          .set({ waits_for: WAITS_FOR_ITS_RECEIPT })
          .where('sha256', '=', sha256)
          .where('waits_for', '=', WAITS_FOR_ITS_PLACE)
          .compile(),
        ...(arrival ? [renumberStatement(sha256, arrival)] : []),
      ]
    }
    case 'late': {
      const { sha256, jws, reason, statusUri, arrival } = effect
      return [
        ...(statusUri === undefined ? [] : [growRevisionOf(statusUri)]),
        raw`INSERT INTO late_documents (sha256, reason) SELECT ${sha256}, ${reason}
          WHERE NOT EXISTS (SELECT 1 FROM documents WHERE sha256 = ${sha256})
            OR EXISTS (SELECT 1 FROM late_documents WHERE sha256 = ${sha256})
          ON CONFLICT (sha256) DO UPDATE SET reason = excluded.reason`.compile(sql),
        insertDocument({ sha256, jws }),
        ...(arrival ? [renumberStatement(sha256, arrival)] : []),
      ]
    }
    case 'alarm':
      return [sql.insertInto('alarms').values(alarmRow(effect.alarm)).compile()]
    case 'admin-acts':
    case 'rows-covered':
      if (!entry) throw new Error('An administrative record belongs to an entry of the log')
      return effect.effect === 'admin-acts'
        ? actsStatements(effect, entry.idx)
        : [coveringStatement(effect, entry.idx)]
    case 'late-receipt':
      return [
        sql
          .insertInto('late_receipts')
          .values({ sha256: effect.sha256, recipient: effect.recipient, delivered_at: null })
          .compile(),
      ]
  }
}
