import { stateOf } from '../certificate/party-id.ts'
import { formatInstant } from '../encoding/time.ts'
import type { Seal } from '../jose/sign.ts'
import type { NoteSigner } from '../tlog/note-signature.ts'
import { formatVerifierKey, type SignatureType } from '../tlog/verifier-key.ts'
import type { TrustKey } from '../trust/trust-list.ts'
import { keyObstacle } from '../trust/trust-view.ts'
import type { CurrentTrust, Trust } from '../trust/trust.ts'
import type { Seals } from './seals.ts'
import type { NodeKey, OpenedKeys } from './working-keys.ts'

/** Keys of a node by their work. Of several for one work the trust list and the day say which signs. */
export interface SigningKeys {
  readonly seals: Seals
  readonly nodeKey: () => Promise<NodeKey>
  readonly logSigner: () => Promise<NoteSigner<'ed25519'>>
  readonly witnessSigner: () => Promise<NoteSigner<'cosignature/v1'>>
}

/** The published trust list names no key for this work: nothing can be signed until one does. */
export class NoListedKey extends Error {
  override name = 'NoListedKey'
}

/** What a trust list says of a key, as it counts here. */
type Listed = Parameters<typeof keyObstacle>[0]

/**
 * How long a key has been in force before it takes over from one that still is: the clocks of two nodes
 * differ, and a list takes a minute to reach the other side.
 */
const SETTLED_AFTER_MS = 5 * 60_000

/**
 * Keys in the order in which they are to be tried: the newest that has settled first, those that have
 * just begun last, and what is not listed after everything.
 */
export function inTurn<K>(
  keys: readonly K[],
  listedAs: (key: K) => Listed | undefined,
  now: Date,
): K[] {
  const settled = formatInstant(new Date(now.getTime() - SETTLED_AFTER_MS))
  const ranked = keys.map((key) => {
    const listed = listedAs(key)
    const begins = listed && latestText(listed.from, listed.countsFrom ?? listed.from)
    return { key, begins, group: begins === undefined ? 2 : begins <= settled ? 0 : 1 }
  })
  ranked.sort((a, b) => a.group - b.group || order(a, b))
  return ranked.map(({ key }) => key)
}

/** Among the settled the newest first, among those that have just begun the oldest. */
function order(
  a: { readonly begins: string | undefined; readonly group: number },
  b: { readonly begins: string | undefined },
): number {
  const later =
    (a.begins ?? '') < (b.begins ?? '') ? 1 : (a.begins ?? '') > (b.begins ?? '') ? -1 : 0
  return a.group === 0 ? later : -later
}

function latestText(a: string, b: string): string {
  return a > b ? a : b
}

/**
 * The keys that sign today. A key that the published list does not name signs nothing: peers would refuse
 * it. Before the first list is published the first key of each kind works.
 */
export function signingKeys(
  held: OpenedKeys,
  deps: { readonly state: string; readonly now: () => Date; readonly trust: CurrentTrust },
): SigningKeys {
  const { state } = deps
  const certified = (usage: TrustKey['usage'], keys: readonly Seal[]) => async () => {
    const [trust, now] = [await deps.trust(), deps.now()]
    return keyOfToday(keys, (key) => listedKey(trust, state, usage, key.x5tS256, now), trust, now)
  }
  const demand = async <K>(what: string, find: () => Promise<K | undefined>): Promise<K> => {
    const key = await find()
    if (key === undefined)
      throw new NoListedKey(`The trust list of ${state} names no ${what} key that this node holds`)
    return key
  }
  const keyOfToday = <K>(
    keys: readonly K[],
    listedAs: (key: K) => Listed | undefined,
    trust: Trust,
    now: Date,
  ): K | undefined => {
    if (!trust.view.list(state)) return keys[0]
    const listed = inTurn(keys, listedAs, now).filter((key) => listedAs(key) !== undefined)
    return listed.find((key) => keyObstacle(listedAs(key)!, now) === undefined) ?? listed[0]
  }
  const noteSigner =
    <T extends SignatureType>(signers: readonly NoteSigner<T>[]) =>
    async () => {
      const [trust, now] = [await deps.trust(), deps.now()]
      const listed = trust.view.logs(state)
      const listedAs = (signer: NoteSigner<T>) => {
        const key = formatVerifierKey(signer.key)
        return listed.find((log) => log.origin === signer.key.name && log.key === key)
      }
      return keyOfToday(signers, listedAs, trust, now)
    }
  return {
    seals: {
      bodies: held.bodies,
      registryParty: held.registryParty,
      registry: () => demand('registry-seal', certified('registry-seal', held.registrySeals)),
      statusSigner: certified('status-signer', held.statusSigners),
    },
    async nodeKey() {
      const { key, x5tS256 } = await demand('node', certified('node', held.nodeKeys))
      return { key, keyid: x5tS256 }
    },
    logSigner: () => demand('log', noteSigner(held.logSigners)),
    witnessSigner: () => demand('witness', noteSigner(held.witnessSigners)),
  }
}

/** What the state's list says of a key of this use; a node key counts while an address names it. */
function listedKey(
  { view }: Trust,
  state: string,
  usage: TrustKey['usage'],
  x5tS256: string,
  now: Date,
): Listed | undefined {
  const known = view.key(x5tS256, state)
  if (known?.key.usage !== usage || stateOf(known.key.body) !== state) return undefined
  if (usage === 'node' && !view.nodes(state, now).some(({ key }) => key === x5tS256))
    return undefined
  return known.key
}

/**
 * Keys that this node holds and its published list does not name, and the work for which it names none
 * at all. Nothing before the first list.
 */
export async function unlistedKeys(
  held: OpenedKeys,
  { state, trust }: { readonly state: string; readonly trust: CurrentTrust },
): Promise<{ readonly keys: readonly string[]; readonly idle: readonly TrustKey['usage'][] }> {
  const { view } = await trust()
  if (!view.list(state)) return { keys: [], idle: [] }
  const groups = [
    ['seal', held.bodies],
    ['registry-seal', held.registrySeals],
    ['status-signer', held.statusSigners],
    ['node', held.nodeKeys],
  ] as const
  const isListed = (usage: TrustKey['usage'], { x5tS256 }: Seal) =>
    view.key(x5tS256, state)?.key.usage === usage
  return {
    keys: groups.flatMap(([usage, keys]) =>
      keys.filter((key) => !isListed(usage, key)).map((key) => `${usage} ${key.x5tS256}`),
    ),
    idle: groups
      .filter(([usage, keys]) => usage !== 'seal' && !keys.some((key) => isListed(usage, key)))
      .map(([usage]) => usage),
  }
}
