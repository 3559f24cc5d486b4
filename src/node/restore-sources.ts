import { randomBytes } from 'node:crypto'
import { listedKeys } from '../exchange/log/keys.ts'
import { nodeKeyResolver } from '../exchange/node-keys.ts'
import { type OwnLogSource, ownLogAt, SourceUnusable } from '../exchange/log/own-log-source.ts'
import { peerLogReader } from '../exchange/delivery/peer-client.ts'
import { keyFaults, keyOrNone, NoKeyInForce } from '../exchange/key-in-force.ts'
import { signingKeys } from '../exchange/signing-keys.ts'
import type { NodeKey } from '../exchange/working-keys.ts'
import { formatVerifierKey, parseVerifierKey, type VerifierKey } from '../tlog/verifier-key.ts'
import type { TrustView } from '../trust/trust-view.ts'
import { createPathCache } from '../x509/path-cache.ts'
import type { NodeConfig } from './config.ts'
import type { Keyring } from './keyring.ts'
import { peerFetch } from './peer-fetch.ts'
import { type ComparedRoot, restoreTrust, type RestoreTrust } from './restore-trust.ts'

/** The peers that a restore asks, and the keys by which it judges what they give. */
export interface Line {
  readonly sources: readonly OwnLogSource[]
  readonly logKeys: readonly VerifierKey<'ed25519'>[]
  readonly witnesses: ReturnType<typeof listedKeys<'cosignature/v1'>>
  close(): void
}

/**
 * Reaches every peer that is asked, under keys that count.
 *
 * @throws {SourceUnusable} one does not answer
 */
export async function connect(
  restoring: string,
  keyring: Keyring,
  {
    config,
    mirrors,
    roots,
    now,
  }: {
    readonly config: NodeConfig
    readonly mirrors: readonly string[]
    readonly roots: readonly ComparedRoot[]
    readonly now: () => Date
  },
): Promise<Line> {
  const outside = peerFetch({
    caFile: config.peerCaFile,
    allowHttp: config.allowHttpPeers,
    named: config.peers.map(({ url }) => url),
    refused: () => undefined,
  })
  const believed = await restoreTrust(restoring, roots, { config, fetch: outside.fetch, now })
  const close = () => {
    believed.close()
    outside.close()
  }
  try {
    const sources: OwnLogSource[] = []
    for (const peer of mirrors) {
      const reached = await believed.reach(peer)
      if ('error' in reached) throw new SourceUnusable(`${peer}: ${reached.error}`)
      const at = { peer, url: reached.url }
      sources.push(await sourceAt(at, { keyring, config, now, believed, fetch: outside.fetch }))
    }
    const { view } = await believed.trust()
    const logKeys = ownLogKeys(keyring, view, config.state)
    return { sources, logKeys, witnesses: listedKeys(view, 'cosignature/v1', now()), close }
  } catch (error) {
    close()
    throw error
  }
}

interface Calling {
  readonly keyring: Keyring
  readonly config: NodeConfig
  readonly now: () => Date
  readonly believed: RestoreTrust
  readonly fetch: typeof fetch
}

/** A list of before the loss may not say which node key is in force: the peer knows. */
async function sourceAt(
  at: { peer: string; url: string },
  calling: Calling,
): Promise<OwnLogSource> {
  const { keyring, config, now, believed, fetch } = calling
  const { state } = config
  const { trust, peers } = believed
  const paths = createPathCache()
  const chosen = await chosenNodeKey(keyring, { state, now, trust, paths })
  const { unended, ended } = await byEnd(keyring.nodeKeys, { state, now, trust, paths })
  const others = unended
    .map(({ key, x5tS256 }) => ({ key, keyid: x5tS256 }))
    .toReversed()
    .filter(({ keyid }) => keyid !== chosen?.keyid)
  let failure = new SourceUnusable(
    `${at.peer}: no node key at hand may sign what it is asked, by the newest trust list of ${state} that is known: ${ended.join(', ')}. Put the key that the list names for the node into ${config.pki} and call the same command again`,
  )
  for (const key of chosen ? [chosen, ...others] : others) {
    const ask = peerLogReader({
      state,
      now,
      fetch,
      randomBytes: (length) => new Uint8Array(randomBytes(length)),
      node: () => Promise.resolve(key),
      resolveKey: nodeKeyResolver({ now, trust, paths }),
      archive: { keep: () => Promise.resolve() },
      peers,
    })
    const source = ownLogAt(ask, at)
    try {
      await source.logs()
      return source
    } catch (error) {
      if (!(error instanceof SourceUnusable)) throw error
      failure = error
    }
  }
  throw failure
}

/** What no later list or act takes back. Of what waits or cannot be judged yet the peer may know more. */
const ENDS: ReadonlySet<string> = new Set(['removed', 'ended', 'revoked'])

/**
 * Node keys that the own list, as far as it is known, does not say to be removed, ended or revoked, and
 * the others with why. An addition may count for long: what hastened it is lost with the acts.
 */
async function byEnd(
  keys: Keyring['nodeKeys'],
  { state, now, trust: current, paths }: Parameters<typeof signingKeys>[1],
): Promise<{ readonly unended: Keyring['nodeKeys']; readonly ended: readonly string[] }> {
  const trust = await current()
  const faultOf = keyFaults(paths)
  const faults = await Promise.all(
    keys.map(async (key) => {
      const listed = trust.view.key(key.x5tS256, state)?.key
      return listed && (await faultOf(key, listed, { purpose: 'node', trust, now: now() }))
    }),
  )
  const isEnded = (i: number) => ENDS.has(faults[i] ?? '')
  return {
    unended: keys.filter((_, i) => !isEnded(i)),
    ended: keys.flatMap(({ x5tS256 }, i) => (isEnded(i) ? [`${x5tS256} is ${faults[i]}`] : [])),
  }
}

/** The node key that the own trust list names, if there is a list. */
async function chosenNodeKey(
  keyring: Keyring,
  deps: Parameters<typeof signingKeys>[1],
): Promise<NodeKey | undefined> {
  if (!(await deps.trust()).view.list(deps.state)) return undefined
  const key = await keyOrNone(signingKeys(keyring, deps).nodeKey())
  return key instanceof NoKeyInForce ? undefined : key
}

/** Keys that this state holds or lists, former ones too: which of them signed last, the mirror shows. */
function ownLogKeys(
  keyring: Keyring,
  view: TrustView,
  state: string,
): readonly VerifierKey<'ed25519'>[] {
  const listed = view.logs(state).flatMap((log) => {
    const key = parseVerifierKey(log.key, 'ed25519')
    return 'malformed' in key ? [] : [key]
  })
  const all = [...listed, ...keyring.logSigners.map(({ key }) => key)]
  return [...new Map(all.map((key) => [formatVerifierKey(key), key])).values()]
}
