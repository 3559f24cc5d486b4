import { CompiledQuery } from 'kysely'
import type { Report } from '../../exchange/audit/finding.ts'
import {
  authorityIn,
  type CrlAct,
  keptCrl,
  type KeptCrl,
  publishedFlaw,
} from '../../exchange/audit/published-evidence.ts'
import type { SqlDatabase } from '../sql-database.ts'
import { rowsOf } from './read-table.ts'

/**
 * What acts tell of published evidence, a second witness: since before version 0008 of the tables. The CRL of
 * an authority is no older than the last that was published, and neither it nor an OCSP response takes back
 * what was revoked.
 */
export async function auditPublishedEvidence(database: SqlDatabase, report: Report): Promise<void> {
  const crls = new Map<string, KeptCrl>()
  for await (const { state, ski, der } of rowsOf(database, 'crls', ['state', 'ski']))
    crls.set(`${state} ${ski}`, keptCrl(der))
  for (const act of await database.query<NumberedAct>(CompiledQuery.raw(BY_CRL, []))) {
    const authority = authorityIn(act)
    const flaw = publishedFlaw(crls.get(authority), act)
    if (flaw !== undefined)
      report('record-differs', `crls ${authority}`, `${flaw}, as act ${act.n} tells`)
  }
  for (const { n, subject } of await database.query<NumberedAct>(CompiledQuery.raw(BY_OCSP, [])))
    report('record-differs', `ocsp_responses ${subject}`, `it is not revoked, as act ${n} tells`)
}

interface NumberedAct extends CrlAct {
  readonly n: number
}

/** By an OCSP response a key is revoked, or on hold, without a reason. Holds may have been released. */
const BY_CRL = `SELECT n, act, subject, detail FROM admin_acts WHERE act = 'crl-published'
  OR act = 'key-revoked' AND detail NOT IN ('revoked', 'on-hold', 'certificateHold') ORDER BY n`
const BY_OCSP = `SELECT n, act, subject, detail FROM admin_acts WHERE act = 'key-revoked' AND detail = 'revoked'
  AND NOT EXISTS (SELECT 1 FROM ocsp_responses AS o WHERE o.status = 'revoked'
    AND o.state || ' ' || o.ski || ' ' || o.serial = subject) ORDER BY n`
