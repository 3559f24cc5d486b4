import { randomBytes } from 'node:crypto'
import { deflateRawSync, deflateSync, gzipSync, inflateSync } from 'node:zlib'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { encodeBase64url } from '../../../src/encoding/base64url.ts'
import { permutationOf, STATUS_LIST_SIZE } from '../../../src/status-list/position.ts'
import {
  decodeStatusList,
  encodeStatusList,
  packStatusList,
  statusAt,
  type StatusType,
} from '../../../src/status-list/status-list.ts'

const listed = fc.constantFrom<StatusType>(0, 1, 2)

async function decoded(bits: number, zlib: Uint8Array) {
  return decodeStatusList({ bits, lst: encodeBase64url(zlib) })
}

/** Milliseconds of the processor: on a busy machine a clock tells how busy it is. */
async function costOf(work: () => unknown): Promise<number> {
  const before = process.cpuUsage()
  await work()
  const { user, system } = process.cpuUsage(before)
  return (user + system) / 1000
}

describe('a status list', () => {
  it('gives back every status that was packed into it, after any way through text', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(listed, { minLength: 1, maxLength: 300 }), async (statuses) => {
        const entries = statuses.map((status, idx) => ({ idx, status }))
        const encoded = await encodeStatusList(packStatusList(statuses.length, entries))
        const list = await decodeStatusList(encoded)
        if ('malformed' in list) throw new Error(list.malformed)
        expect(statuses.map((_, idx) => statusAt(list, idx))).toEqual(statuses)
      }),
    )
  })

  it.each([1, 2, 4, 8] as const)('of %i bits keeps its entries apart', (bits) => {
    const perByte = 8 / bits
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1, maxLength: 40 }), (bytes) => {
        const whole = [...bytes].reduceRight((sum, byte) => (sum << 8n) | BigInt(byte), 0n)
        for (let index = 0; index < bytes.length * perByte; index++) {
          const expected = (whole >> BigInt(index * bits)) & ((1n << BigInt(bits)) - 1n)
          expect(statusAt({ bits, bytes }, index)).toBe(Number(expected))
        }
        expect(statusAt({ bits, bytes }, bytes.length * perByte)).toBeUndefined()
      }),
    )
  })

  it('has no status outside, below zero or between', () => {
    const list = packStatusList(8, [])
    expect([8, -1, 0.5, NaN, Infinity, 2 ** 53].map((index) => statusAt(list, index))).toEqual(
      Array(6).fill(undefined),
    )
  })

  it('cannot be packed with a position that it does not have', () => {
    for (const idx of [8, -1, 0.5])
      expect(() => packStatusList(8, [{ idx, status: 1 }])).toThrow('outside')
  })
})

