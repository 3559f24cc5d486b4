import { createHash, randomBytes } from 'node:crypto'
import type { SigningKey } from '../../src/crypto/suite.ts'
import type { PreparedState } from '../../src/node/dev-state.ts'
import { sealOf } from './hostile.ts'
import { EACH_ITS_OWN } from './two-nodes.ts'

export interface Peer {
  readonly state: string
  readonly key: SigningKey
  readonly keyid: string
}

/** A node with its real key, without its program. */
export async function peerOf(state: PreparedState): Promise<Peer> {
  const { key, x5tS256 } = await sealOf(state, 'node')
  return { state: state.state, key, keyid: x5tS256 }
}

/** What a peer may do otherwise than agreed; everything else is done right. */
export interface Deviation {
  readonly sender?: string
  readonly recipient?: string
  /** What is signed; the request goes where it goes. */
  readonly targetUri?: string
  readonly method?: string
  readonly created?: number
  readonly lifetime?: number
  readonly nonce?: string
  readonly keyid?: string
  readonly tag?: string
  readonly key?: SigningKey
  readonly digest?: string
  readonly messageId?: string
  /** Left out of the signature. */
  readonly uncovered?: string
  /** Set or, with `undefined`, removed after signing. */
  readonly headers?: Readonly<Record<string, string | undefined>>
  /** Sent in place of the body that was signed. */
  readonly sentBody?: string
}

export interface PeerReply {
  readonly status: number
  readonly headers: Headers
  readonly text: string
  /** The JSON, if it is some. */
  readonly body: unknown
}

/** Headers of a request signed by EXC-HTTPSIG-1, written down without the product's own signer. */
export async function signedHeaders(
  peer: Peer,
  to: { readonly state: string },
  url: string,
  body: string,
  deviation: Deviation = {},
): Promise<Record<string, string>> {
  const created = deviation.created ?? Math.floor(Date.now() / 1000)
  const sha256 = createHash('sha256').update(body).digest('base64')
  const fields: Record<string, string> = {
    'content-digest': deviation.digest ?? `sha-256=:${sha256}:`,
    'exc-message-id': deviation.messageId ?? randomBytes(16).toString('base64url'),
    'exc-sender': deviation.sender ?? peer.state,
    'exc-recipient': deviation.recipient ?? to.state,
    ...(body !== '' && { 'content-type': 'application/json' }),
  }
  const values: Record<string, string> = {
    '@method': deviation.method ?? 'POST',
    '@target-uri': deviation.targetUri ?? url,
    ...fields,
  }
  const covered = Object.keys(values).filter((name) => name !== deviation.uncovered)
  const nonce = deviation.nonce ?? randomBytes(16).toString('base64url')
  const parameters =
    `(${covered.map((name) => `"${name}"`).join(' ')})` +
    `;created=${created};expires=${created + (deviation.lifetime ?? 300)};nonce="${nonce}"` +
    `;keyid="${deviation.keyid ?? peer.keyid}";tag="${deviation.tag ?? 'exc-v1'}"`
  const lines = covered.map((name) => `"${name}": ${values[name]}`)
  const base = [...lines, `"@signature-params": ${parameters}`].join('\n')
  const signature = await (deviation.key ?? peer.key).sign(new TextEncoder().encode(base))
  const headers: Record<string, string | undefined> = {
    ...fields,
    'signature-input': `exc=${parameters}`,
    signature: `exc=:${Buffer.from(signature).toString('base64')}:`,
    ...deviation.headers,
  }
  return Object.fromEntries(
    Object.entries(headers).filter((entry): entry is [string, string] => entry[1] !== undefined),
  )
}

/** Posts JSON to a node as this peer. */
export async function postAs(
  peer: Peer,
  to: { readonly state: string; readonly url: string },
  path: string,
  json: unknown,
  deviation: Deviation = {},
): Promise<PeerReply> {
  const url = `${to.url}${path}`
  const body = typeof json === 'string' ? json : JSON.stringify(json)
  const headers = await signedHeaders(peer, to, url, body, deviation)
  return post(url, headers, deviation.sentBody ?? body)
}

/** Asks a node for something as this peer. */
export async function getAs(
  peer: Peer,
  to: { readonly state: string; readonly url: string },
  path: string,
  deviation: Deviation = {},
): Promise<PeerReply> {
  const url = `${to.url}${path}`
  const headers = await signedHeaders(peer, to, url, '', { method: 'GET', ...deviation })
  return replyOf(await fetch(url, { headers: { ...headers, ...EACH_ITS_OWN } }))
}

export async function post(
  url: string,
  headers: Readonly<Record<string, string>>,
  body: string,
): Promise<PeerReply> {
  const response = await fetch(url, {
    method: 'POST',
    headers: { ...headers, ...EACH_ITS_OWN },
    body: new TextEncoder().encode(body),
  })
  return replyOf(response)
}

async function replyOf(response: Response): Promise<PeerReply> {
  const text = await response.text()
  const isJson = response.headers.get('content-type')?.includes('json')
  return {
    status: response.status,
    headers: response.headers,
    text,
    body: isJson ? (JSON.parse(text) as unknown) : undefined,
  }
}
