import { randomUUID } from 'node:crypto'
import { importJWK, type JWK, SignJWT } from 'jose'

export interface ApiAnswer {
  readonly status: number
  readonly body: unknown
}

/** A client system's way into a node: private_key_jwt, a token while it lasts, JSON both ways. */
export interface ApiClient {
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

/** @throws {TokenError} when the node gives no token */
export function apiClient(options: {
  url: string
  clientId: string
  privateJwk: JWK
  headers?: Readonly<Record<string, string>>
}): ApiClient {
  const { url, clientId, privateJwk, headers = {} } = options
  const alg = privateJwk.kty === 'OKP' ? 'Ed25519' : 'ES256'
  let token: { value: string; until: number } | undefined

  async function getToken(): Promise<string> {
    if (token && token.until > Date.now()) return token.value
    const assertion = await new SignJWT()
      .setProtectedHeader({ alg })
      .setIssuer(clientId)
      .setSubject(clientId)
      .setAudience(url)
      .setJti(randomUUID())
      .setExpirationTime('2m')
      .sign(await importJWK(privateJwk, alg))
    const response = await fetch(`${url}/oauth/token`, {
      method: 'POST',
      signal: AbortSignal.timeout(TIMEOUT_MS),
      body: new URLSearchParams({
        grant_type: 'client_credentials',
        client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
        client_assertion: assertion,
      }),
    })
    const answer = (await response.json()) as {
      access_token?: string
      expires_in?: number
      detail?: string
    }
    if (response.status !== 200 || answer.access_token === undefined)
      throw new TokenError(`${url} gives no token: ${answer.detail ?? `HTTP ${response.status}`}`)
    token = { value: answer.access_token, until: Date.now() + (answer.expires_in ?? 0) * 900 }
    return token.value
  }

  async function send(path: string, init: RequestInit): Promise<ApiAnswer> {
    const response = await fetch(`${url}${path}`, {
      ...init,
      signal: AbortSignal.timeout(TIMEOUT_MS),
      headers: { ...headers, ...init.headers, Authorization: `Bearer ${await getToken()}` },
    })
    const text = await response.text()
    const json = response.headers.get('content-type')?.includes('json')
    return { status: response.status, body: json ? (JSON.parse(text) as unknown) : text }
  }

  return {
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
