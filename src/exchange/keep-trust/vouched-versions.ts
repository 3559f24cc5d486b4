import { statementDigests } from '../../jose/statement.ts'
import { verifyTrustList } from '../../trust/accept-trust-list.ts'
import { anchorsOf, rootAnchor } from '../../trust/anchors.ts'
import { TrustList } from '../../trust/trust-list.ts'
import { payloadOf } from '../registered.ts'
import { digestOf } from '../validation/authenticate.ts'
import { claimedList, type PublishDependencies } from './publish-trust.ts'

/** So many versions are looked back over: a list is issued monthly, and whenever a key changes. */
const MOST_VERSIONS = 2000

/**
 * Digests of the versions from `from` on that the newest one names, each by the one behind it. Who signed
 * them may have ended, been revoked, or stood under a root that is not believed any more; the state has
 * continued them all the same, and what one adds it cannot drop. The newest has to be signed under a root
 * that is pinned itself, because no version before it says here which other root might speak; and it is
 * held against the last version accepted here, as if it came next: a root that another has followed vouches
 * for nothing, nor does what it certifies anew. None, if that does not hold.
 */
export async function vouchedVersions(
  deps: Pick<PublishDependencies, 'trust' | 'now' | 'environment'> & {
    readonly trustStore: Pick<PublishDependencies['trustStore'], 'newest'>
  },
  newest: {
    readonly jws: string
    readonly state: string
    readonly from: number
    readonly fetchVersion: (version: number) => Promise<{ text: string } | { error: string }>
  },
): Promise<ReadonlySet<string>> {
  const { jws, state, from, fetchVersion } = newest
  const { pins, crls, ocsp } = await deps.trust()
  const { environment } = deps
  const accepted = await deps.trustStore.newest()
  const last = accepted.find((one) => one.state === state)
  const previous = last && TrustList.parse(payloadOf(last.jws))
  const now = deps.now()
  const list = await verifyTrustList(jws, { pins, crls, ocsp, now, environment, previous })
  const none = new Set<string>()
  if ('refused' in list || list.state !== state || list.version - from > MOST_VERSIONS) return none
  if (previous && previous.root !== list.root && previous.cas.includes(list.root)) return none
  const anchor = rootAnchor(list, await anchorsOf(list, pins))
  if (!anchor || anchor.links) return none
  const vouched = new Set<string>()
  let named = list.previous
  for (let version = list.version - 1; version >= from; version--) {
    const fetched = await fetchVersion(version)
    if ('error' in fetched || named === null) return none
    const claimed = claimedList(fetched.text)
    if (!claimed || !statementDigests(fetched.text).includes(named)) return none
    vouched.add(await digestOf(fetched.text))
    named = claimed.previous
  }
  return vouched
}