describe('an encoded status list', () => {
  const bytes = randomBytes(1000)
  const whole = deflateSync(bytes)

  it.each([0, 3, 5, 16, -1, 1.5, NaN])('of %d bits is malformed', async (bits) => {
    expect(await decoded(bits, whole)).toHaveProperty('malformed')
  })

  it.each([
    ['one byte after it', Buffer.concat([whole, Buffer.of(0)])],
    ['its own checksum after it', Buffer.concat([whole, whole.subarray(-4)])],
    ['a second stream after it', Buffer.concat([whole, whole])],
    ['much after it', Buffer.concat([whole, Buffer.alloc(100_000)])],
    ['its last byte missing', whole.subarray(0, -1)],
    ['half of it missing', whole.subarray(0, 500)],
    ['nothing in it', Buffer.alloc(0)],
    ['another checksum', Buffer.concat([whole.subarray(0, -1), Buffer.of(whole.at(-1)! ^ 1)])],
    ['the gzip format', gzipSync(bytes)],
    ['raw deflate', deflateRawSync(bytes)],
    ['nothing compressed', bytes],
  ])('with %s is malformed', async (_, zlib) => {
    expect(await decoded(2, whole)).toEqual({ bits: 2, bytes: new Uint8Array(bytes) })
    expect(await decoded(2, zlib)).toHaveProperty('malformed')
  })

  it.each(['', 'eNo=', 'eN o', '@@@@', 'A'])('of the text "%s" is malformed', async (lst) => {
    expect(await decodeStatusList({ bits: 2, lst })).toHaveProperty('malformed')
  })

  it('inflates to 256 KiB and not a byte beyond', async () => {
    const most = await decoded(2, deflateSync(Buffer.alloc(256 * 1024)))
    expect(most).toMatchObject({ bits: 2 })
    expect(await decoded(2, deflateSync(Buffer.alloc(256 * 1024 + 1)))).toHaveProperty('malformed')
  })

  it('that would inflate to 128 MiB costs neither time nor memory', async () => {
    const bomb = deflateSync(Buffer.alloc(2 ** 27))
    const before = process.memoryUsage().rss
    const cost = await costOf(async () =>
      expect(await decoded(2, bomb)).toHaveProperty('malformed'),
    )
    expect(process.memoryUsage().rss - before).toBeLessThan(64 * 2 ** 20)
    expect(2 * cost).toBeLessThan(await costOf(() => inflateSync(bomb)))
  })

  it('may be anything: it is decoded or malformed, and never throws or hangs', async () => {
    const damaged = fc.tuple(fc.nat(whole.length - 1), fc.integer({ min: 1, max: 255 }))
    await fc.assert(
      fc.asyncProperty(fc.oneof(fc.uint8Array({ maxLength: 60 }), damaged), async (input) => {
        if (input instanceof Uint8Array) {
          await decoded(2, input)
          return
        }
        const [at, mask] = input
        const copy = Uint8Array.from(whole)
        copy[at]! ^= mask
        const list = await decoded(2, copy)
        // Bits of the header say nothing of the content; the checksum guards the rest.
        if (!('malformed' in list)) expect(list.bytes).toEqual(new Uint8Array(bytes))
      }),
    )
  })
})

describe('the places of a status list', () => {
  it('are those that every list before gave out', () => {
    const { place } = permutationOf('any key')
    expect([0, 1, 2, STATUS_LIST_SIZE - 1].map(place)).toEqual([16218, 344533, 902821, 565565])
    expect(() => place(STATUS_LIST_SIZE)).toThrow(/outside/)
    expect(() => place(-1)).toThrow(/outside/)
  })

  it('lead back to the order in which they were given out, and none is given out twice', () => {
    const { place, ordinal } = permutationOf('another key')
    const places = new Set<number>()
    for (let n = 0; n < STATUS_LIST_SIZE; n += 101) {
      expect(ordinal(place(n))).toBe(n)
      places.add(place(n))
    }
    expect(places.size).toBe(Math.ceil(STATUS_LIST_SIZE / 101))
  })
})

describe('a full status list', () => {
  // trust.md §9, in bytes of zlib at its highest level. CompressionStream knows only the default level,
  // which costs up to a fifth more where both values occur, and a tenth of the time.
  it.each([
    { share: 0.01, values: [1], bytes: 15_900 },
    { share: 0.01, values: [1, 2], bytes: 15_900 },
    { share: 0.05, values: [1], bytes: 53_500 },
    { share: 0.05, values: [1, 2], bytes: 53_500 },
  ] as const)('with $share of a million set to $values is small', async (full) => {
    const { place } = permutationOf('any key')
    const entries = Array.from({ length: 1_000_000 * full.share }, (_, n) => ({
      idx: place(n),
      status: full.values[n % full.values.length]!,
    }))
    let lst = ''
    const cost = await costOf(async () => {
      ;({ lst } = await encodeStatusList(packStatusList(STATUS_LIST_SIZE, entries)))
    })
    const { bytes } = packStatusList(STATUS_LIST_SIZE, entries)
    expect(2 * cost).toBeLessThan(await costOf(() => deflateSync(bytes, { level: 9 })))
    expect((lst.length * 3) / 4 / full.bytes).toBeGreaterThan(0.9)
    expect((lst.length * 3) / 4 / full.bytes).toBeLessThan(1.25)
  })

  it('of the greatest size and the least regular content still fits into a document', async () => {
    const { lst } = await encodeStatusList({ bits: 2, bytes: randomBytes(STATUS_LIST_SIZE / 4) })
    expect((lst.length * 4) / 3).toBeLessThan(500 * 1024)
    expect(await decodeStatusList({ bits: 2, lst })).toMatchObject({ bits: 2 })
  })
})
