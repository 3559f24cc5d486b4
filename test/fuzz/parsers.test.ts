import { describe, expect, it } from 'vitest'
import { makeMaterial } from './material.ts'
import { mutate, randomSource } from './mutation.ts'
import { type Target, targetsOver } from './targets.ts'

/** In all. A few in CI; `FUZZ_SECONDS=3600 npx vitest run test/fuzz` for a night. */
const SECONDS = Number(process.env['FUZZ_SECONDS'] ?? 12)
const SEED = Number(process.env['FUZZ_SEED'] ?? Date.now() % 2 ** 31)
/** No input of at most 64 KiB takes a reader longer than this. */
const LIMIT_MS = 50
/** So often must an input be slow before the reader is blamed and not the machine. */
const TRIES = 5

const targets = targetsOver(await makeMaterial())
const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex').slice(0, 8000)

/** Feeds mutated seeds until the time is up; how many were fed, and how many the reader took. */
async function fuzz({ seeds, feed }: Target): Promise<{ fed: number; taken: number }> {
  const random = randomSource(SEED)
  const deadline = performance.now() + (SECONDS / targets.length) * 1000
  let fed = 0
  let taken = 0
  while (performance.now() < deadline) {
    const input = mutate(seeds[random(seeds.length)]!, seeds, random)
    const place = () => `FUZZ_SEED=${SEED}, input ${fed}: ${hex(input)}`
    try {
      const started = performance.now()
      if (await feed(input)) taken++
      if (performance.now() - started > LIMIT_MS && (await isSlow(feed, input)))
        throw new Error(`longer than ${LIMIT_MS} ms for ${input.length} bytes`)
    } catch (cause) {
      throw new Error(place(), { cause })
    }
    fed++
  }
  return { fed, taken }
}

async function isSlow(feed: Target['feed'], input: Uint8Array): Promise<boolean> {
  for (let tries = 1; tries < TRIES; tries++) {
    const started = performance.now()
    await feed(input)
    if (performance.now() - started <= LIMIT_MS) return false
  }
  return true
}

describe(`the readers of hostile bytes (FUZZ_SEED=${SEED})`, () => {
  it.each(targets)(
    '$name: never throw, never take long, and read one meaning from one encoding only',
    async (target) => {
      for (const seed of target.seeds) await target.feed(seed)
      const { fed, taken } = await fuzz(target)
      if (process.env['FUZZ_SECONDS'])
        process.stderr.write(`${target.name}: ${fed}, ${taken} taken\n`)
      expect(fed).toBeGreaterThan(100)
      expect(taken).toBeGreaterThan(0)
    },
    SECONDS * 1000 + 60_000,
  )
})
