import { type RawBuilder, sql as raw } from 'kysely'
import type {
  LateReason,
  ListedEntry,
  LostPlaces,
  PlacedDocument,
} from '../exchange/log/lost-documents.ts'
import { payloadOf } from '../exchange/registered.ts'
import { IS_LATE } from './lost-conditions.ts'
import { MAX_PARAMETERS, type SqlDatabase } from './sql-database.ts'
import { sql } from './tables.ts'

/** The target and what was said of it, by digest; nothing where the target has taken no effect here. */
const FAMILIES: Readonly<
  Record<Parameters<LostPlaces['family']>[0], (target: string) => RawBuilder<unknown>>
> = {
  'status-change': (target) => raw`SELECT sha256 FROM certificates WHERE sha256 = ${target}
    UNION SELECT sha256 FROM status_changes WHERE target = ${target}`,
  'second-signature': (target) => raw`SELECT sha256 FROM certificates WHERE sha256 = ${target}
    UNION SELECT sha256 FROM second_signatures WHERE target = ${target}`,
  attestation: (target) => raw`SELECT target FROM second_signatures WHERE sha256 = ${target}
    UNION SELECT sha256 FROM second_signatures WHERE sha256 = ${target}
    UNION SELECT sha256 FROM attestations WHERE target = ${target}`,
  'security-notice': (target) => raw`SELECT sha256 FROM security_notices
    WHERE notice = (SELECT notice FROM security_notices WHERE sha256 = ${target})`,
}

type ListedRow = Omit<ListedEntry, 'late'> & { readonly late: LateReason | null }

export function sqlLostPlaces(database: SqlDatabase): LostPlaces {
  /** None joins them while the node runs: what is about a lost document waits for it. */
  let followed: Promise<ReadonlySet<string>> | undefined

  return {
    async listed(sha256s) {
      const found: ListedEntry[] = []
      for (let i = 0; i < sha256s.length; i += MAX_PARAMETERS) {
        const asked = raw.join(sha256s.slice(i, i + MAX_PARAMETERS))
        const rows = await database.query(
          raw<ListedRow>`SELECT l.sha256, l.idx AS "index", l.kind, e.at,
                (SELECT reason FROM late_documents AS d WHERE d.sha256 = l.sha256) AS late, CASE
                WHEN ${IS_LATE} THEN 'late'
                WHEN EXISTS (SELECT 1 FROM documents AS d WHERE d.sha256 = l.sha256) THEN 'found'
                ELSE 'lost' END AS standing
              FROM lost_documents AS l JOIN entries AS e ON e.sha256 = l.sha256
              WHERE l.sha256 IN (${asked})`.compile(sql),
        )
        found.push(...rows.map(({ late, ...entry }) => ({ ...entry, ...(late && { late }) })))
      }
      return found
    },

    family(kind, target) {
      return database.query(
        raw<PlacedDocument>`SELECT e.sha256, e.idx AS "index", e.kind, d.jws
          FROM entries AS e JOIN documents AS d ON d.sha256 = e.sha256
          WHERE e.sha256 IN (${FAMILIES[kind](target)}) ORDER BY e.idx`.compile(sql),
      )
    },

    async isFollowed(sha256) {
      followed ??= followedDocuments(database)
      try {
        return (await followed).has(sha256)
      } catch (error) {
        followed = undefined
        throw error
      }
    },
  }
}

/** What documents are about that stand in the log and have changed nothing: not those that came late. */
async function followedDocuments(database: SqlDatabase): Promise<ReadonlySet<string>> {
  const followers = await database.query(
    raw<{ jws: string }>`SELECT d.jws FROM entries AS e JOIN documents AS d ON d.sha256 = e.sha256
      WHERE e.idx > (SELECT min(idx) FROM lost_documents)
        AND e.kind IN ('status-change', 'second-signature', 'attestation', 'security-notice')
        AND e.sha256 NOT IN (SELECT sha256 FROM status_changes)
        AND e.sha256 NOT IN (SELECT sha256 FROM second_signatures)
        AND e.sha256 NOT IN (SELECT sha256 FROM attestations)
        AND e.sha256 NOT IN (SELECT sha256 FROM security_notices)
        AND e.sha256 NOT IN (SELECT sha256 FROM late_documents)`.compile(sql),
  )
  return new Set(
    followers.flatMap(({ jws }) => {
      const { target, amends } = payloadOf(jws) as { target?: string; amends?: string }
      return target ?? amends ?? []
    }),
  )
}
