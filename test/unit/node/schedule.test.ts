import { afterEach, expect, it, vi } from 'vitest'
import type { BackgroundWork } from '../../../src/exchange/background-work.ts'
import type { Witness } from '../../../src/exchange/log/cosign.ts'
import { jsonLogger } from '../../../src/node/logger.ts'
import { startSchedule } from '../../../src/node/schedule.ts'
import { rows, sqliteEngine } from '../../contract/storage-engines.ts'
import { appendTo, noteSigner, ORIGIN, shownLog } from '../../support/log-world.ts'
import { eventually } from '../../support/two-nodes.ts'

/** Work of which there is none. */
const idle: BackgroundWork = {
  peers: () => Promise.resolve(['UZ']),
  deliver: () => Promise.resolve({ delivered: 0, nextAt: new Date(8e15) }),
  poll: () => Promise.resolve({ ok: true }),
  pull: () => Promise.resolve({ againInMs: 3_600_000 }),
  decide: () => Promise.resolve(0),
  askOcsp: () => Promise.resolve(),
  prune: () => Promise.resolve(),
  coverRecords: () => Promise.resolve(0),
  checkpoint: () => Promise.resolve(false),
  witnesses: () => Promise.resolve([]),
  cosign: () => Promise.resolve(undefined),
  mirror: () => Promise.resolve({ hasMore: false }),
  lagsBehindWitness: () => Promise.resolve(false),
  reconcile: () => Promise.resolve(),
  reindex: () => Promise.resolve(0),
}

type Pulled = Awaited<ReturnType<BackgroundWork['pull']>>

/** A schedule with nothing to do but to pull from one peer; each pull ends as the next of these says. */
function pulling(...script: (() => Promise<Pulled>)[]) {
  const startedAt: number[] = []
  const log: string[] = []
  const schedule = startSchedule(
    {
      peers: () => Promise.resolve(['UZ']),
      deliver: () => Promise.resolve({ delivered: 0, nextAt: new Date(8e15) }),
      poll: () => Promise.resolve({ ok: true }),
      decide: () => Promise.resolve(0),
      askOcsp: () => Promise.resolve(),
      prune: () => Promise.resolve(),
      coverRecords: () => Promise.resolve(0),
      checkpoint: () => Promise.resolve(false),
      witnesses: () => Promise.resolve([]),
      cosign: () => Promise.resolve(undefined),
      mirror: () => Promise.resolve({ hasMore: false }),
      lagsBehindWitness: () => Promise.resolve(false),
      reconcile: () => Promise.resolve(),
      reindex: () => Promise.resolve(0),
      pull: () => {
        startedAt.push(performance.now())
        return script.shift()?.() ?? Promise.resolve({ againInMs: 3_600_000 })
      },
    },
    jsonLogger((line) => log.push(line)),
  )
  schedule.start()
  const pulls = (n: number) =>
    eventually(`${n} pulls`, () => Promise.resolve(startedAt.length >= n))
  return { schedule, startedAt, pulls, log }
}

it('every feed is looked into at the start, and again when something is missing, not more than once a second', async () => {
  const { schedule, startedAt, pulls } = pulling()
  await pulls(1)
  for (let n = 0; n < 100; n++) schedule.wakePull('UZ')
  await pulls(2)
  expect(startedAt[1]! - startedAt[0]!).toBeGreaterThan(990)
  await new Promise((resolve) => setTimeout(resolve, 1_500))
  expect(startedAt).toHaveLength(2)
  await schedule.stop()
})

it('what is missed while a feed is being pulled is pulled after it', async () => {
  let end: (result: Pulled) => void = () => undefined
  const first = () => new Promise<Pulled>((resolve) => (end = resolve))
  const { schedule, startedAt, pulls } = pulling(first)
  await pulls(1)
  schedule.wakePull('UZ')
  await new Promise((resolve) => setTimeout(resolve, 1_200))
  expect(startedAt).toHaveLength(1)
  end({ againInMs: 3_600_000 })
  await pulls(2)
  await schedule.stop()
})

