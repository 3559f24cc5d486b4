import { type AuditFinding, collectFindings } from '../../exchange/audit/finding.ts'
import type { SqlDatabase } from '../sql-database.ts'
import { auditTree, type ComputedTree } from './audit-tree.ts'
import type { StretchReader } from './read-stretch.ts'

/** What `auditTree` finds, beside the tree itself. */
export interface AuditedTree {
  readonly tree: ComputedTree
  readonly findings: readonly AuditFinding[]
  /** How many there are; more than are named. */
  readonly found: number
}

/**
 * What of an audit needs one moment of the database and nothing else, so that whoever has that moment open
 * may do it. Plain data in and out.
 */
export interface AuditParts {
  tree(sizes: readonly number[]): Promise<AuditedTree>
  readonly stretch: StretchReader
}

export async function auditedTree(
  database: SqlDatabase,
  sizes: readonly number[],
): Promise<AuditedTree> {
  const { report, found } = collectFindings()
  const tree = await auditTree(database, sizes, report)
  return { tree, ...found() }
}
