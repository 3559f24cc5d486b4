/** How often something may happen: so many at once, and so many a minute for ever. */
export interface Rate {
  readonly perMinute: number
  readonly burst: number
}

/** Token buckets under keys. Their number is bounded. */
export interface RateLimiter {
  /** Takes one of the bucket's tokens. Milliseconds until there is one; 0 if it was taken. */
  take(key: string, rate: Rate): number
  /** What `take` would say; takes nothing. */
  wait(key: string, rate: Rate): number
}

interface Bucket {
  tokens: number
  at: number
  readonly rate: Rate
}

const MAX_BUCKETS = 50_000
/** So many of the longest unused are looked at for one that can be forgotten. */
const LOOKED_AT = 4

/**
 * Buckets in memory. A bucket is forgotten only once it is full, when forgetting it changes nothing:
 * whoever makes many keys cannot empty the memory of how much was used under an old one. Where none can
 * be forgotten, all new keys of a rate share one bucket.
 *
 * `nowMs` may be set: forwards it fills the buckets, backwards they fill from then on as ever.
 */
export function createRateLimiter(nowMs: () => number, maxBuckets = MAX_BUCKETS): RateLimiter {
  // In the order of use, the longest unused first.
  const buckets = new Map<string, Bucket>()
  const shared = new Map<Rate, Bucket>()

  function refilled(bucket: Bucket, now: number): Bucket {
    const { perMinute, burst } = bucket.rate
    const passed = Math.max(0, now - bucket.at)
    bucket.tokens = Math.min(burst, bucket.tokens + (passed * perMinute) / 60_000)
    bucket.at = now
    return bucket
  }

  function makeRoom(now: number): boolean {
    if (buckets.size < maxBuckets) return true
    let looked = 0
    for (const [key, bucket] of buckets) {
      if (refilled(bucket, now).tokens >= bucket.rate.burst) buckets.delete(key)
      if (++looked === LOOKED_AT) break
    }
    return buckets.size < maxBuckets
  }

  function bucketOf(key: string, rate: Rate, now: number): Bucket {
    const known = buckets.get(key)
    if (known) {
      buckets.delete(key)
      buckets.set(key, known)
      return refilled(known, now)
    }
    const fresh = { tokens: rate.burst, at: now, rate }
    if (makeRoom(now)) {
      buckets.set(key, fresh)
      return fresh
    }
    const crowd = shared.get(rate) ?? fresh
    shared.set(rate, crowd)
    return refilled(crowd, now)
  }

  function waitOf({ tokens, rate }: Bucket): number {
    return tokens >= 1 ? 0 : Math.ceil(((1 - tokens) * 60_000) / rate.perMinute)
  }

  return {
    take(key, rate) {
      const bucket = bucketOf(key, rate, nowMs())
      const wait = waitOf(bucket)
      if (wait === 0) bucket.tokens--
      return wait
    },
    wait(key, rate) {
      const bucket = buckets.get(key)
      if (bucket) return waitOf(refilled(bucket, nowMs()))
      const crowd = buckets.size < maxBuckets ? undefined : shared.get(rate)
      return crowd ? waitOf(refilled(crowd, nowMs())) : 0
    },
  }
}
