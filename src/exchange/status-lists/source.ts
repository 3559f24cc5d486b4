import type { Trust } from '../../trust/trust.ts'
import type { PathCache } from '../../x509/path-cache.ts'
import { type RefusedStatusList, type VerifiedStatusList, verifyStatusList } from './token.ts'

/** Verified status lists that a validation may rest on. */
export interface StatusListSource {
  /**
   * The newest list of this state under this URI, fresh or not. A list that another state signed under
   * the same URI is not it.
   */
  find(uri: string, state: string): Promise<VerifiedStatusList | undefined>
}

/** The same source, asked once for each list, as long as one call lasts. */
export function askedOnce(source: StatusListSource): StatusListSource {
  const asked = new Map<string, ReturnType<StatusListSource['find']>>()
  return {
    find(uri, state) {
      const key = keyOf(uri, state)
      const held = asked.get(key) ?? source.find(uri, state)
      asked.set(key, held)
      return held
    },
  }
}

export interface StatusListsAtHand {
  readonly lists: StatusListSource
  /** Tokens that nothing is based on, by their place in the input, and why. */
  readonly refused: readonly (RefusedStatusList & { readonly index: number })[]
}

/** Verifies status list tokens at hand; of several of one list the one issued last counts. */
export async function readStatusLists(
  tokens: readonly string[],
  trust: Trust,
  paths: PathCache,
  now: Date,
): Promise<StatusListsAtHand> {
  const newest = new Map<string, VerifiedStatusList>()
  const refused: (RefusedStatusList & { index: number })[] = []
  for (const [index, token] of tokens.entries()) {
    const list = await verifyStatusList(token, { trust, paths, now })
    if ('refused' in list) {
      refused.push({ index, ...list })
      continue
    }
    const key = keyOf(list.uri, list.state)
    const other = newest.get(key)
    if (!other || other.issuedAt < list.issuedAt) newest.set(key, list)
  }
  return { lists: { find: async (uri, state) => newest.get(keyOf(uri, state)) }, refused }
}

/** What a list is known by. */
export function keyOf(uri: string, state: string): string {
  return `${state} ${uri}`
}