it('a pull that fails or breaks is tried again, no sooner than the peer asks', async () => {
  const { schedule, startedAt, pulls, log } = pulling(
    () => Promise.resolve({ error: 'no answer', retryAfterMs: 2_500 }),
    () => Promise.reject(new Error('the disk is full')),
  )
  await pulls(1)
  schedule.wakePull('UZ')
  await pulls(3)
  expect(startedAt[1]! - startedAt[0]!).toBeGreaterThan(2_490)
  expect(log.filter((line) => line.includes('the disk is full'))).toHaveLength(1)
  await schedule.stop()
})

it('a feed that is followed is asked for again at once, but not in a circle', async () => {
  const { schedule, startedAt, pulls } = pulling(
    () => new Promise((resolve) => setTimeout(resolve, 1_100, { againInMs: 0 })),
    () => Promise.resolve({ againInMs: 0 }),
    () => Promise.resolve({ againInMs: 0 }),
  )
  await pulls(4)
  expect(startedAt[2]! - startedAt[1]!).toBeGreaterThan(990)
  expect(startedAt[3]! - startedAt[2]!).toBeGreaterThan(990)
  await schedule.stop()
})

it('pushes of what waits cause a pass over it every two seconds at most', async () => {
  fakeSeconds()
  let polls = 0
  const poll = () => {
    polls++
    return Promise.resolve({ ok: true } as const)
  }
  const schedule = startSchedule(
    { ...idle, poll },
    jsonLogger(() => undefined),
  )
  schedule.start()
  await vi.advanceTimersByTimeAsync(500)
  expect(polls).toBe(1)
  schedule.wakeWaiting('UZ')
  await vi.advanceTimersByTimeAsync(0)
  expect(polls, 'at once').toBe(2)
  for (let ms = 0; ms < 1_990; ms += 10) {
    schedule.wakeWaiting('UZ')
    await vi.advanceTimersByTimeAsync(10)
  }
  expect(polls).toBe(2)
  await vi.advanceTimersByTimeAsync(1_010)
  expect(polls).toBe(3)
  await vi.advanceTimersByTimeAsync(10_000)
  expect(polls).toBe(3)
  await schedule.stop()
})

it('a witness that is slow holds up no other, and no work for a peer', async () => {
  const asked: string[] = []
  let answer: () => void = () => undefined
  const slow = new Promise<undefined>((resolve) => (answer = () => resolve(undefined)))
  const witness = (state: string) => ({ key: { name: `${state}/witness`, keyId: 1 }, state })
  const schedule = startSchedule(
    {
      ...idle,
      witnesses: () => Promise.resolve([witness('UZ'), witness('AM')] as unknown as Witness[]),
      cosign: ({ state }) => {
        asked.push(state)
        if (state === 'UZ') return slow
        return Promise.resolve({ outcome: 'nothing-new' })
      },
    },
    jsonLogger(() => undefined),
  )
  schedule.start()
  await eventually('AM is asked again', () =>
    Promise.resolve(asked.filter((state) => state === 'AM').length >= 2),
  )
  expect(asked.filter((state) => state === 'UZ')).toHaveLength(1)
  answer()
  await schedule.stop()
})

it('a peer whose log never ends has its share of a minute', async () => {
  let steps = 0
  const mirror = () => Promise.resolve({ hasMore: steps++ < 10_000 })
  const schedule = startSchedule(
    { ...idle, mirror },
    jsonLogger(() => undefined),
  )
  schedule.start()
  await eventually('it is mirrored', () => Promise.resolve(steps > 0))
  await schedule.stop()
  expect(steps).toBe(64)
})

