import type { Report } from '../../exchange/audit/finding.ts'
import { digestOf } from '../../exchange/validation/authenticate.ts'
import type { SqlDatabase } from '../sql-database.ts'
import { linesOf, rowsOf } from './read-table.ts'

const WITHOUT_TEXT = `SELECT 'admin_acts', n FROM admin_acts
  WHERE act = 'rules-changed' AND subject NOT IN (SELECT sha256 FROM rule_texts)`
const WITHOUT_ACT = `SELECT 'rule_texts', sha256 FROM rule_texts
  WHERE sha256 NOT IN (SELECT subject FROM admin_acts WHERE act = 'rules-changed')`

/** Every text of rules is the one that an act put in force, and of every such act the text is here. */
export async function auditRules(database: SqlDatabase, report: Report): Promise<void> {
  for await (const { sha256, text } of rowsOf(database, 'rule_texts', ['sha256']))
    if ((await digestOf(text)) !== sha256)
      report('record-differs', `rule_texts ${sha256}`, 'it is another text than its act names')
  for (const line of await linesOf(database, WITHOUT_TEXT))
    report('record-missing', line, 'the rules that it put in force are missing')
  for (const line of await linesOf(database, WITHOUT_ACT))
    report('record-differs', line, 'no act put these rules in force')
}
