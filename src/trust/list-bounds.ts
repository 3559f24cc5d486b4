import { MAX_TRUST_LIST_LENGTH } from '../jose/parse.ts'
import { additionsOf } from './additions.ts'
import type { TrustList } from './trust-list.ts'

const DAY_MS = 86_400_000

/**
 * A list is renewed with the CRL of its root, once a quarter. Whoever steals the list signer could otherwise
 * write an end that never comes, and nobody would notice any more that no further version arrives.
 */
export const MAX_LIST_DAYS = 400

/**
 * Versions that a state may issue in any 24 hours: one every half hour. Each is kept for ever by every node,
 * and may be two million characters long.
 */
export const MAX_VERSIONS_A_DAY = 48

/** Of the greatest length, from which on its operators are told that a list gets full. */
export const LONG_LIST_SHARE = 0.7

/**
 * Of the greatest length, up to which whoever issues a list may add to it: what stands in it never leaves
 * it, and the rest is room for some hundred removals.
 */
const ADDITIONS_SHARE = 0.95

/** Why a signed list is not to be issued, if it is not: no node would read it, or none could be removed from it. */
export function overfull(
  length: number,
  list: TrustList,
  previous: TrustList | undefined,
): 'too-long' | 'no-room-for-additions' | undefined {
  if (length > MAX_TRUST_LIST_LENGTH) return 'too-long'
  if (length <= ADDITIONS_SHARE * MAX_TRUST_LIST_LENGTH) return undefined
  const adds = !previous || additionsOf(previous, list).length > 0
  return adds ? 'no-room-for-additions' : undefined
}

/** Whether a list says that it counts for longer than any list may. */
export function countsTooLong({ issuedAt, nextUpdate }: TrustList): boolean {
  return Date.parse(nextUpdate) - Date.parse(issuedAt) > MAX_LIST_DAYS * DAY_MS
}

/**
 * Whether a state has issued as many versions in the day before this one as it may. By the times in the
 * lists, not by when they came: so every node says the same of it, the state's own first of all, and who was
 * away for a month can fetch what he missed. A version that ends keys and adds nothing is always taken:
 * whoever stole the list signer must not be able to use up the day in which he is found out.
 *
 * @param issuedAt when an accepted version was issued; undefined: it is not known here
 */
export async function isOneTooMany(
  list: TrustList,
  previous: TrustList,
  issuedAt: (version: number) => Promise<string | undefined>,
): Promise<boolean> {
  const first = list.version - MAX_VERSIONS_A_DAY
  if (first < 1 || (endsKeys(previous, list) && additionsOf(previous, list).length === 0))
    return false
  const since = await issuedAt(first)
  return since !== undefined && Date.parse(list.issuedAt) - Date.parse(since) < DAY_MS
}

function endsKeys(before: TrustList, after: TrustList): boolean {
  const ended = (list: TrustList) =>
    new Map(list.keys.map(({ x5tS256, removedAt }) => [x5tS256, removedAt]))
  const known = ended(before)
  return [...ended(after)].some(
    ([x5tS256, removedAt]) =>
      removedAt !== undefined && known.has(x5tS256) && known.get(x5tS256) === undefined,
  )
}
