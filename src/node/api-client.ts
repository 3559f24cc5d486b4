import { randomUUID } from 'node:crypto'
import { importJWK, type JWK, SignJWT } from 'jose'
import { type Client, createClient } from '../../openapi/client.ts'

export interface ApiAnswer {
  readonly status: number
  readonly body: unknown
}

/** A client system's way into a node: private_key_jwt, a token while it lasts. */
export interface ApiClient {
  /** Every operation of the contract, typed. */
  readonly api: Client
  /** The same without the contract, for requests that it does not have. */
  get(path: string): Promise<ApiAnswer>
  post(path: string, body: unknown): Promise<ApiAnswer>
  postBytes(
    path: string,
    mediaType: string,
    body: string | Uint8Array<ArrayBuffer>,
  ): Promise<ApiAnswer>
}

const TIMEOUT_MS = 60_000

export class TokenError extends Error {
  override name = 'TokenError'
}

const withinTime: typeof fetch = (input, init) =>
  fetch(input, { signal: AbortSignal.timeout(TIMEOUT_MS), ...init })

/** The client of a node for those who have no key: the public operations. */
export function publicClient(url: string, headers: Readonly<Record<string, string>> = {}): Client {
  return createClient({ baseUrl: url, fetch: withinTime, headers })
}

/**
 * The client of a node for one registered client system.
 *
 * Its calls throw TokenError when the node gives no token, `UnexpectedAnswer` when something else than a
 * node of this version answers, and TypeError when nothing does.
 */
export function apiClient(options: {
  url: string
  clientId: string
  privateJwk: JWK
  headers?: Readonly<Record<string, string>>
  now?: () => Date
}): ApiClient {
  const { url, clientId, privateJwk, headers = {}, now = () => new Date() } = options
  const alg = privateJwk.kty === 'OKP' ? 'Ed25519' : 'ES256'
  let token: { value: string; until: number } | undefined

  const anonymous = publicClient(url, headers)

  async function getToken(): Promise<string> {
    if (token && token.until > now().getTime()) return token.value
    const assertion = await new SignJWT()
      .setProtectedHeader({ alg })
      .setIssuer(clientId)
      .setSubject(clientId)
      .setAudience(url)
      .setJti(randomUUID())
      .setExpirationTime(new Date(now().getTime() + 120_000))
      .sign(await importJWK(privateJwk, alg))
    const { status, body } = await anonymous.getToken({
      body: {
        grant_type: 'client_credentials',
        client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
        client_assertion: assertion,
      },
    })
    if (status !== 200)
      throw new TokenError(`${url} gives no token: ${body.detail ?? `HTTP ${status}`}`)
    token = { value: body.access_token, until: now().getTime() + body.expires_in * 900 }
    return token.value
  }

  async function send(path: string, init: RequestInit): Promise<ApiAnswer> {
    const response = await withinTime(`${url}${path}`, {
      ...init,
      headers: { ...headers, ...init.headers, Authorization: `Bearer ${await getToken()}` },
    })
    const text = await response.text()
    const json = /[/+]json\b/.test(response.headers.get('content-type') ?? '')
    return { status: response.status, body: json ? (JSON.parse(text) as unknown) : text }
  }

  return {
    api: createClient({ baseUrl: url, fetch: withinTime, headers, token: getToken }),
    get: (path) => send(path, {}),
    post: (path, body) =>
      send(path, {
        method: 'POST',
        headers: { 'Content-Type': 'application/json' },
        body: JSON.stringify(body),
      }),
    postBytes: (path, mediaType, body) =>
      send(path, { method: 'POST', headers: { 'Content-Type': mediaType }, body }),
  }
}
