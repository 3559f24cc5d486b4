import { encodeBase64url } from '../encoding/base64url.ts'
import { sha256, type SigningKey } from '../crypto/suite.ts'
import { readBounded } from '../encoding/read-bounded.ts'
import { formatInstant } from '../encoding/time.ts'
import { signRequest } from '../http-signature/sign.ts'
import { verifyResponse, type ResolveNodeKey } from '../http-signature/verify.ts'
import type { ExchangeArchive } from './records.ts'

export interface PeerClientDependencies {
  readonly state: string
  readonly now: () => Date
  readonly fetch: typeof fetch
  readonly randomBytes: (length: number) => Uint8Array
  readonly node: { readonly key: SigningKey; readonly keyid: string }
  readonly resolveKey: ResolveNodeKey
  readonly archive: ExchangeArchive
}

export type PeerAnswer =
  | { readonly ok: true; readonly body: Uint8Array<ArrayBuffer> }
  /** Nothing may be concluded from it; ask again later. */
  | {
      readonly ok: false
      readonly error: string
      /** The peer itself says, signed, that it will not take the content. */
      readonly refused?: true
    }

const TIMEOUT_MS = 30_000
const MAX_ANSWER_BYTES = 16 * 1024 * 1024

/** Sends a signed request to a peer; gives an answer only if the peer's signature on it holds. */
export function peerClient(deps: PeerClientDependencies) {
  return async (peer: string, targetUri: string, json: object): Promise<PeerAnswer> => {
    const body = new TextEncoder().encode(JSON.stringify(json))
    // The same content keeps its id, whenever and in whatever process it is sent again.
    const messageId = encodeBase64url(await sha256(body))
    const created = deps.now()
    const { headers, context } = await signRequest(
      {
        method: 'POST',
        targetUri,
        body,
        contentType: 'application/json',
        sender: deps.state,
        recipient: peer,
        messageId,
      },
      { ...deps.node, created, nonce: deps.randomBytes(16) },
    )
    let status: number
    let answerHeaders: Headers
    let answer: Uint8Array<ArrayBuffer>
    try {
      const response = await deps.fetch(targetUri, {
        method: 'POST',
        headers,
        body,
        redirect: 'error',
        signal: AbortSignal.timeout(TIMEOUT_MS),
      })
      status = response.status
      answerHeaders = response.headers
      answer = await readBounded(response.body, MAX_ANSWER_BYTES)
    } catch (error) {
      return {
        ok: false,
        error: `no answer: ${error instanceof Error ? error.message : 'unknown'}`,
      }
    }
    const verified = await verifyResponse(
      { status, headers: answerHeaders, body: answer },
      context,
      {
        now: deps.now(),
        resolveKey: deps.resolveKey,
      },
    )
    const text = new TextDecoder().decode(answer)
    if (!verified.ok)
      return {
        ok: false,
        error: `HTTP ${status}, its signature: ${verified.code}${problemIn(text)}`,
      }
    await deps.archive.keep({
      at: formatInstant(created),
      peer,
      direction: 'sent',
      messageId,
      request: JSON.stringify({
        method: 'POST',
        targetUri,
        headers,
        body: new TextDecoder().decode(body),
      }),
      response: JSON.stringify({ status, headers: Object.fromEntries(answerHeaders), body: text }),
    })
    if (status !== 200)
      return {
        ok: false,
        error: `HTTP ${status}${problemIn(text)}`,
        ...(status === 422 && { refused: true }),
      }
    return { ok: true, body: answer }
  }
}

/** The slug of a problem answer, for the operator's eyes. */
function problemIn(text: string): string {
  const slug = /"type":"[^"]*\/problems\/([a-z-]{1,60})"/.exec(text)?.[1]
  return slug === undefined ? '' : ` (${slug})`
}
