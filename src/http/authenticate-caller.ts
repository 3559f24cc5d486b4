import { formatInstant } from '../encoding/time.ts'
import { signResponse } from '../http-signature/sign.ts'
import { verifyRequest } from '../http-signature/verify.ts'
import type { Authenticate, Authentication, ReceivedRequest, SentAnswer } from './authentication.ts'
import { archivedRequest, archivedResponse } from '../exchange/audit/archived-text.ts'
import type { Caller } from './caller.ts'
import type { NodeDependencies } from './dependencies.ts'
import { keyOrNone, NoKeyInForce } from '../exchange/key-in-force.ts'
import { nodeKeyResolver } from '../exchange/node-keys.ts'
import { peerClock } from '../exchange/delivery/peer-clock.ts'
import { ProblemError } from './problem.ts'
import { tokenDigest } from './routes/oauth.ts'
import { SIGNATURE_PROBLEMS } from './signature-problem.ts'

/** Bearer tokens name client systems, HTTP message signatures peer nodes; nothing else names anybody. */
export function authenticateCaller(deps: NodeDependencies): Authenticate<Caller> {
  const resolveKey = nodeKeyResolver(deps)
  const seeClock = peerClock(deps.peers)

  async function bearer(header: string): Promise<Authentication<Caller>> {
    const token = /^Bearer ([A-Za-z0-9_-]{43})$/i.exec(header)?.[1]
    if (token === undefined) throw new ProblemError('invalid-token')
    const client = await deps.tokens.clientOf(await tokenDigest(token), formatInstant(deps.now()))
    if (!client) throw new ProblemError('invalid-token')
    const { id, role, party } = client
    return { caller: { role, clientId: id, party } }
  }

  async function peer(
    received: ReceivedRequest,
    isArchived: boolean,
  ): Promise<Authentication<Caller>> {
    const now = deps.now()
    const verified = await verifyRequest(received, { now, self: deps.state, resolveKey })
    if (!verified.ok) {
      if (verified.code === 'key-unknown') deps.called?.(undefined)
      throw new ProblemError(SIGNATURE_PROBLEMS[verified.code], {
        extensions: { reason: verified.code },
      })
    }
    const { keyid, nonce, acceptableUntil, sender, messageId, context } = verified
    const { created: signedAt } = verified
    // A node is nobody's peer at home, not even with its own key.
    if (sender === deps.state) throw new ProblemError('unknown-peer')
    // Nobody would believe the answer: nothing is taken on that the sender had to send again.
    const node = await keyOrNone(deps.nodeKey())
    if (node instanceof NoKeyInForce)
      throw new ProblemError('unavailable', { detail: node.message })
    const use = await deps.usedOnce.insertOnce(
      `nonce ${keyid}`,
      nonce,
      formatInstant(acceptableUntil),
    )
    if (use === 'replayed') throw new ProblemError('message-replayed')
    await seeClock(sender, signedAt, now)
    deps.called?.(sender)
    const signAnswer = async ({ status, body }: SentAnswer) => {
      const created = deps.now()
      const signer = { ...(await deps.nodeKey()), created, nonce: deps.randomBytes(16) }
      const added = await signResponse({ status, body }, context, signer)
      // Nothing was taken on; whoever calls too often must not fill what nobody can delete.
      if (status === 429 || !isArchived) return added
      await deps.archive.keep({
        at: formatInstant(now),
        peer: sender,
        direction: 'received',
        messageId,
        request: archivedRequest(received),
        response: archivedResponse({ status, headers: new Headers(added), body }),
      })
      return added
    }
    return { caller: { role: 'peer', state: sender }, signAnswer }
  }

  return async ({ headers }, route, whole) => {
    const authorization = headers.get('authorization')
    const signed = headers.has('signature-input') || headers.has('signature')
    if (route.callers.includes('peer') && signed) return peer(await whole(), !route.provesItself)
    if (authorization !== null) return bearer(authorization)
    return { caller: { role: 'public' } }
  }
}
