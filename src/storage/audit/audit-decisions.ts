import type { Report } from '../../exchange/audit/finding.ts'
import { PROPOSAL_DAYS } from '../../exchange/keep-trust/four-eyes.ts'
import { isKeyOfAct } from '../../exchange/client-added.ts'
import type { SqlDatabase } from '../sql-database.ts'
import { sql } from '../tables.ts'
import { linesOf, rowsOf } from './read-table.ts'

/** That the detail of an act is this, or this and more behind a semicolon: never a part of what it names. */
function begins(subject: string): string {
  return `(x.detail = ${subject} OR substr(x.detail, 1, length(${subject} || '; ')) = ${subject} || '; ')`
}

/**
 * What one of the records says and another does not. An act names its subject first in its detail; acts
 * themselves stand behind entries of the log.
 */
const CONTRADICTIONS: Readonly<Record<string, string>> = {
  'pinned without the approval of two persons': `SELECT 'trust_pins', state, root_sha256 FROM trust_pins
     WHERE NOT EXISTS (SELECT 1 FROM trust_approvals AS a WHERE a.kind = 'root' AND a.state = trust_pins.state
       AND a.subject = root_sha256 AND a.approved_at = pinned_at)`,
  'approved, and not pinned': `SELECT 'trust_approvals', state, subject FROM trust_approvals
     WHERE kind = 'root' AND (state, subject) NOT IN (SELECT state, root_sha256 FROM trust_pins)`,
  'approved without a proposal that stood': `SELECT 'trust_approvals', kind, state, subject FROM trust_approvals AS a
     WHERE NOT EXISTS (SELECT 1 FROM trust_proposals AS p WHERE p.kind = a.kind AND p.state = a.state
       AND p.subject = a.subject AND p.proposed_by = a.proposed_by AND p.proposed_at <= a.approved_at
       AND julianday(a.approved_at) - julianday(p.proposed_at) <= ${PROPOSAL_DAYS})`,
  'of one person alone': `SELECT 'trust_approvals', kind, state, subject FROM trust_approvals
     WHERE lower(trim(proposed_by)) = lower(trim(approved_by))`,
  'proposed otherwise than the record of acts says': `WITH p AS (SELECT row_number() OVER (ORDER BY n) AS k, *
       FROM trust_proposals), x AS (SELECT row_number() OVER (ORDER BY n) AS k, * FROM admin_acts
       WHERE act IN ('root-proposed', 'root-withdrawal-proposed', 'additions-proposed',
         'fork-decision-proposed', 'witness-set-aside-proposed'))
     SELECT 'trust_proposals', coalesce(p.n, ''), 'act', coalesce(x.n, '') FROM p FULL JOIN x ON p.k = x.k
     WHERE (p.proposed_at = x.at AND p.proposed_by = x.actor AND p.state = x.subject
       AND ${begins('p.subject')}
       AND x.act = CASE p.kind WHEN 'root' THEN 'root-proposed'
         WHEN 'root-withdrawn' THEN 'root-withdrawal-proposed' WHEN 'additions' THEN 'additions-proposed'
         WHEN 'witness' THEN 'witness-set-aside-proposed' ELSE 'fork-decision-proposed' END) IS NOT TRUE`,
  'no act of whoever approved it': `SELECT 'trust_approvals', a.kind, a.state, a.subject FROM trust_approvals AS a
     WHERE NOT EXISTS (SELECT 1 FROM admin_acts AS x WHERE x.at = a.approved_at AND x.actor = a.approved_by
       AND x.subject = a.state AND x.act = CASE a.kind WHEN 'root' THEN 'root-pinned' WHEN 'root-withdrawn' THEN 'root-withdrawn'
         WHEN 'additions' THEN 'additions-approved' WHEN 'witness' THEN 'witness-set-aside'
         ELSE 'fork-decided' END
       AND ${begins("a.subject || '; proposed by ' || a.proposed_by")})`,
  'an act that approved nothing': `SELECT 'admin_acts', x.n FROM admin_acts AS x
     WHERE x.act IN ('root-pinned', 'root-withdrawn', 'additions-approved', 'fork-decided',
         'witness-set-aside')
       AND NOT EXISTS (SELECT 1 FROM trust_approvals AS a WHERE x.at = a.approved_at
         AND x.actor = a.approved_by AND x.subject = a.state
         AND ${begins('a.subject')})`,
  'a client that nobody added so': `SELECT 'clients', c.id FROM clients AS c
     WHERE NOT EXISTS (SELECT 1 FROM admin_acts AS x WHERE x.act = 'client-added' AND x.subject = c.id
       AND x.at = c.registered_at
       AND ${begins("c.role || ' for ' || c.party")})`,
  'a client of another person than the record of acts names': `SELECT 'clients', c.id
     FROM clients AS c JOIN admin_acts AS x ON x.act = 'client-added' AND x.subject = c.id
     WHERE c.person IS NOT NULL AND instr(x.detail, '; person ' || c.person || '; key ') = 0
       OR c.person IS NULL AND instr(x.detail, '; person ') > 0`,
  'a client that was added and is missing': `SELECT 'clients', subject FROM admin_acts
     WHERE act = 'client-added' AND subject NOT IN (SELECT id FROM clients)`,
  'disabled otherwise than the record of acts says': `SELECT 'clients', c.id FROM clients AS c
     WHERE c.disabled_at IS NOT NULL AND NOT EXISTS (SELECT 1 FROM admin_acts AS x
         WHERE x.act = 'client-disabled' AND x.subject = c.id
           AND x.at = c.disabled_at)
       OR c.disabled_at IS NULL AND EXISTS (SELECT 1 FROM admin_acts AS x
         WHERE x.act = 'client-disabled' AND x.subject = c.id)`,
  'delayed otherwise than its list was accepted': `SELECT 'trust_list_delays', d.sha256 FROM trust_list_delays AS d
     WHERE NOT EXISTS (SELECT 1 FROM trust_lists AS t JOIN entries AS e ON e.sha256 = t.sha256
       WHERE t.sha256 = d.sha256 AND t.state = d.state AND t.version = d.version
         AND d.additions_from GLOB '????-??-??T??:??:??Z' AND datetime(d.additions_from) IS NOT NULL)`,
  'its additions count from another time than the log says': `SELECT 'trust_list_delays', d.sha256
     FROM trust_list_delays AS d JOIN admin_acts AS x ON x.act = 'additions-delayed'
       AND ${begins('d.sha256')}
     WHERE x.detail IS NOT d.sha256 || '; from ' || d.additions_from OR x.subject IS NOT d.state`,
  'delayed, and it counts at once': `SELECT 'trust_list_delays', x.subject, x.detail FROM admin_acts AS x
     WHERE x.act = 'additions-delayed' AND NOT EXISTS (SELECT 1 FROM trust_list_delays AS d
       WHERE x.detail = d.sha256 || '; from ' || d.additions_from)`,
}

/** Decisions of people against each other and against the record of administrative acts. */
export async function auditDecisions(database: SqlDatabase, report: Report): Promise<void> {
  for await (const { id, jwk } of rowsOf(database, 'clients', ['id'])) {
    const [act] = await database.query(
      sql
        .selectFrom('admin_acts')
        .select('detail')
        .where('act', '=', 'client-added')
        .where('subject', '=', id)
        .compile(),
    )
    // That nobody added it is found below.
    if (act && (await isKeyOfAct(jwk, act.detail ?? '')) === false)
      report('record-differs', `clients ${id}`, 'its key is not the one that was added')
  }
  for (const [what, statement] of Object.entries(CONTRADICTIONS))
    for (const line of await linesOf(database, statement)) report('record-differs', line, what)
}
