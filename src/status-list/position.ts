import { sha256Sync } from '../crypto/suite.ts'

/** Entries of one status list: 2^20, the most that a verifier inflates (256 KiB at two bits). */
export const STATUS_LIST_SIZE = 2 ** 20

/** Lists are counted from 1; the first after a restore bears the time instead: see `firstIdAfterRestore`. */
export const FIRST_ID_FROM_TIME = 100_000_000

/**
 * The number of the first list after a restore: tens of seconds since 1970, nine digits. Nobody knows how
 * many lists there were before; counting never comes so far, and time goes on.
 */
export function firstIdAfterRestore(at: Date): number {
  return Math.floor(at.getTime() / 10_000)
}

const HALF_BITS = 10
const HALF = 2 ** HALF_BITS
const ROUNDS = 6

const utf8 = new TextEncoder()

/**
 * The shuffled place of the n-th position handed out from a list: a keyed Feistel permutation of
 * 0 … 2^20-1, so that no two ordinals share a place and a place tells nothing of the order of issue.
 */
export function shuffledPosition(permutationKey: string, ordinal: number): number {
  if (!Number.isInteger(ordinal) || ordinal < 0 || ordinal >= STATUS_LIST_SIZE)
    throw new Error(`Ordinal ${ordinal} is outside of the list`)
  let left = ordinal >>> HALF_BITS
  let right = ordinal % HALF
  for (let round = 0; round < ROUNDS; round++) {
    const digest = sha256Sync(utf8.encode(`${permutationKey}.${round}.${right}`))
    const mixed = left ^ (((digest[0]! << 8) | digest[1]!) % HALF)
    left = right
    right = mixed
  }
  return left * HALF + right
}

/** Which ordinal has this place: `shuffledPosition` the other way round. */
export function ordinalAt(permutationKey: string, position: number): number {
  let left = position >>> HALF_BITS
  let right = position % HALF
  for (let round = ROUNDS - 1; round >= 0; round--) {
    const digest = sha256Sync(utf8.encode(`${permutationKey}.${round}.${left}`))
    const before = right ^ (((digest[0]! << 8) | digest[1]!) % HALF)
    right = left
    left = before
  }
  return left * HALF + right
}
