import { randomBytes } from 'node:crypto'
import { Agent, type IncomingHttpHeaders, request as httpRequest } from 'node:http'
import type { Socket } from 'node:net'
import { createApp } from '../../src/http/app.ts'
import type { Role } from '../../src/http/caller.ts'
import type { RouteDeclaration } from '../../src/http/route.ts'
import { type Samples, type ValidCall, pathOf, queryOf, validCall } from './matrix-calls.ts'
import { type StateWatch, watchState } from './matrix-state.ts'
import { fill, issueTokens, signedBy } from './matrix-world.ts'
import { type Peer, peerOf } from './sign-as.ts'
import { startTwoNodes, type TestNode, type TestNodeOptions } from './two-nodes.ts'

export interface Sent {
  readonly method?: string
  readonly path: string
  /** A role, or one of `BAD_CREDENTIALS`. */
  readonly as?: string
  readonly body?: string | Uint8Array<ArrayBuffer> | undefined
  readonly type?: string | undefined
  readonly headers?: Readonly<Record<string, string>>
}

export interface Received {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly text: string
}

/** Credentials that admit to nothing. */
export const BAD_CREDENTIALS = [
  'garbage token',
  'unknown token',
  'expired token',
  'token of a disabled client',
  'password',
  'peer without signature',
  'peer with a forged signature',
  'peer of an unknown key',
  'own node',
  'peer for another node',
  'peer of an hour ago',
] as const

const ACCESS = { 'access-officer': 'Test', 'access-purpose': 'test' }

/** A node of Belarus with something of everything, its peer's key, and a client of every role. */
export interface Matrix {
  readonly node: TestNode
  readonly routes: readonly RouteDeclaration[]
  readonly calls: readonly ValidCall[]
  readonly samples: Samples
  readonly state: StateWatch
  /** Secrets that no answer may contain. */
  readonly secrets: readonly string[]
  send(sent: Sent): Promise<Received>
  /** Headers that prove who asks. */
  credentials(sent: Sent): Promise<Record<string, string>>
  /** The valid call, with parts of it replaced. */
  call(call: ValidCall, as: string, changed?: Partial<Sent>): Promise<Received>
  /** One who may make this call. */
  callerOf(route: RouteDeclaration): Role
  close(): Promise<void>
}

export async function startMatrix(options: TestNodeOptions = {}): Promise<Matrix> {
  const nodes = await startTwoNodes({ limits: { rates: 'off' }, ...options })
  const node = nodes.BY
  const tokens = await issueTokens(node)
  const agent = new Agent({ keepAlive: true, maxSockets: 8 })
  const peer = await peerOf(nodes.UZ)
  const own = await peerOf(node)
  const stranger = { ...peer, keyid: randomBytes(32).toString('base64url') }
  const forged = { ...peer, key: own.key }
  const { publicUrl } = node.running.deps

  async function credentials(sent: Sent): Promise<Record<string, string>> {
    const { as, method = 'GET', path, body = '', type } = sent
    const token = tokens.get(as ?? '')
    if (token !== undefined) return { authorization: `Bearer ${token}` }
    const signed = (who: Peer, state = 'BY', at = Date.now()) =>
      signedBy(who, state, new Date(at), { method, targetUri: publicUrl + path, body, type })
    switch (as) {
      case 'peer':
        return signed(peer)
      case 'peer with a forged signature':
        return signed(forged)
      case 'peer of an unknown key':
        return signed(stranger)
      case 'own node':
        return signed(own)
      case 'peer for another node':
        return signed(peer, 'KZ')
      case 'peer of an hour ago':
        return signed(peer, 'BY', Date.now() - 3_600_000)
      case 'peer without signature':
        return { 'exc-sender': 'UZ', 'exc-recipient': 'BY' }
      case 'password':
        return { authorization: 'Basic YWRtaW46YWRtaW4=' }
      default:
        return {}
    }
  }

  const send = async (sent: Sent): Promise<Received> => {
    const { method = 'GET', path, body, type, headers } = sent
    const all = {
      ...ACCESS,
      ...(type !== undefined && { 'content-type': type }),
      ...(await credentials(sent)),
      ...headers,
    }
    return exchange(agent, node.url + path, method, all, body)
  }

  const world = await fill(nodes, send)
  const state = watchState(node)
  const routes = createApp(node.running.deps).routes.map(({ route }) => route)
  return {
    node,
    routes,
    calls: routes.map((route) => validCall(route, world, routes)),
    samples: world,
    state,
    secrets: [...tokens.values()],
    send,
    credentials,
    call: ({ route, params, query, body }, as, changed = {}) =>
      send({
        method: route.method.toUpperCase(),
        path: pathOf(route, params) + queryOf(query),
        as,
        body: body?.text,
        type: body?.mediaType,
        ...changed,
      }),
    callerOf: ({ callers }) => callers.find((role) => role !== 'public') ?? 'public',
    async close() {
      state.close()
      agent.destroy()
      await nodes.close()
    },
  }
}

/** What is so large may be cut off for that, again and again. */
const LARGE = 100_000

/** Connections that may break after their last answer, because more was sent than was read. */
const watched = new WeakSet<Socket>()

/** Plain node:http: a fetch would mend some of what is sent here. */
function exchange(
  agent: Agent,
  url: string,
  method: string,
  headers: Record<string, string>,
  body: Sent['body'],
): Promise<Received> {
  return new Promise((resolve, reject) => {
    const { hostname, port, origin } = new URL(url)
    const request = httpRequest(
      { agent, hostname, port, path: url.slice(origin.length), method, headers },
      (response) => {
        const chunks: Buffer[] = []
        response.on('data', (chunk: Buffer) => chunks.push(chunk))
        response.on('end', () =>
          resolve({
            status: response.statusCode ?? 0,
            headers: response.headers,
            text: Buffer.concat(chunks).toString(),
          }),
        )
        response.on('error', reject)
      },
    )
    request.on('socket', (socket) => {
      if (!watched.has(socket)) socket.on('error', () => undefined)
      watched.add(socket)
    })
    request.on('error', (error: NodeJS.ErrnoException) => {
      // The node closes connections that were idle for a while, perhaps at this very moment.
      const isStale = request.reusedSocket && error.code === 'ECONNRESET'
      if (isStale && (body?.length ?? 0) < LARGE)
        exchange(agent, url, method, headers, body).then(resolve, reject)
      else reject(error)
    })
    request.end(body)
  })
}
