import { expect, it } from 'vitest'
import { longPoll, type WaitForNews } from '../../../src/exchange/delivery/long-poll.ts'

/** A clock that only waiting moves. */
function clock() {
  let now = Date.parse('2026-03-02T09:15:00Z')
  const waits: number[] = []
  const news: WaitForNews = (ms) => {
    waits.push(ms)
    now += ms
    return Promise.resolve('look')
  }
  return { now: () => new Date(now), news, waits, setBack: (ms: number) => void (now -= ms) }
}

const request = { caller: 'UZ', waitSeconds: 3, tells: (found: number) => found > 0 }

it('looks again every second until the time is over', async () => {
  const { now, news, waits } = clock()
  let looks = 0
  const look = () => Promise.resolve(++looks && 0)
  expect(await longPoll({ now, news })({ ...request, look })).toBe(0)
  expect([looks, waits]).toEqual([4, [1000, 1000, 1000]])
  looks = 0
  expect(await longPoll({ now, news })({ ...request, waitSeconds: 0, look })).toBe(0)
  expect(looks).toBe(1)
})

it('ends with what it finds, when the process ends, and when the clock is set back', async () => {
  const { now, news, setBack } = clock()
  let looks = 0
  expect(
    await longPoll({ now, news })({
      ...request,
      look: () => Promise.resolve(looks++ === 2 ? 7 : 0),
    }),
  ).toBe(7)
  const leaving = longPoll({ now, news: () => Promise.resolve('leave') })
  expect(await leaving({ ...request, look: () => Promise.resolve(0) })).toBe(0)
  const look = () => {
    setBack(3_600_000)
    return Promise.resolve(0)
  }
  expect(await longPoll({ now, news })({ ...request, look })).toBe(0)
})

it('holds only so many back, of one caller and of all, and forgets those that were answered', async () => {
  const { now } = clock()
  const held: ((said: 'look' | 'leave') => void)[] = []
  const poll = longPoll({ now, news: () => new Promise((resolve) => held.push(resolve)) })
  const look = () => Promise.resolve(0)
  const settle = () => new Promise((resolve) => setTimeout(resolve, 5))
  const ask = (caller: string) => poll({ ...request, caller, look })
  const answers = Array.from({ length: 20 }, () => ask('UZ'))
  await settle()
  expect(held).toHaveLength(8)
  const others = Array.from({ length: 400 }, (_, n) => ask(`client ${n}`))
  await settle()
  expect(held).toHaveLength(256)
  for (const release of held.splice(0)) release('leave')
  await Promise.all([...answers, ...others])
  const again = ask('UZ')
  await settle()
  expect(held).toHaveLength(1)
  held[0]!('leave')
  await again
})
