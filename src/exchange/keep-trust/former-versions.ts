import { MAX_TRUST_LIST_LENGTH } from '../../jose/parse.ts'

/** The text of a version of a list, or why it has not come. */
export type FetchVersion = (
  version: number,
) => Promise<{ readonly text: string } | { readonly error: string }>

/**
 * Characters of former versions that are fetched from one state in a minute: seventeen of the longest lists,
 * or some years of ordinary ones. Each costs reading, and polls come as often as something waits for them.
 */
const MOST_CHARACTERS_A_MINUTE = 32 * 1024 * 1024
const MINUTE_MS = 60_000
/** A version that is short costs a call all the same; of one that does not come nobody knows what was read. */
const LEAST_COUNTED = 16 * 1024

/**
 * Fetches former versions of states' lists within that bound. Beyond it nothing is fetched, and whoever asks
 * goes on in the next minute.
 *
 * @param get gives no text that is longer than a list may be
 */
export function formerVersions(
  now: () => Date,
  get: (url: string) => Promise<{ readonly text: string } | { readonly error: string }>,
): (state: string, url: string) => FetchVersion {
  const spent = new Map<string, { since: number; characters: number }>()

  function ofThisMinute(state: string): { since: number; characters: number } {
    const at = now().getTime()
    const held = spent.get(state)
    // A clock that is set back must not hold it up.
    if (held && at >= held.since && at - held.since < MINUTE_MS) return held
    const begun = { since: at, characters: 0 }
    spent.set(state, begun)
    return begun
  }

  return (state, url) => async (version) => {
    const counted = ofThisMinute(state)
    if (counted.characters >= MOST_CHARACTERS_A_MINUTE)
      return {
        error: `former versions of its list of more than ${MOST_CHARACTERS_A_MINUTE / 1024 / 1024} million characters were read within a minute; it goes on by itself in the next`,
      }
    const fetched = await get(`${url}/trust/list/${version}`)
    const length = 'text' in fetched ? fetched.text.length : MAX_TRUST_LIST_LENGTH
    counted.characters += Math.max(LEAST_COUNTED, length)
    return fetched
  }
}
