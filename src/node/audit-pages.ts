import type { AuditFinding } from '../exchange/audit/finding.ts'
import type { SqliteDatabase } from './sqlite-database.ts'

/** The pages of the file, and its indexes against their tables. */
export function auditPages({ raw }: SqliteDatabase): AuditFinding[] {
  const faults = raw.pragma('integrity_check(100)') as { integrity_check: string }[]
  return faults
    .filter(({ integrity_check: fault }) => fault !== 'ok')
    .map(({ integrity_check: detail }) => ({ code: 'file-damaged', where: 'file', detail }))
}
