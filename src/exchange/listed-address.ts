import type { CurrentTrust } from '../trust/trust.ts'

/** Where the node of a state is, by that state's own trust list. */
export async function listedAddress(
  trust: CurrentTrust,
  peer: string,
): Promise<string | undefined> {
  return (await trust()).view.list(peer)?.nodes.find(({ state }) => state === peer)?.url
}
