import { encodeBase64url } from '../../encoding/base64url.ts'
import { sha256 } from '../../crypto/suite.ts'
import { readBounded } from '../../encoding/read-bounded.ts'
import { formatInstant } from '../../encoding/time.ts'
import { signRequest } from '../../http-signature/sign.ts'
import { verifyResponse, type ResolveNodeKey } from '../../http-signature/verify.ts'
import { clockHint, peerClock } from './peer-clock.ts'
import type { PeerStore } from './peer-store.ts'
import { archivedRequest, archivedResponse } from '../audit/archived-text.ts'
import type { ExchangeArchive } from '../records.ts'
import { keyOrNone, NoKeyInForce } from '../key-in-force.ts'
import type { NodeKey } from '../working-keys.ts'

export interface PeerClientDependencies {
  readonly state: string
  readonly now: () => Date
  readonly fetch: typeof fetch
  readonly randomBytes: (length: number) => Uint8Array
  readonly node: () => Promise<NodeKey>
  readonly resolveKey: ResolveNodeKey
  readonly archive: ExchangeArchive
  readonly peers: Pick<PeerStore, 'clockSeen'>
}

export type PeerAnswer =
  | { readonly ok: true; readonly body: Uint8Array<ArrayBuffer> }
  /** Nothing may be concluded from it; ask again later. */
  | {
      readonly ok: false
      readonly error: string
      /** The peer itself says so, signed; otherwise nothing of it was heard. */
      readonly answered?: true
      /** The peer itself says, signed, that it will not take the content. */
      readonly refused?: true
      /** The peer itself says, signed, that a cursor means nothing to it (any longer); its words. */
      readonly gone?: Uint8Array<ArrayBuffer>
      /** How long the peer asks to be left in peace; no signature covers it. */
      readonly retryAfterMs?: number
    }

interface PeerRequest {
  readonly method: 'GET' | 'POST'
  readonly targetUri: string
  readonly body: Uint8Array<ArrayBuffer>
  readonly timeoutMs: number
  /** Of the answer; `MAX_ANSWER_BYTES` if absent. */
  readonly maxBytes?: number
}

const TIMEOUT_MS = 30_000
const MAX_ANSWER_BYTES = 16 * 1024 * 1024

/** Sends a signed request to a peer; gives an answer only if the peer's signature on it holds. */
export function peerClient(deps: PeerClientDependencies) {
  const seeClock = peerClock(deps.peers)
  return (peer: string, targetUri: string, json: object): Promise<PeerAnswer> => {
    const body = new TextEncoder().encode(JSON.stringify(json))
    return callPeer({ ...deps, seeClock }, peer, {
      method: 'POST',
      targetUri,
      body,
      timeoutMs: TIMEOUT_MS,
    })
  }
}

/** Asks a peer for something, as `peerClient` sends. `waitMs`: how long it was asked to hold its answer back. */
export function peerReader(deps: PeerClientDependencies) {
  const seeClock = peerClock(deps.peers)
  return (peer: string, targetUri: string, waitMs: number): Promise<PeerAnswer> => {
    const timeoutMs = TIMEOUT_MS + waitMs
    return callPeer({ ...deps, seeClock }, peer, {
      method: 'GET',
      targetUri,
      body: new Uint8Array(),
      timeoutMs,
    })
  }
}

/** An answer that proves itself, and is archived only where it is evidence of what the peer did. */
export type LogAnswer = PeerAnswer & { readonly keep: () => Promise<void> }

