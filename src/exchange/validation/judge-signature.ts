import { CLOCK_SKEW_MS } from '../../encoding/clock-skew.ts'
import { formatInstant } from '../../encoding/time.ts'
import type { Authentication } from './authenticate.ts'
import { checkContent } from './certificate-content.ts'
import { type Check, inOrder } from './check.ts'
import { type Judgement, judgementOf, type SubIndication, TOTAL_PASSED } from './indication.ts'
import { earliest } from '../../x509/instants.ts'
import { BY_PROOF, findReason, isByProof, isOfEnd } from './reason-catalogue.ts'
import { signingTimeCheck } from './signing-time.ts'

/** The three instants of the trust profile, in the order in which a report tells of them. */
export const INSTANTS = ['claimed', 'proven', 'present'] as const

/** What the signature would be called at one instant. */
export interface InstantJudgement extends Judgement {
  readonly instant: (typeof INSTANTS)[number]
  readonly at: string
  /** The code that decided, unless all rules hold. */
  readonly reason: string | undefined
  /** Whether the report's own indication is this one: the proven instant's, else the present's. */
  readonly decides: boolean
}

/**
 * The signature's indication, from the first check in order that bears on the signature and did not pass; but
 * a value that does not verify comes first: no evidence that is missing, and no proof of time, will mend it.
 * What only customs asks, as scope, status or declaration, says nothing about the signature.
 *
 * @param proven whether the checks were made at an instant at which the signature is proven to have existed
 * @param signedAfterEnd whether it says of itself, uncontradicted, that it was made when its key had ended
 */
export function indicationOf(
  checks: readonly Check[],
  proven: boolean,
  signedAfterEnd = false,
): Judgement & { readonly reason: string | undefined } {
  const wrong = checks.filter(({ code }) => code === 'signature-wrong')
  for (const check of [...wrong, ...checks]) {
    const isProven = proven || (signedAfterEnd && isOfEnd(check.code))
    const subIndication = subIndicationOf(check, isProven)
    if (subIndication) return { ...judgementOf(subIndication), reason: check.code }
  }
  return { ...TOTAL_PASSED, reason: undefined }
}

function subIndicationOf(check: Check, proven: boolean): SubIndication | undefined {
  if (check.outcome === 'passed' || check.outcome === 'warning') return undefined
  const reason = findReason(check.code)
  if (!reason) throw new Error(`The code "${check.code}" is not in the catalogue`)
  const { bearing } = reason
  if (bearing === 'none') return undefined
  if (!isByProof(bearing)) return bearing
  if (proven) return BY_PROOF[bearing].proven
  if (bearing === 'by-revocation')
    return check.index === 0 ? BY_PROOF[bearing].ofSeal : BY_PROOF[bearing].ofCa
  return check.unrevoked ? BY_PROOF[bearing].unrevoked : BY_PROOF[bearing].unknown
}

/**
 * The signature judged at the claimed time, the proven one where there is one, and now. A claim proves
 * nothing: what would be REVOKED at a proven time is REVOKED_NO_POE at a claimed one. Only against itself a
 * document is believed: if it claims a time, come or not, after the end of its key (expiry, planned end,
 * revocation or removal), and nothing proves it to be older, no evidence that may still come makes it good,
 * because it would prove the claim wrong. By as much as a proof may be earlier without contradicting it, the
 * end has to lie before the claim.
 *
 * @param checks all checks of the report, made at the proven time, else now
 */
export async function judgeAtInstants(
  { claimedAt, at, document }: Authentication,
  checks: readonly Check[],
  { provenAt, now }: { readonly provenAt: Date | undefined; readonly now: Date },
): Promise<{
  readonly judgements: readonly InstantJudgement[]
  readonly signedAfterEnd: boolean
}> {
  const judgedAt = async (instant: Date) => {
    if (!at || instant.getTime() === (provenAt ?? now).getTime()) return checks
    const again = await at(instant)
    const made = new Set(again.checks.map(({ check }) => check))
    const others = checks.filter((check) => !made.has(check.check) || isOfTheList(check))
    // What was stopped at the instant of the report may go on at this one.
    const content = !document && again.document && checkContent(again.document, instant, now)
    return inOrder([...again.checks, ...others, ...(content ? content.checks : [])])
  }
  const judgements: InstantJudgement[] = []
  let signedAfterEnd = false
  if (claimedAt) {
    // A time that has not come is judged as now; that it contradicts is said of it in any case.
    const order = signingTimeCheck(claimedAt, provenAt, now)
    const claimed = earliest([claimedAt, now])
    const found = [...(await judgedAt(claimed)), order]
    const mayBeOver = at && !provenAt && found.some(({ code }) => isOfEnd(code))
    if (mayBeOver) {
      const surelyClaimed = earliest([new Date(claimedAt.getTime() - CLOCK_SKEW_MS), now])
      signedAfterEnd = isOverIn((await at(surelyClaimed)).checks)
    }
    judgements.push({
      instant: 'claimed',
      at: formatInstant(claimedAt),
      ...indicationOf(inOrder(found), false, signedAfterEnd),
      decides: false,
    })
  }
  if (provenAt)
    judgements.push({
      instant: 'proven',
      at: formatInstant(provenAt),
      ...indicationOf(checks, true),
      decides: true,
    })
  judgements.push({
    instant: 'present',
    at: formatInstant(now),
    ...indicationOf(await judgedAt(now), false, signedAfterEnd),
    decides: !provenAt,
  })
  return { judgements, signedAfterEnd }
}

/**
 * Whether the time of the key was over, as the checks that were made at an instant have it, and no others;
 * of a signature that it did make. A hold may be released: it is no end.
 */
function isOverIn(checks: readonly Check[]): boolean {
  const isSigned = checks.some(
    ({ check, outcome }) => check === 'signature' && outcome === 'passed',
  )
  return (
    isSigned &&
    checks.some(({ outcome, code, onHold }) => outcome === 'failed' && isOfEnd(code) && !onHold)
  )
}

function isOfTheList({ code }: Check): boolean {
  return code === 'trust-list-stale' || code === 'trust-list-overdue'
}
