import type { TrustList } from './trust-list.ts'

type Node = TrustList['nodes'][number]

/** An address with its node key, and from when on it counts here; empty: it always did. */
interface CountedNode {
  readonly node: Node
  readonly since: string
}

/** The addresses of a state as a version of its list names them. */
export interface NodesVersion {
  readonly listed: readonly CountedNode[]
  /** When this node accepted it; empty: it is the first. */
  readonly begins: string
  /** What was in use by then, and stays so until one of those listed counts. */
  readonly former: readonly CountedNode[]
}

/**
 * The addresses together with those of the next version. What is in use when a version is accepted goes on
 * in it, and what waits goes on waiting; what it does not name waits for nothing any more. When it was issued
 * does not matter: that is the word of whoever signs it, and with it a former address would come back.
 */
export function followedNodes(
  before: readonly NodesVersion[],
  nodes: readonly Node[],
  { acceptedAt, countsFrom = '' }: { readonly acceptedAt: string; readonly countsFrom?: string },
): NodesVersion[] {
  const last = before.at(-1)
  if (!last) return [{ listed: counting(nodes, new Map(), ''), begins: '', former: [] }]
  const listed = last.listed.map(({ node }) => node)
  if (JSON.stringify(listed) === JSON.stringify(nodes)) return [...before]
  const former = inUse(before, acceptedAt)
  const known = new Map([...last.listed, ...former].map((one) => [JSON.stringify(one.node), one]))
  return [...before, { listed: counting(nodes, known, countsFrom), begins: acceptedAt, former }]
}

function counting(
  nodes: readonly Node[],
  known: ReadonlyMap<string, CountedNode>,
  countsFrom: string,
): CountedNode[] {
  return nodes.map((node) => known.get(JSON.stringify(node)) ?? { node, since: countsFrom })
}

/** Addresses and node keys of a state that count here at an instant. */
export function countedNodes(versions: readonly NodesVersion[], instant: string): Node[] {
  return inUse(versions, instant).map(({ node }) => node)
}

function inUse(versions: readonly NodesVersion[], instant: string): readonly CountedNode[] {
  const version = versions.findLast(({ begins }) => begins <= instant)
  const counts = version?.listed.filter(({ since }) => since <= instant) ?? []
  return counts.length > 0 ? counts : (version?.former ?? [])
}
