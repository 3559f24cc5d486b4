import { sql as raw } from 'kysely'
import { actText } from '../exchange/log/administrative-entry.ts'
import type { RulesStore } from '../exchange/rules-in-force.ts'
import { changeWithActs } from './admin-acts.ts'
import type { SqlDatabase } from './sql-database.ts'
import { insertOf, sql } from './tables.ts'

/** A version that comes again is kept once; the act says each time that it is in force. */
const insertText = insertOf('rule_texts', ['sha256', 'text'], { ifAbsent: 'sha256' })

/** Behind every place of the log. */
const HEAD = Number.MAX_SAFE_INTEGER

interface Row {
  readonly entry: string
  readonly nonce: string
  readonly at: string
  readonly actor: string
  readonly act: string
  readonly subject: string
  readonly detail: string | null
  readonly text: string
}

export function sqlRulesStore(database: SqlDatabase): RulesStore {
  return {
    async inForce(idx = HEAD) {
      // What a lost act put in force nobody knows.
      const [row] = await database.query(
        raw<Row>`SELECT e.sha256 AS entry, r.nonce, a.at, a.actor, a.act, a.subject, a.detail, t.text
          FROM admin_acts AS a
          JOIN administrative_records AS r ON r.rows_of = 'admin_acts' AND r.first = a.n AND r.last = a.n
          JOIN entries AS e ON e.idx = r.idx
          JOIN rule_texts AS t ON t.sha256 = a.subject
          WHERE a.n = (SELECT max(x.n) FROM admin_acts AS x
              JOIN administrative_records AS y ON y.rows_of = 'admin_acts' AND y.first = x.n
              WHERE x.act = 'rules-changed' AND y.idx <= ${idx})
            AND NOT EXISTS (SELECT 1 FROM lost_documents AS l
              WHERE l.kind = 'administrative' AND l.idx BETWEEN r.idx AND ${idx})`.compile(sql),
      )
      if (!row) return undefined
      const { entry, nonce, text, subject, detail, ...act } = row
      const hashed = actText({ ...act, subject, detail: detail ?? undefined })
      return { text, sha256: subject, entry, act: hashed, nonce }
    },
    async put(text, act) {
      const stored = insertText({ sha256: act.subject, text })
      await changeWithActs(database, [stored], [act])
    },
  }
}
