import { stateOf } from '../certificate/party-id.ts'
import { formatInstant } from '../encoding/time.ts'
import type { Seal } from '../jose/sign.ts'
import type { NoteSigner } from '../tlog/note-signature.ts'
import { formatVerifierKey, type SignatureType } from '../tlog/verifier-key.ts'
import type { CountedKey } from '../trust/additions.ts'
import type { TrustKey } from '../trust/trust-list.ts'
import { keyObstacle, type TrustView } from '../trust/trust-view.ts'
import type { CurrentTrust, Trust } from '../trust/trust.ts'
import type { PathCache } from '../x509/path-cache.ts'
import {
  keyFaults,
  keyOrNone,
  type Listed,
  NoKeyInForce,
  type ObstructedKey,
} from './key-in-force.ts'
import type { Seals } from './seals.ts'
import type { NodeKey, OpenedKeys } from './working-keys.ts'

/**
 * Keys of a node by their work. Of several for one work the trust list and the day say which signs.
 * Each throws `NoKeyInForce` where none may.
 */
export interface SigningKeys {
  readonly seals: Seals
  readonly nodeKey: () => Promise<NodeKey>
  readonly logSigner: () => Promise<NoteSigner<'ed25519'>>
  readonly witnessSigner: () => Promise<NoteSigner<'cosignature/v1'>>
  /** Work for which there is no key in force now. */
  readonly idleWork: () => Promise<readonly IdleWork[]>
}

/** Absent `obstructed`: the trust list names no key for it that is held. */
export interface IdleWork {
  readonly work: 'registry-seal' | 'status-signer' | 'node' | 'log' | 'witness'
  readonly obstructed: ObstructedKey | undefined
}

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
 * The keys that sign today. A key that the published list does not name signs nothing, nor does one that
 * is removed, ended or revoked, also where there is no other: peers would refuse it. Before the first list
 * is published the first key of each kind works.
 */
export function signingKeys(
  held: OpenedKeys,
  deps: {
    readonly state: string
    readonly now: () => Date
    readonly trust: CurrentTrust
    readonly paths: PathCache
  },
): SigningKeys {
  const { state } = deps
  const faultOf = keyFaults(deps.paths)

  async function keyOfToday<K>(
    work: IdleWork['work'],
    keys: readonly K[],
    judge: (trust: Trust, now: Date) => JudgedBy<K>,
  ): Promise<K> {
    const [trust, now] = [await deps.trust(), deps.now()]
    if (!trust.view.list(state)) return keys[0]!
    const { listedAs, fault, nameOf } = judge(trust, now)
    let first: ObstructedKey | undefined
    for (const key of inTurn(keys, listedAs, now)) {
      const listed = listedAs(key)
      if (!listed) continue
      const found = await fault(key, listed)
      if (found === undefined) return key
      // What waits tells whoever runs the node more than what it takes over from.
      if (!first || (found === 'pending' && first.fault !== 'pending'))
        first = { key: nameOf(key), fault: found }
    }
    throw noKey(state, work, first)
  }
  const certified = (work: CertifiedWork, keys: readonly Seal[]) => () =>
    keyOfToday(work, keys, (trust, now) => ({
      listedAs: ({ x5tS256 }) => listedKey(trust, state, work, x5tS256, now),
      fault: (key, listed) => faultOf(key, listed, { purpose: work, trust, now }),
      nameOf: ({ x5tS256 }) => x5tS256,
    }))
  const noted =
    <T extends SignatureType>(work: 'log' | 'witness', signers: readonly NoteSigner<T>[]) =>
    () =>
      keyOfToday(work, signers, (trust, now) => ({
        listedAs: (signer) => listedNoteKey(trust, state, signer),
        fault: (_, listed) => Promise.resolve(keyObstacle(listed, now)),
        nameOf: ({ key }) => formatVerifierKey(key),
      }))

  const registry = certified('registry-seal', held.registrySeals)
  const statusSigner = certified('status-signer', held.statusSigners)
  const nodeSeal = certified('node', held.nodeKeys)
  const logSigner = noted('log', held.logSigners)
  const witnessSigner = noted('witness', held.witnessSigners)
  return {
    seals: {
      bodies: held.bodies,
      registryParty: held.registryParty,
      registry,
      statusSigner,
      async registryFault(key) {
        const [trust, now] = [await deps.trust(), deps.now()]
        if (!trust.view.list(state)) return undefined
        const listed = listedKey(trust, state, 'registry-seal', key.x5tS256, now)
        if (!listed) return 'unlisted'
        return faultOf(key, listed, { purpose: 'registry-seal', trust, now })
      },
    },
    async nodeKey() {
      const { key, x5tS256 } = await nodeSeal()
      return { key, keyid: x5tS256 }
    },
    logSigner,
    witnessSigner,
    async idleWork() {
      const works = {
        'registry-seal': registry,
        'status-signer': statusSigner,
        node: nodeSeal,
        log: logSigner,
        witness: witnessSigner,
      } satisfies Record<IdleWork['work'], () => Promise<unknown>>
      const found = await Promise.all(
        Object.entries(works).map(async ([work, find]) => {
          const key = await keyOrNone<unknown>(find())
          if (!(key instanceof NoKeyInForce)) return []
          return [{ work: work as IdleWork['work'], obstructed: key.obstructed }]
        }),
      )
      return found.flat()
    },
  }
}

type CertifiedWork = Exclude<IdleWork['work'], 'log' | 'witness'>

interface JudgedBy<K> {
  readonly listedAs: (key: K) => Listed | undefined
  readonly fault: (key: K, listed: Listed) => Promise<string | undefined>
  readonly nameOf: (key: K) => string
}

function noKey(
  state: string,
  work: IdleWork['work'],
  obstructed: ObstructedKey | undefined,
): NoKeyInForce {
  const message = obstructed
    ? `No ${work} key of ${state} is in force: ${obstructed.fault}`
    : `The trust list of ${state} names no ${work} key that this node holds`
  return new NoKeyInForce(message, obstructed)
}

function listedNoteKey(
  { view }: Trust,
  state: string,
  { key }: NoteSigner<SignatureType>,
): Listed | undefined {
  const text = formatVerifierKey(key)
  return view.logs(state).find((log) => log.origin === key.name && log.key === text)
}

/**
 * What the state's list says of a key of this use; a node key counts while an address names it. That which
 * names one that waits, waits as well.
 */
function listedKey(
  { view }: Trust,
  state: string,
  usage: TrustKey['usage'],
  x5tS256: string,
  now: Date,
): Listed | undefined {
  const known = view.key(x5tS256, state)
  if (known?.key.usage !== usage || stateOf(known.key.body) !== state) return undefined
  if (usage === 'node' && !isAddressed(view, state, known.key, now)) return undefined
  return known.key
}

/** Whether an address of the state names this node key, or would if its addition counted. */
export function isAddressed(view: TrustView, state: string, key: CountedKey, now: Date): boolean {
  const isNamed = view.nodes(state, now).some((node) => node.key === key.x5tS256)
  return isNamed || keyObstacle(key, now) === 'pending'
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
