import { readBounded } from '../../encoding/read-bounded.ts'
import { MAX_JWS_LENGTH } from '../../jose/parse.ts'
import type { Join } from '../join.ts'
import type { CurrentTrust, Trust } from '../../trust/trust.ts'
import { timeSpan } from '../../x509/instants.ts'
import type { PathCache } from '../../x509/path-cache.ts'
import { keyOf, type StatusListSource } from './source.ts'
import { STATUS_LIST_MEDIA_TYPE, type VerifiedStatusList, verifyStatusList } from './token.ts'

export interface FetchDependencies {
  readonly now: () => Date
  readonly fetch: typeof fetch
  readonly trust: CurrentTrust
  readonly paths: PathCache
  readonly join: Join
}

/** A customs officer waits for the answer. */
const TIMEOUT_MS = 3_000

/** Whatever `ttl` a list claims: a signer that was removed must not decide how long it is believed. */
const MAX_WAIT_MS = 60 * 60_000

/** A node that did not answer is not asked again for so long. */
const RETRY_AFTER_MS = 60_000

/** Lists kept in memory: each holds up to 256 KiB. */
const MAX_LISTS = 64

interface Held {
  readonly state: string
  readonly askAgainAt: number
  /** When and under what trust it was verified: either may have ended what it rests on since. */
  readonly span: number
  readonly trustRevision: number
  readonly token: string | undefined
  readonly list: VerifiedStatusList | undefined
}

/**
 * Status lists of other nodes, fetched when a validation asks for one, and again past their `ttl`. Asks
 * nobody but the node that the trust list of the state names. What was fetched stays at hand when the
 * node does not answer: its `exp` says how long it counts.
 */
export function fetchedStatusLists(deps: FetchDependencies): StatusListSource {
  const held = new Map<string, Held>()

  async function update(uri: string, state: string, trust: Trust, before: Held | undefined) {
    const now = deps.now()
    const verify = (token: string | undefined) => verified(token, { uri, state }, trust)
    const isDue = !before || now.getTime() >= before.askAgainAt
    const span = timeSpan(now)
    const isSame = before?.trustRevision === trust.revision && before.span === span
    if (before && !isDue && isSame) return before
    const fetched = isDue ? await fetchToken(uri) : undefined
    const [list, kept] = await Promise.all([verify(fetched), verify(before?.token)])
    const isNewer = list && (!kept || kept.issuedAt <= list.issuedAt)
    const waitMs = list ? Math.min(list.ttlSeconds * 1000, MAX_WAIT_MS) : RETRY_AFTER_MS
    // The list that was held is not believed any more: what is must be fetched.
    const wasDropped = !isDue && before.list !== undefined && kept === undefined
    return {
      state,
      span,
      askAgainAt: wasDropped ? now.getTime() : isDue ? now.getTime() + waitMs : before.askAgainAt,
      trustRevision: trust.revision,
      token: isNewer ? fetched : before?.token,
      list: isNewer ? list : kept,
    }
  }

  async function verified(
    token: string | undefined,
    wanted: { uri: string; state: string },
    trust: Trust,
  ): Promise<VerifiedStatusList | undefined> {
    if (token === undefined) return undefined
    const list = await verifyStatusList(token, { trust, paths: deps.paths, now: deps.now() })
    if ('refused' in list || list.uri !== wanted.uri || list.state !== wanted.state)
      return undefined
    return list
  }

  async function fetchToken(uri: string): Promise<string | undefined> {
    try {
      const response = await deps.fetch(uri, {
        headers: { Accept: STATUS_LIST_MEDIA_TYPE },
        // Not followed: its status is not 200. 'error' is unknown to Workers.
        redirect: 'manual',
        signal: AbortSignal.timeout(TIMEOUT_MS),
      })
      if (response.status !== 200) return undefined
      return new TextDecoder().decode(await readBounded(response.body, MAX_JWS_LENGTH))
    } catch {
      return undefined
    }
  }

  return {
    async find(uri, state) {
      const trust = await deps.trust()
      const node = trust.view.nodes(state, deps.now()).find((known) => known.state === state)
      if (!node || !uri.startsWith(`${node.url}/`)) return undefined
      const key = keyOf(uri, state)
      // So that five hundred documents of one list ask once.
      return deps.join(`ask for ${key} under ${trust.revision}`, async () => {
        const next = await update(uri, state, trust, held.get(key))
        held.delete(key)
        held.set(key, next)
        if (held.size > MAX_LISTS) held.delete(leastMissed(held))
        return next.list
      })
    },
  }
}

/**
 * Of the state with the most entries the one longest unused, of those that hold no list first: whoever names
 * many lists of one state displaces those of no other.
 */
function leastMissed(held: ReadonlyMap<string, Held>): string {
  const entries = [...held]
  const countOf = (one: string) => entries.filter(([, { state }]) => state === one).length
  const most = Math.max(...entries.map(([, { state }]) => countOf(state)))
  const crowd = entries.filter(([, { state }]) => countOf(state) === most)
  const [key] = crowd.find(([, { list }]) => list === undefined) ?? crowd[0]!
  return key
}
