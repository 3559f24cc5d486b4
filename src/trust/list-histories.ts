import { parseJws } from '../jose/parse.ts'
import type { ListedVersion } from './additions.ts'
import { countingInstants } from './counting-instants.ts'
import { TrustList } from './trust-list.ts'
import type { TrustStore } from './trust-store.ts'

/** Accepted versions of each state, oldest first, with the instants from which their additions count. */
export type ListHistories = ReadonlyMap<string, readonly ListedVersion[]>
type StoredHistories = ReadonlyMap<string, readonly (ListedVersion & { readonly sha256: string })[]>

/**
 * Reads what was accepted. Lists never change: `parsed` keeps them by SHA-256, so that only new ones are
 * read again.
 *
 * @throws {Error} a stored list is damaged
 */
export async function readHistories(
  store: Pick<TrustStore, 'accepted' | 'version' | 'approvals' | 'forks'>,
  parsed: Map<string, TrustList>,
): Promise<StoredHistories> {
  const [accepted, approvals, forks] = await Promise.all([
    store.accepted(),
    store.approvals(),
    store.forks(),
  ])
  const instants = countingInstants(accepted, approvals, forks)
  const histories = new Map<string, (ListedVersion & { sha256: string })[]>()
  for (const { state, version, sha256 } of accepted) {
    const list = parsed.get(sha256) ?? storedList(await store.version(state, version), state)
    parsed.set(sha256, list)
    const history = histories.get(state) ?? []
    histories.set(state, [...history, { list, sha256, additionsFrom: instants.get(sha256) }])
  }
  return histories
}

function storedList(jws: string | undefined, state: string): TrustList {
  const read = jws === undefined ? undefined : parseJws(jws)
  if (!read || 'malformed' in read)
    throw new Error(`A stored trust list of ${state} is damaged: ${read?.malformed ?? 'missing'}`)
  return TrustList.parse(read.payload)
}
