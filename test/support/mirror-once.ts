import { mirrorLog, type MirrorOutcome } from '../../src/exchange/log/mirror.ts'
import { nodeKeyResolver } from '../../src/exchange/node-keys.ts'
import { peerLogReader } from '../../src/exchange/delivery/peer-client.ts'
import type { TestNode } from './two-nodes.ts'

/** What a node's schedule does every minute: one look into the log of a peer. */
export function mirrorOnce({ running: { deps } }: TestNode, peer: string): Promise<MirrorOutcome> {
  const askLog = peerLogReader({ ...deps, node: deps.nodeKey, resolveKey: nodeKeyResolver(deps) })
  return mirrorLog({ ...deps, askLog })(peer)
}
