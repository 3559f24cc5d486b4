import { z } from 'zod'
import { isOutdone } from '../../trust/ocsp-store.ts'
import type { Report } from './finding.ts'

/** A row of `kept_evidence` as it is hashed: which CRL, or OCSP response about `serial`, was kept since when. */
const ToldEvidence = z.object({
  state: z.string(),
  ski: z.string(),
  serial: z.string().optional(),
  number: z
    .string()
    .regex(/^[0-9a-f]{40}$/)
    .optional(),
  status: z.enum(['good', 'on-hold', 'revoked']).optional(),
  this_update: z.string(),
  sha256: z.string(),
  stored_at: z.string(),
})
export type ToldEvidence = z.infer<typeof ToldEvidence>

/** Whose evidence it is: of an authority, or of it about one X.509 certificate. */
export type EvidenceName = Pick<ToldEvidence, 'state' | 'ski' | 'serial'>

/** What takes the place of what: a CRL by its number, an OCSP response by what it says and when. */
export type EvidenceRank = Pick<ToldEvidence, 'number' | 'status' | 'this_update'>

/** Whether one would be kept in the place of the other. */
export function isNewerEvidence(before: EvidenceRank, after: EvidenceRank): boolean {
  if (before.number !== undefined && after.number !== undefined) return before.number < after.number
  if (!before.status || !after.status) return false
  return isOutdone(
    { status: before.status, thisUpdate: before.this_update },
    { status: after.status, thisUpdate: after.this_update },
  )
}

/** Follows what a node tells of the evidence that it keeps, in the order in which it did. */
export interface ToldEvidences {
  take(n: number, row: unknown): void
  /** The newest that is told of. */
  last(of: EvidenceName): ToldEvidence | undefined
  all(): Iterable<ToldEvidence>
}

export function toldEvidences(report: Report): ToldEvidences {
  const newest = new Map<string, ToldEvidence>()
  return {
    take(n, row) {
      const where = `kept_evidence ${n}`
      const { data: told } = ToldEvidence.safeParse(row)
      if (!told) return report('record-differs', where, 'it tells of no evidence')
      const name = evidenceName(told)
      const before = newest.get(name)
      // What was missing meanwhile, and came again, is the same.
      if (before && before.sha256 !== told.sha256 && !isNewerEvidence(before, told))
        report('record-differs', where, `what was kept of ${name} before was not older`)
      newest.set(name, told)
    },
    last: (of) => newest.get(evidenceName(of)),
    all: () => newest.values(),
  }
}

/** As findings name it. */
export function evidenceName({ state, ski, serial }: EvidenceName): string {
  return serial === undefined ? `crls ${state} ${ski}` : `ocsp_responses ${state} ${ski} ${serial}`
}

/** Why the evidence that is here cannot be what was kept. */
export function earlierThan({ number, this_update, stored_at }: ToldEvidence): string {
  const which = number === undefined ? '' : `number ${BigInt(`0x${number}`)} `
  return `another one is here: since ${stored_at} the one ${which}of ${this_update} was kept`
}