/** Asks a peer for a part of its log; `maxBytes`: what such a part can have. */
export function peerLogReader(deps: PeerClientDependencies) {
  const seeClock = peerClock(deps.peers)
  return async (peer: string, targetUri: string, maxBytes: number): Promise<LogAnswer> => {
    const exchanges: Parameters<ExchangeArchive['keep']>[0][] = []
    const archive = {
      keep: async (exchange: (typeof exchanges)[0]) => void exchanges.push(exchange),
    }
    const body = new Uint8Array()
    const request = { method: 'GET', targetUri, body, timeoutMs: TIMEOUT_MS, maxBytes } as const
    const answer = await callPeer({ ...deps, archive, seeClock }, peer, request)
    return {
      ...answer,
      keep: async () => void (await Promise.all(exchanges.map(deps.archive.keep))),
    }
  }
}

async function callPeer(
  deps: PeerClientDependencies & { readonly seeClock: ReturnType<typeof peerClock> },
  peer: string,
  { method, targetUri, body, timeoutMs, maxBytes = MAX_ANSWER_BYTES }: PeerRequest,
): Promise<PeerAnswer> {
  const node = await keyOrNone(deps.node())
  // What waits for the peer waits on.
  if (node instanceof NoKeyInForce) return { ok: false, error: node.message }
  // The same content keeps its id, whenever and in whatever process it is sent again.
  const content = method === 'GET' ? new TextEncoder().encode(targetUri) : body
  const messageId = encodeBase64url(await sha256(content))
  const created = deps.now()
  const { headers, context } = await signRequest(
    {
      method,
      targetUri,
      body,
      ...(method === 'POST' && { contentType: 'application/json' }),
      sender: deps.state,
      recipient: peer,
      messageId,
    },
    { ...node, created, nonce: deps.randomBytes(16) },
  )
  let status: number
  let answerHeaders: Headers
  let answer: Uint8Array<ArrayBuffer>
  try {
    const response = await deps.fetch(targetUri, {
      method,
      headers,
      ...(method === 'POST' && { body }),
      // Not followed: its status is not 200. Workers do not know 'error'.
      redirect: 'manual',
      signal: AbortSignal.timeout(timeoutMs),
    })
    status = response.status
    answerHeaders = response.headers
    answer = await readBounded(response.body, maxBytes)
  } catch (error) {
    return {
      ok: false,
      error: `no answer: ${error instanceof Error ? error.message : 'unknown'}`,
    }
  }
  const verified = await verifyResponse({ status, headers: answerHeaders, body: answer }, context, {
    now: deps.now(),
    resolveKey: deps.resolveKey,
  })
  const text = new TextDecoder().decode(answer)
  if (!verified.ok)
    return {
      ok: false,
      error: `HTTP ${status}, its signature: ${verified.code}${problemIn(text)}${clockHint(answerHeaders, deps.now())}`,
      ...retryAfterOf(status, answerHeaders),
    }
  await deps.seeClock(peer, verified.created, deps.now())
  await deps.archive.keep({
    at: formatInstant(created),
    peer,
    direction: 'sent',
    messageId,
    request: archivedRequest({ method, targetUri, headers: new Headers(headers), body }),
    response: archivedResponse({ status, headers: answerHeaders, body: answer }),
  })
  if (status !== 200)
    return {
      ok: false,
      error: `HTTP ${status}${problemIn(text)}`,
      answered: true,
      ...(status === 422 && { refused: true }),
      ...(status === 410 && { gone: answer }),
      ...retryAfterOf(status, answerHeaders),
    }
  return { ok: true, body: answer }
}

/** Retry-After in seconds (RFC 9110 §10.2.3); nodes send no dates. */
function retryAfterOf(status: number, headers: Headers): { retryAfterMs?: number } {
  const seconds = /^\d{1,6}$/.exec(headers.get('retry-after') ?? '')?.[0]
  if (seconds === undefined || (status !== 429 && status !== 503)) return {}
  return { retryAfterMs: Number(seconds) * 1000 }
}

/** The slug of a problem answer, for the operator's eyes. */
function problemIn(text: string): string {
  const slug = /"type":"[^"]*\/problems\/([a-z-]{1,60})"/.exec(text)?.[1]
  return slug === undefined ? '' : ` (${slug})`
}
