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

/** A keyed Feistel permutation of the places of one list: 0 … 2^20-1. */
export interface Permutation {
  /**
   * The shuffled place of the n-th position handed out from a list, so that no two ordinals share a place
   * and a place tells nothing of the order of issue.
   */
  place(ordinal: number): number
  /** Which ordinal has this place: `place` the other way round. */
  ordinal(place: number): number
}

/** Remembers what it has hashed: six times a thousand values at most, the same for all places. */
export function permutationOf(key: string): Permutation {
  const known = new Int16Array(ROUNDS * HALF).fill(-1)
  function mix(round: number, half: number): number {
    const at = round * HALF + half
    if (known[at]! < 0) {
      const digest = sha256Sync(utf8.encode(`${key}.${round}.${half}`))
      known[at] = ((digest[0]! << 8) | digest[1]!) % HALF
    }
    return known[at]!
  }
  return {
    place(ordinal) {
      if (!Number.isInteger(ordinal) || ordinal < 0 || ordinal >= STATUS_LIST_SIZE)
        throw new Error(`Ordinal ${ordinal} is outside of the list`)
      let left = ordinal >>> HALF_BITS
      let right = ordinal % HALF
      for (let round = 0; round < ROUNDS; round++) [left, right] = [right, left ^ mix(round, right)]
      return left * HALF + right
    },
    ordinal(place) {
      let left = place >>> HALF_BITS
      let right = place % HALF
      for (let round = ROUNDS - 1; round >= 0; round--)
        [left, right] = [right ^ mix(round, left), left]
      return left * HALF + right
    },
  }
}
