import { isWithinInterval } from './interval.ts'
import { amendmentsPermitted } from './limits.ts'
import type { SecurityNotice } from './security-notice.ts'
import type { Notice } from './store.ts'

export type AmendmentObstacle = 'released' | 'not-narrower' | 'too-many'

/** Why a notice is not amended in this way; what releases it is always taken. */
export function amendmentObstacle(
  { released, interval, documents, issuer, subject }: Omit<Notice, 'idx'>,
  amendment: Pick<SecurityNotice, 'change'> & { readonly interval?: Notice['interval'] },
): AmendmentObstacle | undefined {
  if (released) return 'released'
  if (amendment.change === 'release') return undefined
  if (documents.length > amendmentsPermitted(issuer, subject)) return 'too-many'
  return isWithinInterval(amendment.interval!, interval) ? undefined : 'not-narrower'
}

/**
 * Amended in another way already: only one of the two can be what its state meant. A release ends the chain
 * wherever it joins it: a state whose node was restored must not fail to lift its own hold.
 */
export function isOvertaken(
  { documents }: Pick<Notice, 'documents'>,
  { change, amends }: Pick<Amendment, 'change' | 'amends'>,
): boolean {
  return change === 'narrow' && documents.at(-1) !== amends
}
export type Amendment = Exclude<SecurityNotice, { change: 'declare' }>
