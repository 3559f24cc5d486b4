import type { Caller } from './caller.ts'
import { clientAddress } from './client-address.ts'
import { ProblemError } from './problem.ts'
import { createRateLimiter, type Rate } from './rate-limit.ts'
import type { LimitClass, RequestLimits } from './rate-limit-settings.ts'
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

/** Of the bytes and requests in hand, so that nobody who is slow takes the place of all. */
const MOST_OF_ONE = 0.5

/**
 * Who is still sending has no place among the requests in hand: it would cost nothing to hold all of them
 * by sending slowly. The bytes that have come count from the first.
 */
export function requestGuard(limits: RequestLimits, nowMs: () => number): RequestGuard {
  const { rates, requestsInHand, bodyBytesInHand, trustedProxies } = limits
  const limiter = createRateLimiter(nowMs)
  const hand = { requests: 0, bytes: 0 }
  const bytesOf = new Map<string, number>()
  const requestsOf = new Map<string, number>()
  const mostRequestsOfOne = Math.ceil(requestsInHand * MOST_OF_ONE)

  function take(key: string, rate: Rate): void {
    const wait = limiter.take(key, rate)
    if (wait > 0) throw tooMany(wait)
  }

  function add(counts: Map<string, number>, key: string, more: number): void {
    const count = (counts.get(key) ?? 0) + more
    if (count > 0) counts.set(key, count)
    else counts.delete(key)
  }

  function takePlace(key: string): void {
    if ((requestsOf.get(key) ?? 0) >= mostRequestsOfOne) throw tooMany(BUSY_MS)
    add(requestsOf, key, 1)
  }

  return {
    arrive(route, { address: connected, headers }) {
      const address = clientAddress(connected, headers, trustedProxies)
      const { operationId, callers, limit = 'default', isAlwaysTaken = false } = route
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
      // Whose place it takes: of whoever is not known, that of the address.
      let holder = `address ${address}`
      let isInHand = false
      return {
        took(more) {
          const own = (bytesOf.get(address) ?? 0) + more
          const isTooMuch = own > bodyBytesInHand * MOST_OF_ONE
          if (isTooMuch || hand.bytes + more > bodyBytesInHand) throw tooMany(BUSY_MS)
          bytes += more
          hand.bytes += more
          add(bytesOf, address, more)
        },
        received() {
          if (isAlwaysTaken) return
          if (hand.requests >= requestsInHand) throw tooMany(BUSY_MS)
          takePlace(holder)
          hand.requests++
          isInHand = true
        },
        authenticated({ clientId, state }) {
          const key = keyOf(clientId, state)
          if (rates !== 'off' && callers.some((role) => role !== 'public'))
            take(`${operationId} ${key ?? address}`, rates[rateOf(key, route, limit)])
          if (key === undefined) return
          if (isInHand) {
            takePlace(key)
            add(requestsOf, holder, -1)
          }
          holder = key
        },
        refused({ slug }) {
          if (rates !== 'off' && FAILED.has(slug))
            limiter.take(`failed ${address}`, rates.failedAuthentications)
        },
        leave() {
          if (isInHand) {
            hand.requests--
            add(requestsOf, holder, -1)
          }
          hand.bytes -= bytes
          add(bytesOf, address, -bytes)
        },
      }
    },
  }
}

/** Who is let in without a name, where others have one, is held back sooner. */
function rateOf(
  key: string | undefined,
  { callers }: RouteDeclaration,
  limit: LimitClass,
): LimitClass {
  return key === undefined && callers.includes('public') ? 'anonymous' : limit
}

/** Neither can be mistaken for the other, nor for an address. */
function keyOf(clientId: string | undefined, state: string | undefined): string | undefined {
  if (clientId !== undefined) return `client ${clientId}`
  return state === undefined ? undefined : `peer ${state}`
}

/** Retry-After counts whole seconds (RFC 9110 §10.2.3). */
function tooMany(waitMs: number): ProblemError {
  const seconds = Math.max(1, Math.ceil(waitMs / 1000))
  return new ProblemError('too-many-requests', { headers: { 'Retry-After': String(seconds) } })
}
