/** How the client talks HTTP; the generated part follows it in `client.ts` and brings the types. */

export interface ClientOptions {
  /** Public URL of the node. */
  readonly baseUrl: string
  /** Gives an access token; asked before every call of an operation that takes one. */
  readonly token?: () => Promise<string>
  /** Replaces the global one, for timeouts, proxies and tests; for peer operations it signs. */
  readonly fetch?: typeof fetch
  /** Sent with every call, such as Accept-Language. */
  readonly headers?: Readonly<Record<string, string>>
}

/** What came back, a problem (RFC 9457) included: `status` tells which `body` it is. */
export interface Answer<S extends number, B> {
  readonly status: S
  readonly body: B
  readonly headers: Headers
}

/** Bytes or text, sent as they are. */
export type Raw = NonNullable<RequestInit['body']>

/** What is known of an operation at run time. */
export interface Operation {
  readonly method: string
  readonly path: string
  readonly summary: string
  /** Takes an access token; others are public or signed by a node. */
  readonly token: boolean
  readonly params: readonly string[]
  readonly query: readonly string[]
  readonly headers: readonly string[]
  /** Media types of the body, the default first. */
  readonly body: readonly string[]
  /** Media types by status; none where the answer has no body. */
  readonly answers: Readonly<Record<string, readonly string[]>>
}

/** What a call brings, its type forgotten. */
export interface Input {
  readonly params?: Readonly<Record<string, string | number>>
  readonly query?: Readonly<Record<string, string | number | boolean | undefined>>
  readonly headers?: Readonly<Record<string, string | undefined>>
  readonly contentType?: string
  readonly body?: unknown
}

/** Something answered that is not this contract: another service, a proxy, another version. */
export class UnexpectedAnswer extends Error {
  override name = 'UnexpectedAnswer'
  readonly status: number
  readonly text: string
  constructor(message: string, status: number, text: string) {
    super(message)
    this.status = status
    this.text = text
  }
}

/**
 * Calls one operation.
 *
 * @throws {UnexpectedAnswer} for a status or media type that the contract does not have
 * @throws {TypeError} when nothing answers, as `fetch` does
 */
export async function send(
  { baseUrl, token, fetch: fetchWith = fetch, headers: always }: ClientOptions,
  operation: Operation,
  { params = {}, query = {}, headers: own = {}, contentType, body }: Input = {},
  signal?: AbortSignal,
): Promise<Answer<number, unknown>> {
  const headers = new Headers(always)
  for (const [name, value] of Object.entries(own)) if (value !== undefined) headers.set(name, value)
  if (operation.token && token) headers.set('Authorization', `Bearer ${await token()}`)
  const mediaType = contentType ?? operation.body[0]
  if (mediaType !== undefined) headers.set('Content-Type', mediaType)
  const url = baseUrl.replace(/\/+$/, '') + pathOf(operation, params) + queryOf(query)
  const response = await fetchWith(url, {
    method: operation.method,
    headers,
    ...(mediaType !== undefined && { body: encodeBody(mediaType, body) }),
    ...(signal && { signal }),
  })
  return decodeAnswer(url, operation, response)
}

function pathOf(
  { path }: Operation,
  params: Readonly<Record<string, string | number | undefined>>,
): string {
  return path.replace(/\{(\w+)\}/g, (_, name: string) => {
    const text = String(params[name] ?? '')
    // A URL parser folds dot segments away, written as %2E too; nothing names an empty one.
    if (text === '' || text === '.' || text === '..')
      throw new RangeError(`${name} "${text}" cannot stand in a path`)
    return encodeURIComponent(text)
  })
}

function queryOf(query: NonNullable<Input['query']>): string {
  const given = Object.entries(query).flatMap(([name, value]) =>
    value === undefined ? [] : [[name, String(value)]],
  )
  return given.length === 0 ? '' : `?${new URLSearchParams(given).toString()}`
}

function encodeBody(mediaType: string, body: unknown): Raw {
  if (body instanceof Uint8Array) return body as Uint8Array<ArrayBuffer>
  if (mediaType === 'application/json') return JSON.stringify(body)
  if (mediaType === 'application/x-www-form-urlencoded')
    return new URLSearchParams(body as Record<string, string>).toString()
  if (mediaType === 'application/x-ndjson' && Array.isArray(body))
    return body.map((line) => `${JSON.stringify(line)}\n`).join('')
  return body as Raw
}

async function decodeAnswer(
  url: string,
  { method, answers }: Operation,
  response: Response,
): Promise<Answer<number, unknown>> {
  const { status, headers } = response
  const declared = answers[status]
  const mediaType = headers.get('Content-Type')?.split(';')[0]?.trim().toLowerCase() ?? ''
  const isDeclared = declared?.some((text) => text.split(';')[0] === mediaType)
  if (!declared || (declared.length > 0 && !isDeclared)) {
    const text = await response.text()
    const what = `${status} ${mediaType}`.trim()
    throw new UnexpectedAnswer(
      `${method} ${url} answered ${what}, which is not in the contract`,
      status,
      text,
    )
  }
  const body = declared.length === 0 ? undefined : await decodeBody(mediaType, response)
  return { status, body, headers }
}

async function decodeBody(mediaType: string, response: Response): Promise<unknown> {
  if (isText(mediaType)) return response.text()
  if (/[/+]json$/.test(mediaType)) return response.json()
  if (mediaType === 'application/x-ndjson')
    return (await response.text())
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line) as unknown)
  return new Uint8Array(await response.arrayBuffer())
}

/** Media types whose bodies are handed over as text; others that are not JSON as bytes. */
export function isText(mediaType: string): boolean {
  return /^text\/|^application\/jose$|\+jwt$|^application\/vnd\..+\+json$/.test(mediaType)
}
