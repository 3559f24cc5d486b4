import { dayAt, type Day } from '../certificate/day.ts'
import { formatInstant } from '../encoding/time.ts'
import type { StatementVerdict } from '../exchange/evidence/check-statement.ts'
import type { Check } from '../exchange/validation/check.ts'
import type { NotWitnessed, WitnessedTime } from '../exchange/evidence/witnessed-time.ts'

/** In the place of the register: whether the log proves the document, and by when. */
export function identityCheck(time: WitnessedTime | NotWitnessed, day: Day, zone: number): Check {
  const check = 'identity'
  if ('code' in time) return { check, outcome: 'unknown', ...time }
  const { at, provenBy } = time
  const instant = formatInstant(at)
  if (day < dayAt(at, zone))
    return { check, outcome: 'unknown', code: 'not-proven-by-then', detail: instant }
  const { witness, origin, index } = provenBy
  const detail = `${origin} ${index}, ${witness}, ${instant}`
  return { check, outcome: 'warning', code: 'logged-and-witnessed', detail }
}

/** What ended a certificate for good stands, whatever else is not known. */
const FINAL: readonly string[] = ['annulled', 'replaced', 'terminated', 'archived']

/**
 * What the changes say, as far as they are known to be all and the day is one that they speak of. Else a
 * suspension may have been lifted and a period extended by a change that is not here.
 */
export function statusChecks(
  byChanges: readonly Check[],
  known: {
    readonly statement: StatementVerdict
    readonly undecided: readonly string[]
    readonly day: Day
    readonly zone: number
    readonly isExtendable: boolean
  },
): readonly Check[] {
  const { statement, undecided, day, zone, isExtendable } = known
  const check = 'status'
  const open = openStatus({ statement, undecided, day, zone })
  if (open) {
    const stands = ({ check: of, code }: Check) =>
      of === check ? FINAL.includes(code) : code !== 'expired-document' || !isExtendable
    return [...byChanges.filter(stands), { check, outcome: 'unknown', ...open }]
  }
  const checks = byChanges.filter((one) => one.check !== check || one.outcome !== 'passed')
  if (checks.some((one) => one.check === check) || !('asOf' in statement)) return checks
  const detail = formatInstant(statement.asOf)
  return [...checks, { check, outcome: 'warning', code: 'valid-by-pack', detail }]
}

/** Why the pack may lack a change that matters on the day. */
function openStatus(known: {
  readonly statement: StatementVerdict
  readonly undecided: readonly string[]
  readonly day: Day
  readonly zone: number
}): { readonly code: string; readonly detail: string } | undefined {
  const { statement, undecided, day, zone } = known
  if (!('asOf' in statement)) return statement
  if (undecided.length > 0)
    return { code: 'pack-not-whole', detail: `securityNotices: ${undecided.join(', ')}` }
  if (day <= dayAt(statement.asOf, zone)) return undefined
  return { code: 'later-than-pack', detail: formatInstant(statement.asOf) }
}
