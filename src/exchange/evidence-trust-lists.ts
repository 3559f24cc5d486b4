import { parseJws } from '../jose/parse.ts'
import type { TrustStore } from '../trust/trust-store.ts'

/**
 * The versions of a state's trust list that were in force at these instants, and the newest; the oldest
 * first. Versions follow each other in time, so that few of them have to be read.
 */
export async function listsInForce(
  store: Pick<TrustStore, 'version' | 'versions'>,
  state: string,
  instants: readonly string[],
): Promise<string[]> {
  const versions = (await store.versions(state)).map(({ version }) => version)
  const read = new Map<number, string>()
  const listAt = async (place: number) => {
    const version = versions[place]!
    const jws = read.get(version) ?? (await store.version(state, version))
    if (jws === undefined) throw new Error(`Version ${version} of the list of ${state} is missing`)
    read.set(version, jws)
    return jws
  }
  const wanted = new Set<number>(versions.length > 0 ? [versions.length - 1] : [])
  for (const instant of new Set(instants)) {
    let [low, high] = [0, versions.length - 1]
    while (low < high) {
      const middle = Math.ceil((low + high) / 2)
      if (issuedAt(await listAt(middle)) <= instant) low = middle
      else high = middle - 1
    }
    if (versions.length > 0) wanted.add(low)
  }
  return Promise.all([...wanted].toSorted((a, b) => a - b).map(listAt))
}

function issuedAt(jws: string): string {
  const parsed = parseJws(jws)
  const list = 'malformed' in parsed ? undefined : (parsed.payload as { issuedAt?: unknown })
  if (typeof list?.issuedAt !== 'string') throw new Error('A stored trust list is damaged')
  return list.issuedAt
}
