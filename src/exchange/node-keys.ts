import { decodeBase64 } from '../encoding/base64url.ts'
import { type PublicKey, thumbprint } from '../crypto/suite.ts'
import type { ResolveNodeKey } from '../http-signature/verify.ts'
import { keyObstacle } from '../trust/trust-view.ts'
import type { CurrentTrust, Trust } from '../trust/trust.ts'
import type { PathCache } from '../x509/path-cache.ts'
import { listedPaths } from './listed-paths.ts'
import { validatePath } from './validation/path-to-root.ts'

/**
 * The key behind a `keyid`, if a trust list names it as the node key of its state, in force now, with a
 * valid path (EXC-HTTPSIG-1 H6). Revocation that cannot be told does not cut the line: documents are
 * validated by themselves.
 */
export function nodeKeyResolver(deps: {
  readonly now: () => Date
  readonly trust: CurrentTrust
  readonly paths: PathCache
}): ResolveNodeKey {
  return async (keyid) => {
    const now = deps.now()
    const trust = await deps.trust()
    for (const state of trust.view.states()) {
      const key = await keyOf(state, keyid, trust, now)
      if (key) return { key, state }
    }
    return undefined
  }

  /** The key, if the list of this state names it and its path leads to the root of this state. */
  async function keyOf(
    state: string,
    keyid: string,
    trust: Trust,
    now: Date,
  ): Promise<PublicKey | undefined> {
    const known = trust.view.key(keyid, state)
    if (known?.key.usage !== 'node' || keyObstacle(known.key, now)) return undefined
    const list = trust.view.list(state)
    const nodes = trust.view.nodes(state, now)
    if (!list || !nodes.some((node) => node.state === state && node.key === keyid)) return undefined
    const leaf = decodeBase64(known.key.der)!
    if ((await thumbprint(leaf)) !== keyid) return undefined
    for (const x5c of listedPaths(list, known.key)) {
      const { state: root, path } = await validatePath(x5c, {
        trust,
        paths: deps.paths,
        purpose: 'node',
        at: now,
        now,
        revocationRequired: false,
      })
      if (path.result === 'valid' && root === state) return path.key
    }
    return undefined
  }
}
