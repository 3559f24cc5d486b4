import {
  type Dictionary,
  type InnerList,
  serializeDictionary,
  serializeInnerList,
  serializeItem,
} from 'structured-headers'
import type { SigningKey } from '../crypto/suite.ts'
import { SIGNS_HTTP } from './algorithms.ts'
import {
  LABEL,
  type RequiredComponent,
  requestComponents,
  responseComponents,
} from './components.ts'
import { contentDigest } from './content-digest.ts'
import type { RequestContext } from './http-message.ts'
import { signatureBase } from './signature-base.ts'
import { makeParameters } from './signature-parameters.ts'

/** Who signs one message, and when. */
export interface MessageSigner {
  key: SigningKey
  /** x5t#S256 of the node key's X.509 certificate. */
  keyid: string
  created: Date
  /** At least 16 random bytes, never used before with this key. */
  nonce: Uint8Array
}

export interface OutgoingRequest {
  method: string
  targetUri: string
  /** Raw bytes, empty when there are none. */
  body: Uint8Array
  /** Required with a body, signed with it. */
  contentType?: string
  /** This state. */
  sender: string
  /** The state whose node is called. */
  recipient: string
  /** Names the operation beyond the replay window: a retry carries the same. */
  messageId: string
}

export interface OutgoingResponse {
  status: number
  body: Uint8Array
}

export interface SignedRequest {
  /** Every header the request has to carry, Content-Type included. */
  headers: Record<string, string>
  /** Kept to verify the response with. */
  context: RequestContext
}

/** Signs a node-to-node request (RFC 9421 §3.1, EXC-HTTPSIG-1 H1–H4). */
export async function signRequest(
  request: OutgoingRequest,
  signer: MessageSigner,
): Promise<SignedRequest> {
  const { method, targetUri, body, contentType, sender, recipient, messageId } = request
  if (body.length > 0 && contentType === undefined) throw new Error('A body needs a content type')
  const named: Record<string, string> = {
    'Content-Digest': await contentDigest(body),
    'Exc-Message-Id': messageId,
    'Exc-Sender': sender,
    'Exc-Recipient': recipient,
    ...(body.length > 0 && contentType !== undefined && { 'Content-Type': contentType }),
  }
  const headers = new Headers(named)
  const signed = await sign(requestComponents({ method, targetUri, headers, body }), signer)
  return {
    headers: { ...named, ...signed.headers },
    context: { method, targetUri, signature: signed.signature, sender, recipient },
  }
}

/** Signs the answer to a verified request and binds it to that request; returns the headers to add. */
export async function signResponse(
  { status, body }: OutgoingResponse,
  request: RequestContext,
  signer: MessageSigner,
): Promise<Record<string, string>> {
  const named = { 'Content-Digest': await contentDigest(body) }
  const headers = new Headers(named)
  const signed = await sign(responseComponents({ status, headers, body }, request), signer)
  return { ...named, ...signed.headers }
}

async function sign(required: readonly RequiredComponent[], signer: MessageSigner) {
  if (!SIGNS_HTTP[signer.key.alg]) throw new Error(`${signer.key.alg} signs no HTTP messages`)
  const components = required.map(({ item, value }) => {
    const identifier = serializeItem(item)
    if (value === undefined) throw new Error(`The message has no usable ${identifier}`)
    return { identifier, value }
  })
  const input: InnerList = [
    required.map(({ item }) => item),
    makeParameters(signer.created, signer.nonce, signer.keyid),
  ]
  const base = signatureBase(components, serializeInnerList(input))
  const signature = Uint8Array.from(await signer.key.sign(new TextEncoder().encode(base)))
  const signatures: Dictionary = new Map([[LABEL, [signature, new Map()]]])
  return {
    signature,
    headers: {
      'Signature-Input': serializeDictionary(new Map([[LABEL, input]])),
      Signature: serializeDictionary(signatures),
    },
  }
}