it('what the witness has cosigned is mirrored within seconds, and a log that fails at its own pace', async () => {
  const looked = fakeSeconds()
  let looks = 0
  const schedule = startSchedule(
    {
      ...idle,
      lagsBehindWitness: () => Promise.resolve(true),
      mirror: () => {
        looked.now()
        return Promise.resolve(++looks < 3 ? { hasMore: false } : { error: 'no answer' })
      },
    },
    jsonLogger(() => undefined),
  )
  schedule.start()
  while (looks < 6) await vi.advanceTimersByTimeAsync(100)
  await schedule.stop()
  const [first, second, ...retries] = looked.pauses()
  expect(first! + second!).toBeLessThan(10)
  expect(retries).toEqual([1, 2, 4])
})

it('a log that cannot be read is looked into later and later, up to a minute, until it can', async () => {
  const looked = fakeSeconds()
  const answers = [...Array<boolean>(8).fill(false), true, false, true]
  const mirror = () => {
    looked.now()
    return Promise.resolve(answers.shift() ? { hasMore: false } : { error: 'no checkpoint yet' })
  }
  const log: string[] = []
  const schedule = startSchedule(
    { ...idle, mirror },
    jsonLogger((line) => log.push(line)),
  )
  schedule.start()
  while (answers.length > 0) await vi.advanceTimersByTimeAsync(1_000)
  await schedule.stop()
  // What has failed is behind by less than a minute when it succeeds: the next look is that of the minute.
  expect(looked.pauses().slice(0, 8)).toEqual([1, 2, 4, 8, 16, 32, 60, 60])
  expect(looked.pauses()[9]).toBe(1)
  expect(log.filter((line) => line.includes('cannot be mirrored'))).toHaveLength(9)
})

it('a log that breaks off again and again gets no more than its share of a minute', async () => {
  const looked = fakeSeconds()
  let steps = 0
  const mirror = () => {
    looked.now()
    return Promise.resolve(++steps % 20 === 0 ? { error: 'it broke off' } : { hasMore: true })
  }
  const schedule = startSchedule(
    { ...idle, mirror },
    jsonLogger(() => undefined),
  )
  schedule.start()
  await vi.advanceTimersByTimeAsync(59_000)
  expect(steps).toBe(64)
  await vi.advanceTimersByTimeAsync(60_000)
  expect(steps).toBe(128)
  await schedule.stop()
})

it('when a peer answers that did not, all that failed for that is done at once', async () => {
  const done: string[] = []
  fakeSeconds()
  let isUp = false
  const note = (what: string) => void done.push(`${what} ${isUp ? 'done' : 'failed'}`)
  const witnesses = ['exchange.uz/witness/1', 'exchange.uz/witness/2'].map((name) => {
    return { key: { name, keyId: 1 }, state: 'UZ' } as unknown as Witness
  })
  const schedule = startSchedule(
    {
      ...idle,
      witnesses: () => Promise.resolve(witnesses),
      poll: () => (note('poll'), Promise.resolve(isUp ? { ok: true } : { error: 'no answer' })),
      pull: () => (
        note('pull'),
        Promise.resolve(isUp ? { againInMs: 3_600_000 } : { error: 'no address is known' })
      ),
      mirror: () => (
        note('mirror'),
        Promise.resolve(isUp ? { hasMore: false } : { error: 'no list' })
      ),
      reconcile: () => (note('reconcile'), Promise.resolve()),
      cosign: ({ key }, how) => {
        if (how?.atOnce) note(`cosign ${key.name.at(-1)}`)
        return Promise.resolve(undefined)
      },
    },
    jsonLogger(() => undefined),
  )
  schedule.start()
  await vi.advanceTimersByTimeAsync(45_000)
  // Every further try is half a minute away.
  expect(done.filter((what) => what === 'poll failed')).toHaveLength(6)
  done.length = 0
  isUp = true
  schedule.wakeUnreached('BY')
  await vi.advanceTimersByTimeAsync(1_000)
  expect(done).toEqual([])
  schedule.wakeUnreached('UZ')
  await vi.advanceTimersByTimeAsync(2_000)
  expect(done.toSorted()).toEqual(
    ['cosign 1', 'cosign 2', 'mirror', 'poll', 'pull', 'reconcile'].map((what) => `${what} done`),
  )
  await schedule.stop()
})

