import type { CurrentTrust } from '../../trust/trust.ts'

/** Where the node of a state is, by that state's own trust list as it counts here. */
export async function listedAddress(
  { trust, now }: { readonly trust: CurrentTrust; readonly now: () => Date },
  peer: string,
): Promise<string | undefined> {
  const { view } = await trust()
  return view.nodes(peer, now()).find(({ state }) => state === peer)?.url
}
