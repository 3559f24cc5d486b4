import { generateKeyPairSync, type KeyObject, randomBytes } from 'node:crypto'
import {
  type JwsAlgorithm,
  parsePublicKey,
  type PublicKey,
  type SigningKey,
  signingKey,
  thumbprint,
} from '../../../src/crypto/suite.ts'
import type { RequestMessage, ResponseMessage } from '../../../src/http-signature/http-message.ts'
import {
  type MessageSigner,
  type OutgoingRequest,
  type SignedRequest,
  signRequest,
  signResponse,
} from '../../../src/http-signature/sign.ts'
import type { NodeKey } from '../../../src/http-signature/verify.ts'

export const NOW = new Date('2026-11-02T10:00:00Z')

export interface TestNode {
  state: string
  keyid: string
  key: PublicKey
  signing: SigningKey
  privateKey: KeyObject
  publicKey: KeyObject
}

const GENERATORS = {
  ES256: () => generateKeyPairSync('ec', { namedCurve: 'P-256' }),
  ES384: () => generateKeyPairSync('ec', { namedCurve: 'P-384' }),
  Ed25519: () => generateKeyPairSync('ed25519'),
  EdDSA: () => generateKeyPairSync('ed25519'),
  PS256: () => generateKeyPairSync('rsa', { modulusLength: 3072 }),
} satisfies Record<JwsAlgorithm, unknown>

/** A node with a fresh key. The thumbprint is that of the bare key: there is no certificate here. */
export async function makeNode(state: string, alg: JwsAlgorithm): Promise<TestNode> {
  const { publicKey, privateKey } = GENERATORS[alg]()
  const spki = publicKey.export({ type: 'spki', format: 'der' })
  const pkcs8 = privateKey.export({ type: 'pkcs8', format: 'der' })
  return {
    state,
    keyid: await thumbprint(spki),
    key: parsePublicKey(spki)!,
    signing: await signingKey(new Uint8Array(pkcs8), alg),
    privateKey,
    publicKey,
  }
}

export function resolverOf(...nodes: TestNode[]) {
  return async (keyid: string): Promise<NodeKey | undefined> =>
    nodes.find((node) => node.keyid === keyid)
}

export function signerOf(node: TestNode, changes: Partial<MessageSigner> = {}): MessageSigner {
  const { signing: key, keyid } = node
  return { key, keyid, created: NOW, nonce: randomBytes(16), ...changes }
}

export const BODY = new TextEncoder().encode('{"messages":[]}')

export function outgoing(changes: Partial<OutgoingRequest> = {}): OutgoingRequest {
  return {
    method: 'POST',
    targetUri: 'https://exchange.gov.uz/exchange/v1/messages?after=1',
    body: BODY,
    contentType: 'application/json',
    sender: 'BY',
    recipient: 'UZ',
    messageId: '3f2b8a0e-6f0f-4a43-a4b4-1b8e7a0a5a11',
    ...changes,
  }
}

/** Signs a request and gives it as it arrives. */
export async function send(
  node: TestNode,
  changes: Partial<OutgoingRequest> = {},
  signer: Partial<MessageSigner> = {},
): Promise<{ request: RequestMessage; signed: SignedRequest }> {
  const plain = outgoing(changes)
  const signed = await signRequest(plain, signerOf(node, signer))
  const { method, targetUri, body } = plain
  return { request: { method, targetUri, body, headers: new Headers(signed.headers) }, signed }
}

export async function answer(
  node: TestNode,
  { context }: SignedRequest,
  body = new TextEncoder().encode('{"received":[]}'),
  signer: Partial<MessageSigner> = {},
): Promise<ResponseMessage> {
  const headers = await signResponse({ status: 200, body }, context, signerOf(node, signer))
  return { status: 200, headers: new Headers(headers), body }
}
