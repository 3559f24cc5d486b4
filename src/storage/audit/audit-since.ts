import { isSameOctets } from '../../encoding/octets.ts'
import type { Report } from '../../exchange/audit/finding.ts'
import type { TrustHistory } from '../../exchange/audit/log-history.ts'
import { AuditOptionError } from '../../exchange/audit/option-error.ts'
import { parseSignedCheckpoint, verifyCheckpoint } from '../../tlog/checkpoint.ts'
import type { ComputedTree } from './audit-tree.ts'

/** The earlier checkpoint that an audit goes on from. */
export interface Since {
  readonly size: number
  readonly note: string
}

/** @throws {AuditOptionError} it is no checkpoint */
export function sinceOf(note: string | undefined): Since | undefined {
  if (note === undefined) return undefined
  const signed = parseSignedCheckpoint(new TextEncoder().encode(note))
  if ('malformed' in signed) throw new AuditOptionError(`It is no checkpoint: ${signed.malformed}`)
  return { size: Number(signed.checkpoint.size), note }
}

/** The log before the audit goes on: signed by its key, and at its size this very tree. */
export async function auditContinuation(
  { note, size }: Since,
  { state, history, tree }: { state: string; history: TrustHistory; tree: ComputedTree },
  report: Report,
): Promise<void> {
  const signed = parseSignedCheckpoint(new TextEncoder().encode(note))
  if ('malformed' in signed) return
  const { origin, rootHash } = signed.checkpoint
  const where = `checkpoint ${size}`
  const verdict = await verifyCheckpoint(signed, history.logKeys(state, origin))
  if (verdict !== 'valid') report('not-continued', where, `the signature of the log is ${verdict}`)
  const root = tree.roots.get(size)
  if (!root) report('not-continued', where, `the log has only ${tree.size} entries`)
  else if (!isSameOctets(root, rootHash))
    report('not-continued', where, 'the log had another tree at this size')
}
