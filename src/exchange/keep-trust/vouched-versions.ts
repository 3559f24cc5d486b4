import { parseJws } from '../../jose/parse.ts'
import { statementDigests } from '../../jose/statement.ts'
import { verifyTrustList } from '../../trust/accept-trust-list.ts'
import { anchorsOf, rootAnchor } from '../../trust/anchors.ts'
import { TrustList } from '../../trust/trust-list.ts'
import { payloadOf } from '../registered.ts'
import type { FetchVersion } from './former-versions.ts'
import type { PublishDependencies } from './publish-trust.ts'

/** So many versions are looked back over: a list is issued monthly, and whenever a key changes. */
const MOST_VERSIONS = 2000

/** The digests of versions that count, or why it cannot be told yet which they are. */
export type Vouched =
  | { readonly digests: ReadonlySet<string> }
  /** `isTooLong`: asking again does not help. */
  | { readonly open: string; readonly isTooLong: boolean }

const NONE: Vouched = { digests: new Set() }

/** What a version says of itself that leads back: a function of its digest, whoever served it. */
interface Former {
  readonly digests: readonly string[]
  readonly previous: string | null
}

/**
 * Digests of the versions from `from` on that the newest one names, each by the one behind it. Who signed
 * them may have ended, been revoked, or stood under a root that is not believed any more; the state has
 * continued them all the same, and what one adds it cannot drop. The newest has to be signed under a root
 * that is pinned itself, because no version before it says here which other root might speak; and it is
 * held against the last version accepted here, as if it came next: a root that another has followed vouches
 * for nothing, nor does what it certifies anew. None, if that does not hold. Where `fetchVersion` gives no
 * more for now, nothing is believed yet, and the next call goes on with what is still to be read.
 */
export function vouchedVersions(
  deps: Pick<PublishDependencies, 'trust' | 'now' | 'environment'> & {
    readonly trustStore: Pick<PublishDependencies['trustStore'], 'newest'>
  },
) {
  const readOf = new Map<string, Map<string, Former>>()

  return async (newest: {
    readonly jws: string
    readonly state: string
    readonly from: number
    readonly fetchVersion: FetchVersion
  }): Promise<Vouched> => {
    const { jws, state, from, fetchVersion } = newest
    const list = await believedNewest(deps, jws, state)
    if (!list) return NONE
    if (list.version - from > MOST_VERSIONS)
      return {
        open: `${list.version - from} versions follow it, more than the ${MOST_VERSIONS} that are looked back over; no state needs as many: call the operator of ${state}`,
        isTooLong: true,
      }
    const read = readOf.get(state) ?? new Map<string, Former>()
    readOf.set(state, read)
    const digests = new Set<string>()
    let named = list.previous
    for (let version = list.version - 1; version >= from; version--) {
      if (named === null) return NONE
      let former = read.get(named)
      if (!former) {
        const fetched = await fetchVersion(version)
        if ('error' in fetched)
          return {
            open: `whether version ${list.version} leads back to it is not known yet, read back to ${version + 1}: ${fetched.error}`,
            isTooLong: false,
          }
        former = formerOf(fetched.text)
        if (!former?.digests.includes(named)) return NONE
        if (read.size >= MOST_VERSIONS) read.delete(read.keys().next().value!)
        read.set(named, former)
      }
      for (const digest of former.digests) digests.add(digest)
      named = former.previous
    }
    return { digests }
  }
}

/** The newest list, if it may vouch for those before it. */
async function believedNewest(
  deps: Parameters<typeof vouchedVersions>[0],
  jws: string,
  state: string,
): Promise<TrustList | undefined> {
  const { environment } = deps
  const { pins, crls, ocsp } = await deps.trust()
  const accepted = await deps.trustStore.newest()
  const last = accepted.find((one) => one.state === state)
  const previous = last && TrustList.parse(payloadOf(last.jws))
  const now = deps.now()
  const list = await verifyTrustList(jws, { pins, crls, ocsp, now, environment, previous })
  if ('refused' in list || list.state !== state) return undefined
  if (previous && previous.root !== list.root && previous.cas.includes(list.root)) return undefined
  const anchor = rootAnchor(list, await anchorsOf(list, pins))
  return anchor && !anchor.links ? list : undefined
}

const Continuing = TrustList.pick({ previous: true })

function formerOf(jws: string): Former | undefined {
  const parsed = parseJws(jws)
  if ('malformed' in parsed) return undefined
  // The digest says that it is what its state made; here only what it names matters.
  const read = Continuing.strip().safeParse(parsed.payload)
  return read.success
    ? { digests: statementDigests(parsed), previous: read.data.previous }
    : undefined
}