it('calls of whom nobody knows poll a peer that cannot be reached every ten seconds at most', async () => {
  const polled = fakeSeconds()
  const schedule = startSchedule(
    {
      ...idle,
      peers: () => Promise.resolve(['UZ', 'AM']),
      poll: (peer) => {
        if (peer === 'AM') return Promise.resolve({ ok: true })
        polled.now()
        return Promise.resolve({ error: 'no answer' })
      },
    },
    jsonLogger(() => undefined),
  )
  schedule.start()
  await vi.advanceTimersByTimeAsync(130_000)
  const before = polled.pauses().length
  for (let second = 0; second < 30; second++) {
    schedule.wakeUnreached(undefined)
    await vi.advanceTimersByTimeAsync(1_000)
  }
  expect(polled.pauses().length - before).toBeLessThanOrEqual(4)
  expect(polled.pauses().length - before).toBeGreaterThanOrEqual(3)
  await schedule.stop()
})

it('trust data that cannot be fetched is asked for later and later, up to a minute, until it comes', async () => {
  const polled = fakeSeconds()
  const answers = [...Array<boolean>(9).fill(false), true, false, true]
  const poll = () => {
    polled.now()
    return Promise.resolve(answers.shift() ? ({ ok: true } as const) : { error: 'no answer' })
  }
  const log: string[] = []
  const schedule = startSchedule(
    { ...idle, poll },
    jsonLogger((line) => log.push(line)),
  )
  schedule.start()
  while (answers.length > 0) await vi.advanceTimersByTimeAsync(1_000)
  await schedule.stop()
  expect(polled.pauses()).toEqual([1, 2, 4, 8, 16, 32, 60, 60, 60, 60, 1])
  expect(log.filter((line) => line.includes('cannot be fetched'))).toHaveLength(10)
})

afterEach(() => {
  vi.useRealTimers()
  vi.restoreAllMocks()
})

/** Pauses are whole. */
function withoutJitter(): void {
  vi.spyOn(Math, 'random').mockReturnValue(1)
}

/** From here on time passes as the test says; when something happened, and the seconds between. */
function fakeSeconds() {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval', 'performance'] })
  withoutJitter()
  const instants: number[] = []
  return {
    now: () => void instants.push(performance.now()),
    pauses: () => instants.slice(1).map((at, i) => Math.round((at - instants[i]!) / 1_000)),
  }
}

it('whatever was appended is under one signed checkpoint at the next second, however much it is', async () => {
  const open = await sqliteEngine().open()
  const { database } = open
  const now = () => new Date('2026-03-02T09:15:00Z')
  const { publish } = shownLog(database, noteSigner(ORIGIN, 'ed25519'), now)
  let [begun, ended] = [0, 0]
  const checkpoint = async () => {
    begun++
    const isNew = await publish()
    ended++
    return isNew
  }
  const sizes = async () =>
    (await rows<{ size: number }>(database, 'SELECT size FROM checkpoints')).map(({ size }) => size)
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] })
  const schedule = startSchedule(
    { ...idle, checkpoint },
    jsonLogger(() => undefined),
  )
  schedule.start()
  const pass = async (ms: number) => {
    vi.advanceTimersByTime(ms)
    await eventually('what has begun has ended', () => Promise.resolve(ended === begun))
  }
  await pass(0)
  let size = 0
  const signed: number[] = []
  for (const burst of [1, 40, 7]) {
    for (let n = 0; n < burst; n++) expect(await appendTo(database, 3)).toBe('appended')
    size += 3 * burst
    await pass(999)
    expect(await sizes()).toEqual(signed)
    await pass(1)
    signed.push(size)
    expect(await sizes()).toEqual(signed)
  }
  // Of no news there is none.
  await pass(5_000)
  expect(await sizes()).toEqual(signed)
  await schedule.stop()
  await open.close()
})
