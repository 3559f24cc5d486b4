import { z } from 'zod'

/** What a route costs; each has a rate of its own, per client and route. */
export const LIMIT_CLASSES = ['default', 'expensive', 'token', 'anonymous'] as const
export type LimitClass = (typeof LIMIT_CLASSES)[number]

const RateSetting = z.strictObject({
  perMinute: z.int().min(1).max(10_000_000),
  burst: z.int().min(1).max(10_000_000),
})

const Rates = z.strictObject({
  default: RateSetting,
  /** Validations, searches, batches, evidence packs. */
  expensive: RateSetting,
  /** The token endpoint, by address. */
  token: RateSetting,
  /** Whoever is not named: who reads a public log or brings a checkpoint to the witness; by address. */
  anonymous: RateSetting,
  /** Tokens and signatures that do not hold, by address, whatever the route. */
  failedAuthentications: RateSetting,
})

/** What the node takes on. */
export const RequestLimits = z.strictObject({
  rates: z.union([z.literal('off'), Rates]),
  /** Requests that the process works on at one time, those that wait for news included. */
  requestsInHand: z.int().min(1).max(100_000),
  /** Connections that are open at one time; further ones are closed at once. Not on Workers. */
  maxConnections: z.int().min(1).max(100_000),
  /** Bytes of request bodies that the process holds at one time. */
  bodyBytesInHand: z.int().min(32 * 1024 * 1024),
  /** Documents of one peer that wait for a decision. */
  waitingDocuments: z.int().min(1).max(100_000_000),
  /** How many proxies stand in front, each of which appends to X-Forwarded-For. */
  trustedProxies: z.int().min(0).max(10),
})
export type RequestLimits = z.infer<typeof RequestLimits>

/** Such that no honest client notices: a body loads 1e5 certificates, customs asks at every lorry. */
export const DEFAULT_LIMITS: RequestLimits = {
  rates: {
    default: { perMinute: 30_000, burst: 10_000 },
    expensive: { perMinute: 3_000, burst: 1_000 },
    token: { perMinute: 1_200, burst: 600 },
    anonymous: { perMinute: 1_200, burst: 600 },
    failedAuthentications: { perMinute: 1_200, burst: 600 },
  },
  requestsInHand: 2_000,
  maxConnections: 2_000,
  bodyBytesInHand: 256 * 1024 * 1024,
  waitingDocuments: 100_000,
  trustedProxies: 0,
}

/** What an operator writes: parts of the limits; the rest is as by default. */
export const LimitsSetting = RequestLimits.partial().extend({
  rates: z.union([z.literal('off'), Rates.partial()]).optional(),
})

export function requestLimits(setting: z.infer<typeof LimitsSetting> = {}): RequestLimits {
  const { rates, ...others } = setting
  return RequestLimits.parse({
    ...DEFAULT_LIMITS,
    ...others,
    rates: rates === 'off' ? rates : { ...(DEFAULT_LIMITS.rates as object), ...rates },
  })
}
