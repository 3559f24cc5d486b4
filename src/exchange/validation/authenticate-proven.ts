import { authenticate, type Authentication } from './authenticate.ts'
import { checkContent, type ContentCheck } from './certificate-content.ts'
import { signingTimeCheck } from './signing-time.ts'
import type { ProvenTime } from './time-proofs.ts'

export interface ProvenAuthentication {
  readonly authentication: Authentication
  readonly checked: ContentCheck | undefined
  /** At which it was judged; undefined: nothing proves any, and it was judged as of now. */
  readonly time: ProvenTime | undefined
}

/**
 * Judges a certificate at the earliest time by which it is proven to exist and at which all holds: whoever
 * saw it before its key began says nothing against it. If it holds at none of them, at its append here.
 *
 * @param times the earliest first
 */
export async function authenticateProven(
  jws: string,
  times: readonly ProvenTime[],
  context: Omit<Parameters<typeof authenticate>[1], 'at'>,
): Promise<ProvenAuthentication> {
  const { now } = context
  const judge = (authentication: Authentication, time: ProvenTime | undefined) => {
    const { document } = authentication
    const at = time ? new Date(time.at) : now
    return { authentication, time, checked: document && checkContent(document, at) }
  }
  const [earliest] = times
  const at = earliest ? new Date(earliest.at) : now
  const first = judge(await authenticate(jws, { ...context, at }), earliest)
  const { authentication } = first
  // Without this nothing hangs on the time.
  if (holds(first, now) || !authentication.at) return first
  const judged = [first]
  for (const time of times.slice(1)) {
    const again = { ...authentication, ...(await authentication.at(new Date(time.at))) }
    const next = judge(again, time)
    if (holds(next, now)) return next
    judged.push(next)
  }
  return judged.find(({ time }) => time?.by.by === 'own-log') ?? first
}

function holds({ authentication, checked, time }: ProvenAuthentication, now: Date): boolean {
  const { claimedAt } = authentication
  if (!checked?.content || !claimedAt) return false
  return signingTimeCheck(claimedAt, time && new Date(time.at), now).outcome === 'passed'
}
