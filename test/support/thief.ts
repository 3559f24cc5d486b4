import { randomBytes } from 'node:crypto'
import { peerReader } from '../../src/exchange/delivery/peer-client.ts'
import { nodeKeyResolver } from '../../src/exchange/node-keys.ts'
import { signResponse } from '../../src/http-signature/sign.ts'
import { getAs, type Peer } from './sign-as.ts'
import type { TestNode } from './two-nodes.ts'

/** How a node answers a message that somebody signed with this node key; status and problem. */
export async function answerTo(peer: Peer, to: TestNode, at = new Date()): Promise<string> {
  const created = Math.floor(at.getTime() / 1000)
  const { status, body } = await getAs(peer, to, '/exchange/v1/feed?wait=0', { created })
  const type = (body as { type?: string } | undefined)?.type ?? ''
  return `${status} ${type.replace(/^.*\//, '')}`.trim()
}

/** What a node makes of an answer that somebody in the place of its peer signed with this node key. */
export async function belief(by: TestNode, peer: Peer): Promise<string> {
  const { deps } = by.running
  const answering: typeof fetch = async (url, init) => {
    const sent = new Headers(init!.headers)
    const [, signature = ''] = /^exc=:(.*):$/.exec(sent.get('signature') ?? '') ?? []
    const body = new TextEncoder().encode('{}')
    const request = {
      method: init!.method!,
      targetUri: String(url),
      signature: new Uint8Array(Buffer.from(signature, 'base64')),
      sender: by.state,
      recipient: peer.state,
    }
    const signer = { ...peer, created: deps.now(), nonce: randomBytes(16) }
    const headers = await signResponse({ status: 200, body }, request, signer)
    return new Response(body, { headers })
  }
  const ask = peerReader({
    ...deps,
    fetch: answering,
    node: deps.nodeKey,
    resolveKey: nodeKeyResolver(deps),
  })
  const answer = await ask(peer.state, 'https://peer.example/exchange/v1/feed', 0)
  return answer.ok ? 'believed' : answer.error
}
