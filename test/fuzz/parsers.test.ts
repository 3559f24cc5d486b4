import { afterAll, describe, expect, it } from 'vitest'
import { sharesOf, startFuzzer } from './fuzzer.ts'
import { makeMaterial } from './material.ts'
import { targetsOver } from './targets.ts'

/** In all; `npm run fuzz -- --seconds N` takes longer. */
const SECONDS = 12
const SEED = 1 + (Date.now() % 2 ** 30)

const material = await makeMaterial()
const shares = sharesOf(targetsOver(material), SECONDS * 1000)
const fuzzer = startFuzzer(material)
afterAll(() => fuzzer.close())

describe(`the readers of hostile bytes (--seed ${SEED})`, () => {
  it.each(shares)(
    '$name: never throw, never take long, and read one meaning from one encoding only',
    async ({ name, ms }) => {
      const { fed, taken } = await fuzzer.fuzz({ target: name, seed: SEED, ms })
      expect(fed).toBeGreaterThan(10)
      expect(taken).toBeGreaterThan(0)
    },
  )

  it('that everything rests on have more time than the others', () => {
    const msOf = (asked: string) => shares.find(({ name }) => name === asked)!.ms
    const usual = msOf('tile paths')
    for (const name of ['DER', 'X.509 certificates', 'compact JWS', 'parts of a JWS'])
      expect(msOf(name)).toBeGreaterThan(4 * usual)
    expect(shares.reduce((sum, { ms }) => sum + ms, 0)).toBeCloseTo(SECONDS * 1000)
  })
})

it('a reader that never ends is ended, and named with seed and input', async () => {
  const endless = { target: 'an endless loop', seed: 7, ms: 100 }
  await expect(fuzzer.fuzz(endless, 3_000)).rejects.toThrow(
    /^an endless loop, --seed 7, input 0: HANG: no answer within 3100 ms\n([0-9a-f]{2})+$/,
  )
  const { fed } = await fuzzer.fuzz({ target: 'tile paths', seed: 7, ms: 50 })
  expect(fed).toBeGreaterThan(0)
})
