import { type InnerList, serializeInnerList, serializeItem } from 'structured-headers'
import { type PublicKey, verifyJwsSignature } from '../crypto/suite.ts'
import { HTTP_ALGORITHMS } from './algorithms.ts'
import { type RequiredComponent, requestComponents, responseComponents } from './components.ts'
import { checkContentDigest } from './content-digest.ts'
import type { RequestContext, RequestMessage, ResponseMessage } from './http-message.ts'
import { type Component, componentKey, signatureBase } from './signature-base.ts'
import { readSignatureFields } from './signature-fields.ts'
import {
  CLOCK_SKEW_SECONDS,
  checkWindow,
  readParameters,
  type SignatureParameters,
} from './signature-parameters.ts'

/** Why a message is not accepted. Each names the first check that failed, in the order made. */
export type SignatureFault =
  /** Signature-Input and Signature are not both there. */
  | 'signature-missing'
  /** Not canonical structured fields with the one label `exc`. */
  | 'signature-malformed'
  /** A component is missing, repeated, foreign, or absent from the message. */
  | 'components-wrong'
  /** A signature parameter is missing, foreign or malformed, or the tag is another. */
  | 'parameters-wrong'
  | 'window-too-long'
  /** Expired or not yet created, by this node's clock. */
  | 'outside-window'
  | 'message-id-malformed'
  | 'recipient-mismatch'
  /** `resolveKey` knows no valid X.509 certificate of a node with this thumbprint. */
  | 'key-unknown'
  | 'sender-mismatch'
  /** The key may not sign HTTP messages, or `alg` contradicts it. */
  | 'algorithm-not-allowed'
  | 'digest-malformed'
  | 'digest-mismatch'
  | 'signature-wrong'

/** A node key as the trust list binds it, path and status already checked (EXC-HTTPSIG-1 H6). */
export interface NodeKey {
  key: PublicKey
  /** The state whose node holds it. */
  state: string
}

/** Gives the node key with this x5t#S256, or `undefined` if it may not be relied on now. */
export type ResolveNodeKey = (keyid: string) => Promise<NodeKey | undefined>

export interface RequestExpectations {
  now: Date
  /** The state of this node: the only recipient accepted. */
  self: string
  resolveKey: ResolveNodeKey
}

export interface ResponseExpectations {
  now: Date
  resolveKey: ResolveNodeKey
}

interface Verified {
  ok: true
  keyid: string
  nonce: string
  created: Date
  expires: Date
  /** Until when the same message would be accepted again: a replay record must live as long. */
  acceptableUntil: Date
  /** The text that was signed: evidence together with `signature` and the raw message. */
  signatureBase: string
  signature: Uint8Array
}

export interface VerifiedRequest extends Verified {
  sender: string
  messageId: string
  /** What the signature of the response has to bind. */
  context: RequestContext
}

export interface VerifiedResponse extends Verified {
  sender: string
}

export interface Refused {
  ok: false
  code: SignatureFault
}

/**
 * Verifies a node-to-node request (RFC 9421 §3.2, EXC-HTTPSIG-1). Bad headers never throw. A replay is
 * not noticed here: the caller records the nonce of an accepted request, once, until `acceptableUntil`.
 */
export async function verifyRequest(
  request: RequestMessage,
  { now, self, resolveKey }: RequestExpectations,
): Promise<VerifiedRequest | Refused> {
  const verified = await verify(request, requestComponents(request), now, (keyid) => {
    const { sender, recipient, messageId } = identityOf(request.headers)
    if (!/^[\w.:-]{1,128}$/.test(messageId)) return 'message-id-malformed'
    if (recipient !== self) return 'recipient-mismatch'
    return resolveFor(sender, keyid, resolveKey)
  })
  if (!verified.ok) return verified
  const { sender, recipient, messageId } = identityOf(request.headers)
  const { method, targetUri } = request
  const context = { method, targetUri, signature: verified.signature, sender, recipient }
  return { ...verified, sender, messageId, context }
}

/** Verifies the answer to a request this node signed: it must come from the state that was asked. */
export async function verifyResponse(
  response: ResponseMessage,
  request: RequestContext,
  { now, resolveKey }: ResponseExpectations,
): Promise<VerifiedResponse | Refused> {
  const required = responseComponents(response, request)
  const sender = request.recipient
  const verified = await verify(response, required, now, (keyid) =>
    resolveFor(sender, keyid, resolveKey),
  )
  return verified.ok ? { ...verified, sender } : verified
}

async function verify(
  message: RequestMessage | ResponseMessage,
  required: readonly RequiredComponent[],
  now: Date,
  resolve: (keyid: string) => Promise<PublicKey | SignatureFault> | SignatureFault,
): Promise<Verified | Refused> {
  const fields = readSignatureFields(message.headers)
  if (typeof fields === 'string') return refuse(fields)
  const components = matchComponents(fields.input, required)
  if (!components) return refuse('components-wrong')
  const parameters = readParameters(fields.input[1])
  if (!parameters) return refuse('parameters-wrong')
  const window = checkWindow(parameters, now)
  if (window !== 'inside')
    return refuse(window === 'outside' ? 'outside-window' : 'window-too-long')

  const key = await resolve(parameters.keyid)
  if (typeof key === 'string') return refuse(key)
  const algorithm = HTTP_ALGORITHMS[key.type]
  if (!algorithm || (parameters.alg ?? algorithm.name) !== algorithm.name)
    return refuse('algorithm-not-allowed')

  const digest = message.headers.get('content-digest') ?? ''
  const digestCheck = await checkContentDigest(digest, message.body)
  if (digestCheck !== 'match') return refuse(`digest-${digestCheck}`)
  const base = signatureBase(components, serializeInnerList(fields.input))
  const signed = new TextEncoder().encode(base)
  const { signature } = fields
  if (!(await verifyJwsSignature(algorithm.jws, key, signature, signed)))
    return refuse('signature-wrong')
  return { ok: true, ...timesOf(parameters), signatureBase: base, signature }
}

/** The covered components in the signer's order, or `undefined` unless they are exactly `required`. */
function matchComponents(
  [covered]: InnerList,
  required: readonly RequiredComponent[],
): Component[] | undefined {
  const due = new Map(required.map(({ item, value }) => [componentKey(item), value]))
  const components: Component[] = []
  for (const item of covered) {
    const key = componentKey(item)
    const value = due.get(key)
    if (value === undefined) return undefined
    due.delete(key)
    components.push({ identifier: serializeItem(item), value })
  }
  return due.size === 0 ? components : undefined
}

async function resolveFor(
  sender: string,
  keyid: string,
  resolveKey: ResolveNodeKey,
): Promise<PublicKey | SignatureFault> {
  const found = await resolveKey(keyid)
  if (!found) return 'key-unknown'
  return found.state === sender ? found.key : 'sender-mismatch'
}

function identityOf(headers: Headers) {
  return {
    sender: headers.get('exc-sender') ?? '',
    recipient: headers.get('exc-recipient') ?? '',
    messageId: headers.get('exc-message-id') ?? '',
  }
}

function timesOf({ keyid, nonce, created, expires }: SignatureParameters) {
  return {
    keyid,
    nonce,
    created: new Date(created * 1000),
    expires: new Date(expires * 1000),
    acceptableUntil: new Date((expires + CLOCK_SKEW_SECONDS) * 1000),
  }
}

function refuse(code: SignatureFault): Refused {
  return { ok: false, code }
}
