import { lookup } from 'node:dns'
import { readFileSync } from 'node:fs'
import { Agent as HttpAgent, type IncomingMessage, request as httpRequest } from 'node:http'
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https'
import { isIP, type LookupFunction } from 'node:net'
import { Readable } from 'node:stream'
import { rootCertificates } from 'node:tls'
import { peerUrlObstacle } from '../exchange/delivery/peer-url.ts'
import { isPrivateAddress } from './private-address.ts'

export interface PeerFetch {
  readonly fetch: typeof fetch
  /** Closes the connections that are kept. */
  close(): void
}

export interface PeerFetchSettings {
  /** Roots of TLS servers beside those of Node.js, PEM file. */
  readonly caFile: string | undefined
  readonly allowHttp: boolean
  /** URLs that the operator named: their origins alone may lie in the node's own network. */
  readonly named: readonly string[]
  /** An address was refused; called again whenever it is. */
  readonly refused: (host: string, why: string) => void
}

export class PeerAddressError extends Error {
  override name = 'PeerAddressError'
}

/**
 * `fetch` for calls to peers: over TLS with roots of the operator's choice, and to no address in the
 * node's own network that only another state's trust list names. A name counts by what it resolves to at
 * the connection itself, so that it cannot mean one thing at the check and another at the call. Redirects
 * are not followed.
 */
export function peerFetch({ caFile, allowHttp, named, refused }: PeerFetchSettings): PeerFetch {
  const kept = { keepAlive: true, maxSockets: 16 } as const
  const ca = caFile === undefined ? {} : { ca: [...rootCertificates, readFileSync(caFile, 'utf8')] }
  const agents = {
    'http:': new HttpAgent(kept),
    'https:': new HttpsAgent({ ...kept, ...ca, minVersion: 'TLSv1.2' }),
  }
  const namedOrigins = new Set(named.map((url) => new URL(url).origin))

  function refuse(host: string, why: string): PeerAddressError {
    refused(host, why)
    return new PeerAddressError(`${host} is not called: ${why}`)
  }

  function checkedLookup(host: string): LookupFunction {
    return (hostname, options, callback) =>
      lookup(hostname, { ...options, all: true }, (error, found) => {
        const own = error ? undefined : found.find(({ address }) => isPrivateAddress(address))
        if (error) callback(error, '')
        else if (own) callback(refuse(host, `${hostname} is ${own.address}, ${PRIVATE}`), '')
        else if (options.all) callback(null, found)
        else callback(null, found[0]?.address ?? '', found[0]?.family)
      })
  }

  async function call(...[input, init]: Parameters<typeof fetch>): Promise<Response> {
    const request = new Request(input, init)
    const url = new URL(request.url)
    const { host, protocol } = url
    const isNamed = namedOrigins.has(url.origin)
    const hostname = url.hostname.replace(/^\[|\]$/g, '')
    const obstacle =
      peerUrlObstacle(url, { allowHttp }) ??
      (!isNamed && isIP(hostname) !== 0 && isPrivateAddress(hostname) ? PRIVATE : undefined)
    if (obstacle !== undefined) throw refuse(host, obstacle)
    const body = Buffer.from(await request.arrayBuffer())
    const options = {
      method: request.method,
      headers: Object.fromEntries(request.headers),
      // Not the one of `request`: it is forgotten with the request, while the answer still comes.
      signal: init?.signal ?? request.signal,
      ...(!isNamed && { lookup: checkedLookup(host) }),
    }
    const incoming = await new Promise<IncomingMessage>((resolve, reject) => {
      const sent =
        protocol === 'https:'
          ? httpsRequest(url, { ...options, agent: agents['https:'] }, resolve)
          : httpRequest(url, { ...options, agent: agents['http:'] }, resolve)
      sent.on('error', reject)
      sent.end(body.length > 0 ? body : undefined)
    })
    return responseOf(incoming, request)
  }

  return {
    fetch: call,
    close() {
      for (const agent of Object.values(agents)) agent.destroy()
    },
  }
}

const PRIVATE =
  "an address in the node's own network, which only the operator may name, among the peers and witnesses of the configuration"

/** Statuses that have no body (Fetch §2.2.3). */
const BODILESS = new Set([204, 205, 304])

function responseOf(incoming: IncomingMessage, { redirect }: Request): Response {
  const { statusCode: status = 0, rawHeaders } = incoming
  if (redirect !== 'manual' && status >= 300 && status < 400 && status !== 304) {
    incoming.destroy()
    throw new TypeError(`HTTP ${status}: redirects are not followed`)
  }
  const headers = new Headers()
  for (let i = 0; i < rawHeaders.length; i += 2) headers.append(rawHeaders[i]!, rawHeaders[i + 1]!)
  if (!BODILESS.has(status))
    return new Response(Readable.toWeb(incoming) as ReadableStream, { status, headers })
  incoming.resume()
  return new Response(null, { status, headers })
}
