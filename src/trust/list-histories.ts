import { parseJws } from '../jose/parse.ts'
import { type CountedList, followedBy } from './additions.ts'
import { countingInstants } from './counting-instants.ts'
import { TrustList } from './trust-list.ts'
import type { TrustStore } from './trust-store.ts'

/** What the accepted versions of a state's list say together, and the newest of them. */
export interface ListHistory {
  readonly newest: TrustList
  readonly counted: CountedList
  /** What was folded into it: versions by SHA-256, with the instants of their additions. */
  readonly folded: readonly string[]
}

/** Histories of before, by state: only what came since is read again. */
export type HistoryMemory = Map<string, ListHistory>

/**
 * Reads what was accepted, oldest first; of former lists nothing is kept but what still says something.
 *
 * @throws {Error} a stored list is damaged
 */
export async function readHistories(
  store: Pick<TrustStore, 'accepted' | 'version' | 'approvals' | 'forks'>,
  memory: HistoryMemory,
): Promise<ReadonlyMap<string, ListHistory>> {
  const [accepted, approvals, forks] = await Promise.all([
    store.accepted(),
    store.approvals(),
    store.forks(),
  ])
  const instants = countingInstants(accepted, approvals, forks)
  const histories = new Map<string, ListHistory>()
  for (const state of new Set(accepted.map((one) => one.state))) {
    const versions = accepted.filter((one) => one.state === state)
    const names = versions.map(({ sha256 }) => `${sha256} ${instants.get(sha256) ?? ''}`)
    const held = memory.get(state)
    let history = held?.folded.every((name, i) => name === names[i]) ? held : undefined
    for (const { version, sha256, acceptedAt } of versions.slice(history?.folded.length ?? 0)) {
      const list = await readList(store, state, version)
      const additionsFrom = instants.get(sha256)
      const counted = followedBy(history?.counted, { list, acceptedAt, additionsFrom })
      history = { newest: list, counted, folded: names.slice(0, (history?.folded.length ?? 0) + 1) }
    }
    histories.set(state, history!)
    memory.set(state, history!)
  }
  return histories
}

/** @throws {Error} the list is damaged or missing */
export async function readList(
  store: Pick<TrustStore, 'version'>,
  state: string,
  version: number,
): Promise<TrustList> {
  const jws = await store.version(state, version)
  const read = jws === undefined ? undefined : parseJws(jws)
  if (!read || 'malformed' in read)
    throw new Error(`A stored trust list of ${state} is damaged: ${read?.malformed ?? 'missing'}`)
  return TrustList.parse(read.payload)
}
