import { parseJws } from '../../jose/parse.ts'
import type { TrustStore } from '../../trust/trust-store.ts'
import { EARLIER_TRUST_LISTS, type Missing } from './pack.ts'
import type { ProofsGathered } from './proofs.ts'

type Store = Pick<TrustStore, 'version' | 'versions'>

export interface ListForPack {
  readonly state: string
  readonly version: number
  readonly jws: string
}

/** Versions of trust lists, what the answer hangs on first; behind the first `needed` it does not. */
export interface ListsForPack {
  readonly lists: readonly ListForPack[]
  readonly needed: number
}

/**
 * Of each state the newest version, then those in force when what decides was logged, then those of the
 * other times. Who cuts from the end keeps the list that names the keys of the log and the witness.
 */
export async function listsForPack(
  store: Store,
  states: readonly string[],
  times: ProofsGathered['times'],
): Promise<ListsForPack> {
  const readers = await Promise.all(states.map((state) => versionsOf(store, state)))
  const inOrder = new Map<string, ListForPack>()
  const take = (found: readonly ListForPack[]) => {
    for (const list of found) inOrder.set(`${list.state} ${list.version}`, list)
  }
  for (const { newest } of readers) take(await newest())
  for (const { inForce } of readers) take(await inForce(times.needed))
  const needed = inOrder.size
  for (const { inForce } of readers) take(await inForce(times.further))
  return { lists: [...inOrder.values()], needed }
}

/** What a pack lacks that took so many of them. */
export function listsLeftOut({ lists, needed }: ListsForPack, taken: number): Missing[] {
  if (taken === lists.length) return []
  return [{ what: 'too-many', subject: taken < needed ? 'trustLists' : EARLIER_TRUST_LISTS }]
}

/** By state, the oldest first. */
export function byStateAndVersion(a: ListForPack, b: ListForPack): number {
  if (a.state !== b.state) return a.state < b.state ? -1 : 1
  return a.version - b.version
}

/** Versions follow each other in time, so that few of them have to be read. */
async function versionsOf(store: Store, state: string) {
  const versions = (await store.versions(state)).map(({ version }) => version)
  const read = new Map<number, ListForPack>()
  const listAt = async (place: number): Promise<ListForPack> => {
    const version = versions[place]!
    const known = read.get(version)
    if (known) return known
    const jws = await store.version(state, version)
    if (jws === undefined) throw new Error(`Version ${version} of the list of ${state} is missing`)
    const list = { state, version, jws }
    read.set(version, list)
    return list
  }
  const last = versions.length - 1
  return {
    newest: async () => (last < 0 ? [] : [await listAt(last)]),
    /** In the order of the instants. */
    async inForce(instants: readonly string[]) {
      const found: ListForPack[] = []
      for (const instant of last < 0 ? [] : new Set(instants)) {
        let [low, high] = [0, last]
        while (low < high) {
          const middle = Math.ceil((low + high) / 2)
          if (issuedAt((await listAt(middle)).jws) <= instant) low = middle
          else high = middle - 1
        }
        found.push(await listAt(low))
      }
      return found
    },
  }
}

function issuedAt(jws: string): string {
  const parsed = parseJws(jws)
  const list = 'malformed' in parsed ? undefined : (parsed.payload as { issuedAt?: unknown })
  if (typeof list?.issuedAt !== 'string') throw new Error('A stored trust list is damaged')
  return list.issuedAt
}
