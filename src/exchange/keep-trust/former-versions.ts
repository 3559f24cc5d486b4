import { MAX_TRUST_LIST_LENGTH } from '../../jose/parse.ts'

/** The text of a version of a list, or why it has not come. */
export type FetchVersion = (
  version: number,
) => Promise<{ readonly text: string } | { readonly error: string }>

const MILLION = 1024 * 1024
/**
 * Characters of former versions that a node fetches from one state in a minute: seventeen of the longest
 * lists, or some years of ordinary ones. Each costs reading, and polls come as often as something waits for
 * them.
 */
export const CHARACTERS_A_MINUTE = 32 * MILLION
const MINUTE_MS = 60_000
/** A version that is short costs a call all the same; of one that does not come nobody knows what was read. */
const LEAST_COUNTED = 16 * 1024

/** What one state's former versions cost in a minute. */
interface Spent {
  readonly since: number
  characters: number
  missing: number
}

/**
 * Fetches former versions of states' lists within a bound. Beyond it nothing is fetched, and whoever asks
 * goes on in the next minute.
 *
 * @param get gives no text that is longer than a list may be
 */
export function formerVersions(
  now: () => Date,
  get: (url: string) => Promise<{ readonly text: string } | { readonly error: string }>,
  charactersAMinute: number,
): (state: string, url: string) => FetchVersion {
  const spent = new Map<string, Spent>()

  function ofThisMinute(state: string): Spent {
    const at = now().getTime()
    const held = spent.get(state)
    // A clock that is set back must not hold it up.
    if (held && at >= held.since && at - held.since < MINUTE_MS) return held
    const begun = { since: at, characters: 0, missing: 0 }
    spent.set(state, begun)
    return begun
  }

  return (state, url) => async (version) => {
    const counted = ofThisMinute(state)
    if (counted.characters >= charactersAMinute) return { error: spentError(counted) }
    // Whatever comes is no longer: calls beside this one must not pass the bound meanwhile.
    counted.characters += MAX_TRUST_LIST_LENGTH
    const fetched = await get(`${url}/trust/list/${version}`)
    if ('error' in fetched) counted.missing++
    else counted.characters += Math.max(LEAST_COUNTED, fetched.text.length) - MAX_TRUST_LIST_LENGTH
    return fetched
  }

  function spentError({ missing }: Spent): string {
    const most = Math.floor(charactersAMinute / MILLION)
    return missing === 0
      ? `former versions of its list of more than ${most} million characters were read within a minute; it goes on by itself in the next`
      : `former versions of its list were asked for within a minute as often as ${most} million characters allow, and ${missing} of them did not come; they are asked for again in the next`
  }
}
