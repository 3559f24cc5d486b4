import { statementDigests } from '../../jose/statement.ts'
import { verifyTrustList } from '../../trust/accept-trust-list.ts'
import { anchorsOf, rootAnchor } from '../../trust/anchors.ts'
import { digestOf } from '../validation/authenticate.ts'
import { claimedList, type PublishDependencies } from './publish-trust.ts'

/** So many versions are looked back over: a list is issued monthly, and whenever a key changes. */
const MOST_VERSIONS = 2000

/**
 * Digests of the versions from `from` on that the newest one names, each by the one behind it. Who signed
 * them may have ended, been revoked, or stood under a root that is not believed any more; the state has
 * continued them all the same, and what one adds it cannot drop. The newest has to be signed under a root
 * that is pinned itself, because no version before it says here which other root might speak. None, if
 * that does not hold.
 */
export async function vouchedVersions(
  deps: Pick<PublishDependencies, 'trust' | 'now' | 'environment'>,
  newest: {
    readonly jws: string
    readonly from: number
    readonly fetchVersion: (version: number) => Promise<{ text: string } | { error: string }>
  },
): Promise<ReadonlySet<string>> {
  const { jws, from, fetchVersion } = newest
  const { pins, crls, ocsp } = await deps.trust()
  const { environment } = deps
  const list = await verifyTrustList(jws, { pins, crls, ocsp, now: deps.now(), environment })
  const none = new Set<string>()
  if ('refused' in list || list.version - from > MOST_VERSIONS) return none
  const anchor = rootAnchor(list, await anchorsOf(list, pins))
  if (!anchor || anchor.links) return none
  const vouched = new Set<string>()
  let { previous } = list
  for (let version = list.version - 1; version >= from; version--) {
    const fetched = await fetchVersion(version)
    if ('error' in fetched || previous === null) return none
    const claimed = claimedList(fetched.text)
    if (!claimed || !statementDigests(fetched.text).includes(previous)) return none
    vouched.add(await digestOf(fetched.text))
    previous = claimed.previous
  }
  return vouched
}
