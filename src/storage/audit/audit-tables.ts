import type { Report } from '../../exchange/audit/finding.ts'
import type { TrustHistory } from '../../exchange/audit/log-history.ts'
import type { SqlDatabase } from '../sql-database.ts'
import { auditArchive } from './audit-archive.ts'
import { auditDecisions } from './audit-decisions.ts'
import { auditEpoch } from './audit-epoch.ts'
import { auditCrls, auditOcsp, auditTrustForks } from './audit-evidence.ts'
import { auditForks } from './audit-forks.ts'
import { auditKeptEvidence } from './audit-kept-evidence.ts'
import { auditLost } from './audit-lost.ts'
import { auditMirrors, auditWitnessed } from './audit-peer-logs.ts'
import {
  auditAddressed,
  auditArrivals,
  auditNumbering,
  auditReferences,
  auditSearchVersions,
  auditStatusPositions,
} from './audit-records.ts'
import { auditPublishedEvidence } from './audit-published-evidence.ts'
import { auditRollbacks } from './audit-rollbacks.ts'
import { auditRules } from './audit-rules.ts'
import { auditArrivalTimes, auditForms } from './audit-times.ts'
import type { StretchMoment } from './read-stretch.ts'

export interface TablesContext extends StretchMoment {
  readonly state: string
  /** All lists of the log are taken. */
  readonly history: TrustHistory
}

type TableCheck = (database: SqlDatabase, context: TablesContext, report: Report) => Promise<void>

/** What is compared beside the log itself, by the name under which `AUDITED` tells of it. */
export const TABLE_CHECKS = {
  async 'peer-logs'(database, context, report) {
    await auditWitnessed(database, context, report)
    await auditMirrors(database, context, report)
    await auditForks(database, context, report)
    await auditRollbacks(database, context, report)
    await auditAddressed(database, context, report)
  },
  async evidence(database, context, report) {
    const evidence = { ...context, trust: await context.history.now() }
    await auditCrls(database, evidence, report)
    await auditOcsp(database, evidence, report)
    await auditKeptEvidence(database, report)
    await auditPublishedEvidence(database, report)
    await auditTrustForks(database, evidence, report)
  },
  async decisions(database, _, report) {
    await auditDecisions(database, report)
    await auditRules(database, report)
    await auditEpoch(database, report)
  },
  async records(database, context, report) {
    await auditNumbering(database, report)
    await auditReferences(database, report)
    await auditForms(database, report)
    await auditArrivalTimes(database, report)
    await auditArrivals(database, report)
    await auditStatusPositions(database, report)
    await auditSearchVersions(database, report)
    await auditLost(database, context, report)
  },
} satisfies Record<string, TableCheck>

/** All of them, and the archive: how many exchanges hold what nobody signed. */
export async function auditTables(
  database: SqlDatabase,
  context: TablesContext,
  report: Report,
): Promise<number> {
  for (const check of Object.values(TABLE_CHECKS)) await check(database, context, report)
  return auditArchive(database, context, report)
}
