import { beforeAll, describe, expect, it } from 'vitest'
import { authenticateProven } from '../../../src/exchange/validation/authenticate-proven.ts'
import { formatInstant } from '../../../src/encoding/time.ts'
import type { ProvenTime } from '../../../src/exchange/validation/time-proofs.ts'
import type { Seal } from '../../../src/jose/sign.ts'
import { trustOf } from '../../../src/trust/trust.ts'
import { createPathCache } from '../../../src/x509/path-cache.ts'
import { claimsFor, forge, freshCertificate } from '../../support/hostile.ts'
import { type ListedState, listedState, NOW, sealOfKey } from '../../support/hostile-lists.ts'

const HOUR_MS = 3_600_000
const hours = (n: number) => new Date(NOW.getTime() + n * HOUR_MS)

const byPeer = (n: number): ProvenTime => ({
  at: formatInstant(hours(n)),
  by: { by: 'peer-log', log: 'BY', origin: 'exchange.by/log/1', index: '7' },
})
const byAppend = (n: number): ProvenTime => ({
  at: formatInstant(hours(n)),
  by: { by: 'own-log', log: 'UZ' },
})

let BY: ListedState
let seal: Seal
beforeAll(async () => {
  BY = await listedState('BY')
  seal = await sealOfKey(BY.pki.bodies[0]!.seal)
})

/** Judged four hours after `NOW`; the seal stands in the list from and until these hours. */
async function judged(
  times: readonly ProvenTime[],
  { from = -9, until = 9, claimed = -1 }: { from?: number; until?: number; claimed?: number } = {},
) {
  const state = { url: 'https://by.example', state: 'BY' } as Parameters<typeof claimsFor>[0]
  const payload = claimsFor(state, await freshCertificate())
  const iat = Math.floor(hours(claimed).getTime() / 1000)
  const jws = await forge(seal, { payload, header: { iat } })
  const keys = BY.list.keys.map((key) =>
    key.x5tS256 === seal.x5tS256
      ? { ...key, from: formatInstant(hours(from)), until: formatInstant(hours(until)) }
      : key,
  )
  const crls = BY.crls
  const trust = await trustOf({
    pins: [BY.pin],
    lists: [{ ...BY.list, keys }],
    crls: [],
    revision: 1,
  })
  return authenticateProven(jws, times, {
    trust: { ...trust, crls },
    paths: createPathCache(),
    purpose: 'document-seal',
    now: hours(4),
    typs: ['product-certificate+jwt'],
  })
}

describe('of several times by which a document is proven to exist', () => {
  it('the earliest counts: a key that ended before the append signed before it ended', async () => {
    const times = [byPeer(1), byAppend(3)]
    const { time, authentication, checked } = await judged(times, { until: 2 })
    expect(time).toBe(times[0])
    expect(authentication.document).toBeDefined()
    expect(checked?.content).toBeDefined()
    const alone = await judged([byAppend(3)], { until: 2 })
    expect(alone.authentication.checks.at(-1)).toMatchObject({ code: 'key-ended' })
  })

  it('a later one does where a peer has seen it before its key began', async () => {
    const times = [byPeer(1), byAppend(3)]
    const { time, authentication } = await judged(times, { from: 2 })
    expect(time).toBe(times[1])
    expect(authentication.document).toBeDefined()
  })

  it('a later one does where the clock of the witness was behind that of the signer', async () => {
    const times = [byPeer(1), byAppend(3)]
    expect((await judged(times, { claimed: 2 })).time).toBe(times[1])
    expect((await judged(times, { claimed: 1 })).time).toBe(times[0])
  })

  it('its append here decides where it holds at none, and the present where none is proven', async () => {
    const times = [byPeer(1), byAppend(3)]
    const none = await judged(times, { from: 3.5 })
    expect(none.time).toBe(times[1])
    expect(none.authentication.checks.at(-1)).toMatchObject({ code: 'key-not-yet' })
    const unproven = await judged([])
    expect(unproven).toMatchObject({ time: undefined, authentication: { document: {} } })
  })
})
