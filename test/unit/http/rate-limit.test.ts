import { describe, expect, it } from 'vitest'
import { createRateLimiter } from '../../../src/http/rate-limit.ts'
import { clientAddress } from '../../../src/http/client-address.ts'
import { DEFAULT_LIMITS, requestLimits } from '../../../src/http/rate-limit-settings.ts'

const RATE = { perMinute: 60, burst: 3 }

function limiterAt(start = 1_000_000, maxBuckets?: number) {
  const clock = { now: start }
  return { clock, limiter: createRateLimiter(() => clock.now, maxBuckets) }
}

describe('a rate', () => {
  it('admits its burst at once, then as many as it says a minute, and tells how long to wait', () => {
    const { clock, limiter } = limiterAt()
    expect([1, 2, 3].map(() => limiter.take('a', RATE))).toEqual([0, 0, 0])
    expect(limiter.take('a', RATE)).toBe(1000)
    clock.now += 400
    expect(limiter.wait('a', RATE)).toBe(600)
    clock.now += 600
    expect(limiter.take('a', RATE)).toBe(0)
    expect(limiter.take('a', RATE)).toBe(1000)
    clock.now += 3_600_000
    expect([1, 2, 3, 4].map(() => limiter.take('a', RATE))).toEqual([0, 0, 0, 1000])
  })

  it('is kept for each key alone', () => {
    const { limiter } = limiterAt()
    for (let i = 0; i < 4; i++) limiter.take('a', RATE)
    expect(limiter.take('a', RATE)).toBeGreaterThan(0)
    expect(limiter.take('b', RATE)).toBe(0)
  })

  it('is not used up by those who are refused', () => {
    const { clock, limiter } = limiterAt()
    for (let i = 0; i < 1000; i++) limiter.take('a', RATE)
    clock.now += 1000
    expect(limiter.take('a', RATE)).toBe(0)
  })

  it('locks nobody out when the clock is set back', () => {
    const { clock, limiter } = limiterAt()
    for (let i = 0; i < 3; i++) limiter.take('a', RATE)
    clock.now -= 3_600_000
    expect(limiter.take('a', RATE)).toBe(1000)
    clock.now += 1000
    expect(limiter.take('a', RATE)).toBe(0)
  })

  it('is not reset by making many keys: a used bucket is not forgotten', () => {
    const { limiter } = limiterAt(0, 10)
    for (let i = 0; i < 3; i++) limiter.take('victim of itself', RATE)
    for (let i = 0; i < 1000; i++) limiter.take(`key ${i}`, RATE)
    expect(limiter.take('victim of itself', RATE)).toBeGreaterThan(0)
  })

  it('is shared by all new keys while no bucket can be forgotten', () => {
    const { clock, limiter } = limiterAt(0, 2)
    for (const key of ['a', 'b']) limiter.take(key, RATE)
    expect(['c', 'd', 'e', 'f'].map((key) => limiter.take(key, RATE))).toEqual([0, 0, 0, 1000])
    expect(limiter.wait('g', RATE)).toBe(1000)
    expect(limiter.take('a', RATE)).toBe(0)
    clock.now += 10_000
    expect(limiter.take('h', RATE)).toBe(0)
    expect(limiter.take('h', RATE)).toBe(0)
  })
})

describe('an address', () => {
  const behind = (forwarded: string) => new Headers({ 'x-forwarded-for': forwarded })

  it('is that of whoever connected, whatever the headers say', () => {
    expect(clientAddress('192.0.2.1', behind('203.0.113.9'), 0)).toBe('192.0.2.1')
    expect(clientAddress('::ffff:192.0.2.1', new Headers(), 0)).toBe('192.0.2.1')
    expect(clientAddress(undefined, behind('203.0.113.9'), 0)).toBe('unknown')
  })

  it('is behind proxies the one that the outermost of them saw', () => {
    const forwarded = behind('forged, 203.0.113.9, 10.0.0.2')
    expect(clientAddress('10.0.0.1', forwarded, 1)).toBe('10.0.0.2')
    expect(clientAddress('10.0.0.1', forwarded, 2)).toBe('203.0.113.9')
    expect(clientAddress('10.0.0.1', forwarded, 3)).toBe('10.0.0.1')
    expect(clientAddress('10.0.0.1', behind('203.0.113.9'), 2)).toBe('10.0.0.1')
    expect(clientAddress('10.0.0.1', new Headers(), 1)).toBe('10.0.0.1')
  })

  it.each([
    ['203.0.113.9:51234', '203.0.113.9'],
    ['[2001:db8:0:1::9]:51234', '2001:db8:0:1'],
    ['[2001:db8:0:1::9]', '2001:db8:0:1'],
    ['::ffff:0102:0304', '1.2.3.4'],
    ['[::FFFF:1.2.3.4]:443', '1.2.3.4'],
    ['0:0:0:0:0:ffff:102:304', '1.2.3.4'],
    ['64:ff9b::1.2.3.4', '64:ff9b:0:0'],
  ])('is read as proxies write it: %s', (forwarded, address) => {
    expect(clientAddress('10.0.0.1', behind(forwarded), 1)).toBe(address)
  })

  it.each([
    '203.0.113.256',
    '203.0.113',
    '203.0.113.09',
    '203.0.113.9:',
    '203.0.113.9:51234:1',
    '[203.0.113.9]:1',
    '[2001:db8::1',
    '2001:db8::1::2',
    '2001:db8:1',
    '1:2:3:4:5:6:7:8:9',
    '1:2:3:4:5:6:7::8:9',
    '2001:db8::12345',
    '1.2.3.4::',
    ':::',
    'unknown',
    '_hidden',
    '',
    'a'.repeat(5000),
  ])('that is none counts as that of the proxy: %s', (forwarded) => {
    expect(clientAddress('10.0.0.1', behind(forwarded), 1)).toBe('10.0.0.1')
  })

  it('of IPv6 counts by the network of one subscriber', () => {
    const one = clientAddress('2001:db8:0:1::1', new Headers(), 0)
    expect(clientAddress('2001:db8:0:1:ffff:ffff:ffff:ffff', new Headers(), 0)).toBe(one)
    expect(clientAddress('2001:0DB8::1:0:0:0:2', new Headers(), 0)).toBe(one)
    expect(clientAddress('2001:db8:0:2::1', new Headers(), 0)).not.toBe(one)
    expect(clientAddress('::1', new Headers(), 0)).toBe('0:0:0:0')
  })
})

describe('the limits of a node', () => {
  it('are as by default where the operator says nothing else', () => {
    expect(requestLimits()).toEqual(DEFAULT_LIMITS)
    const rate = { perMinute: 1, burst: 1 }
    const own = requestLimits({ rates: { token: rate }, requestsInHand: 7 })
    expect(own).toEqual({
      ...DEFAULT_LIMITS,
      requestsInHand: 7,
      rates: { ...(DEFAULT_LIMITS.rates as object), token: rate },
    })
    expect(requestLimits({ rates: 'off' }).rates).toBe('off')
  })
})
