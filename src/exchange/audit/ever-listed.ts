import { thumbprint } from '../../crypto/suite.ts'
import { decodeBase64 } from '../../encoding/base64url.ts'
import type { NodeKey } from '../../http-signature/verify.ts'
import { type CountedKey, type CountedList, followedBy } from '../../trust/additions.ts'
import { keyObstacle } from '../../trust/trust-view.ts'
import { parseX509Certificate } from '../../x509/x509-certificate.ts'
import type { TrustHistory } from './log-history.ts'

/**
 * Node keys that are not relied on as of an instant by what is known today, though some version of the list
 * of their state named them in force then: a key that ends in an emergency, by a removal, a CRL or with its
 * root, serves until the nodes hear of it, and when that was is not all kept. All lists have to be taken.
 */
export function everListed(history: Pick<TrustHistory, 'versions'>) {
  const byState = new Map<string, ReadonlyMap<string, readonly CountedKey[]>>()

  return async (state: string, keyid: string, at: Date): Promise<NodeKey | undefined> => {
    const keys = byState.get(state) ?? nodeKeysOf(history.versions(state))
    byState.set(state, keys)
    const named = keys.get(keyid)?.find((key) => !keyObstacle(key, at))
    const leaf = named && decodeBase64(named.der)
    if (!leaf || (await thumbprint(leaf)) !== keyid) return undefined
    const certificate = parseX509Certificate(leaf)
    if ('malformed' in certificate || !certificate.key) return undefined
    return { state, key: certificate.key }
  }
}

/** The own node keys of a state by their thumbprints, as each version of its list left them. */
function nodeKeysOf(versions: ReturnType<TrustHistory['versions']>): Map<string, CountedKey[]> {
  const keys = new Map<string, CountedKey[]>()
  let sofar: CountedList | undefined
  for (const version of versions) {
    sofar = followedBy(sofar, version)
    for (const key of sofar.keys)
      if (key.usage === 'node' && key.body.startsWith(`${version.list.state}.`))
        keys.set(key.x5tS256, [...(keys.get(key.x5tS256) ?? []), key])
  }
  return keys
}
