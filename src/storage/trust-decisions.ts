import { logForkSubject, type TrustDecisions, type TrustFork } from '../trust/trust-decisions.ts'
import { changeWithActs } from './admin-acts.ts'
import { piecesOf } from './records.ts'
import type { SqlDatabase } from './sql-database.ts'
import { growTrustRevision, sql } from './tables.ts'

/** The part of the trust store that holds what people decided, and what they have to decide on. */
export function sqlTrustDecisions(database: SqlDatabase): TrustDecisions {
  return {
    async proposals() {
      const rows = await database.query(
        sql.selectFrom('trust_proposals').selectAll().orderBy('n').compile(),
      )
      return rows.map(({ kind, state, subject, proposed_at, proposed_by }) => {
        return { kind, state, subject, proposedAt: proposed_at, proposedBy: proposed_by }
      })
    },

    async approvals() {
      const rows = await database.query(
        sql.selectFrom('trust_approvals').selectAll().orderBy('approved_at').compile(),
      )
      return rows.map(({ kind, state, subject, proposed_by, approved_at, approved_by }) => ({
        kind,
        state,
        subject,
        proposedBy: proposed_by,
        approvedAt: approved_at,
        approvedBy: approved_by,
      }))
    },

    async propose({ kind, state, subject, proposedAt, proposedBy }, acts) {
      const insert = sql
        .insertInto('trust_proposals')
        .values({ kind, state, subject, proposed_at: proposedAt, proposed_by: proposedBy })
      await changeWithActs(database, [insert.compile()], acts)
    },

    async approve({ kind, state, subject, proposedBy, approvedAt, approvedBy }, pin, acts) {
      const approval = sql.insertInto('trust_approvals').values({
        kind,
        state,
        subject,
        proposed_by: proposedBy,
        approved_at: approvedAt,
        approved_by: approvedBy,
      })
      const pins = pin
        ? [
            sql
              .insertInto('trust_pins')
              .values({ state: pin.state, root_sha256: pin.rootSha256, pinned_at: pin.pinnedAt })
              .compile(),
          ]
        : []
      const change = [approval.compile(), ...pins, growTrustRevision()]
      const result = await changeWithActs(database, change, acts)
      return result === 'done' ? 'approved' : 'already-approved'
    },

    async forks() {
      const [lists, logs, rollbacks] = await Promise.all([
        database.query(
          sql
            .selectFrom('trust_forks')
            .select(['state', 'version', 'sha256', 'seen_at'])
            .where('part', '=', 1)
            .compile(),
        ),
        database.query(
          sql
            .selectFrom('log_forks')
            .select(({ fn }) => ['state', 'origin', fn.min('found_at').as('seen_at')])
            .groupBy(['state', 'origin'])
            .compile(),
        ),
        database.query(
          sql.selectFrom('log_rollbacks').select(['state', 'origin', 'size', 'found_at']).compile(),
        ),
      ])
      const forks: TrustFork[] = [
        ...lists.map(({ seen_at: seenAt, ...fork }) => ({ of: 'list' as const, ...fork, seenAt })),
        ...logs.map(({ seen_at: seenAt, ...log }) => {
          const sha256 = logForkSubject(log)
          return { of: 'log' as const, ...log, proof: 'forked' as const, sha256, seenAt }
        }),
        ...rollbacks.map(({ size, found_at: seenAt, ...log }) => {
          const sha256 = logForkSubject(log, size)
          return { of: 'log' as const, ...log, proof: 'rolled-back' as const, sha256, seenAt }
        }),
      ]
      return forks.sort((a, b) => (a.seenAt < b.seenAt ? -1 : Number(a.seenAt > b.seenAt)))
    },

    async keepFork({ state, version, sha256, seenAt }, jws) {
      const pieces = piecesOf(jws).map((piece, i) =>
        sql
          .insertInto('trust_forks')
          .values({ sha256, part: i + 1, state, version, seen_at: seenAt, jws: piece })
          .compile(),
      )
      const kept = await database.atomic([...pieces, growTrustRevision()])
      return kept === 'done' ? 'kept' : 'known'
    },

    async forkedList(sha256) {
      const rows = await database.query(
        sql
          .selectFrom('trust_forks')
          .select('jws')
          .where('sha256', '=', sha256)
          .orderBy('part')
          .compile(),
      )
      return rows.length > 0 ? rows.map(({ jws }) => jws).join('') : undefined
    },
  }
}
