import type { Caller } from './caller.ts'
import { ProblemError } from './problem.ts'
import { createRateLimiter, type Rate } from './rate-limit.ts'
import type { RequestLimits } from './rate-limit-settings.ts'
import type { RouteDeclaration } from './route.ts'

/** Keeps a node from taking on more than it can do. */
export interface RequestGuard {
  /** Before anything of the request is read. @throws {ProblemError} too-many-requests */
  arrive(route: RouteDeclaration, request: Arrival): Visit
}

export interface Arrival {
  /** Of whoever connected, as the platform knows it. */
  readonly address: string | undefined
  readonly headers: Headers
}

/** One request in hand. */
export interface Visit {
  /** Bytes of the body have arrived. @throws {ProblemError} too-many-requests */
  took(bytes: number): void
  /** The whole request is here, and work on it begins. @throws {ProblemError} too-many-requests */
  received(): void
  /** The caller is established. @throws {ProblemError} too-many-requests */
  authenticated(caller: Caller): void
  /** The request was refused: what does not hold is counted against the address. */
  refused(error: ProblemError): void
  leave(): void
}

/** Which nobody counts: nothing is held back where no limits are given. */
const NOTHING: Visit = {
  took: () => undefined,
  received: () => undefined,
  authenticated: () => undefined,
  refused: () => undefined,
  leave: () => undefined,
}
export const NO_GUARD: RequestGuard = { arrive: () => NOTHING }

/** Refusals of credentials that were looked at, at some cost. */
const FAILED: ReadonlySet<string> = new Set([
  'invalid-token',
  'invalid-client',
  'signature-invalid',
  'digest-mismatch',
  'unknown-peer',
  'clock-skew',
  'message-replayed',
  'wrong-recipient',
])

/** Until a request in hand may have ended. */
const BUSY_MS = 1_000

/** Of the bytes in hand, so that nobody who sends slowly takes the place of all. */
const MOST_OF_ONE_ADDRESS = 0.5

/**
 * Who is still sending has no place among the requests in hand: it would cost nothing to hold all of them
 * by sending slowly. The bytes that have come count from the first.
 */
export function requestGuard(limits: RequestLimits, nowMs: () => number): RequestGuard {
  const { rates, requestsInHand, bodyBytesInHand, trustedProxies } = limits
  const limiter = createRateLimiter(nowMs)
  const hand = { requests: 0, bytes: 0 }
  const bytesOf = new Map<string, number>()

  function take(key: string, rate: Rate): void {
    const wait = limiter.take(key, rate)
    if (wait > 0) throw tooMany(wait)
  }

  return {
    arrive(route, { address: connected, headers }) {
      const address = clientAddress(connected, headers, trustedProxies)
      const { operationId, callers, limit = 'default' } = route
      if (rates !== 'off') {
        const hasCredentials = headers.has('authorization') || headers.has('signature-input')
        if (hasCredentials || limit === 'token') {
          const wait = limiter.wait(`failed ${address}`, rates.failedAuthentications)
          if (wait > 0) throw tooMany(wait)
        }
        if (callers.every((role) => role === 'public'))
          take(`${operationId} ${address}`, rates[limit])
      }
      let bytes = 0
      let isInHand = false
      return {
        took(more) {
          const own = (bytesOf.get(address) ?? 0) + more
          const isTooMuch = own > bodyBytesInHand * MOST_OF_ONE_ADDRESS
          if (isTooMuch || hand.bytes + more > bodyBytesInHand) throw tooMany(BUSY_MS)
          bytes += more
          hand.bytes += more
          bytesOf.set(address, own)
        },
        received() {
          if (hand.requests >= requestsInHand) throw tooMany(BUSY_MS)
          hand.requests++
          isInHand = true
        },
        authenticated({ clientId, state }) {
          if (rates === 'off' || callers.every((role) => role === 'public')) return
          take(`${operationId} ${keyOf(clientId, state) ?? address}`, rates[limit])
        },
        refused({ slug }) {
          if (rates !== 'off' && FAILED.has(slug))
            limiter.take(`failed ${address}`, rates.failedAuthentications)
        },
        leave() {
          if (isInHand) hand.requests--
          hand.bytes -= bytes
          const left = (bytesOf.get(address) ?? 0) - bytes
          if (left > 0) bytesOf.set(address, left)
          else bytesOf.delete(address)
        },
      }
    },
  }
}

/** Neither can be mistaken for the other, nor for an address. */
function keyOf(clientId: string | undefined, state: string | undefined): string | undefined {
  if (clientId !== undefined) return `client ${clientId}`
  return state === undefined ? undefined : `peer ${state}`
}

/**
 * Under which address a caller is counted. Behind proxies it is the entry of X-Forwarded-For that the
 * outermost of them wrote; what stands before it anybody can write. Of IPv6 the /64 counts, which one
 * subscriber has whole.
 */
export function clientAddress(
  connected: string | undefined,
  headers: Headers,
  trustedProxies: number,
): string {
  const hops = (headers.get('x-forwarded-for') ?? '').split(',').map((hop) => hop.trim())
  const forwarded = trustedProxies > 0 ? hops.at(-trustedProxies) : undefined
  const isAddress = forwarded !== undefined && /^[0-9a-f.:]{2,45}$/i.test(forwarded)
  const address = (isAddress ? forwarded : (connected ?? 'unknown')).toLowerCase()
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/.exec(address)?.[1]
  if (mapped !== undefined) return mapped
  return address.includes(':') ? networkOf(address) : address
}

/** The first four groups of an IPv6 address, its zeros written out. */
function networkOf(address: string): string {
  const [head = '', tail] = address.split('::')
  const left = head === '' ? [] : head.split(':')
  const right = tail ? tail.split(':') : []
  const zeros = tail === undefined ? 0 : Math.max(0, 8 - left.length - right.length)
  return [...left, ...Array.from({ length: zeros }, () => '0'), ...right]
    .slice(0, 4)
    .map((group) => group.replace(/^0+(?=.)/, ''))
    .join(':')
}

/** Retry-After counts whole seconds (RFC 9110 §10.2.3). */
function tooMany(waitMs: number): ProblemError {
  const seconds = Math.max(1, Math.ceil(waitMs / 1000))
  return new ProblemError('too-many-requests', { headers: { 'Retry-After': String(seconds) } })
}
