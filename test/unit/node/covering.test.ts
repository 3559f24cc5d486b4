import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { covering } from '../../../src/node/covering.ts'

beforeEach(() => vi.useFakeTimers({ toFake: ['performance'] }))
afterEach(() => vi.useRealTimers())

it('what was read is put into the log at the next second, and what follows every five', async () => {
  let [read, second] = [0, 0]
  const coveredAt: number[] = []
  const coverRecords = () => {
    const rows = read
    read = 0
    if (rows > 0) coveredAt.push(second)
    return Promise.resolve(rows)
  }
  const cover = covering({ coverRecords, checkpoint: () => Promise.resolve(false) })
  for (second = 1; second <= 40; second++) {
    vi.advanceTimersByTime(1_000)
    // Somebody reads without end, then nobody, then one.
    if (second <= 20 || second === 33) read++
    await cover.ifDue()
  }
  expect(coveredAt).toEqual([1, 6, 11, 16, 21, 33])
})

it('what cannot be put into the log is tried again after five seconds', async () => {
  let tries = 0
  const coverRecords = () => {
    tries++
    return Promise.reject(new Error('the disk is full'))
  }
  const cover = covering({ coverRecords, checkpoint: () => Promise.resolve(false) })
  for (let second = 1; second <= 12; second++) {
    vi.advanceTimersByTime(1_000)
    await cover.ifDue().catch(() => undefined)
  }
  expect(tries).toBe(3)
})

it('a node that ends puts into the log whatever was read, and signs it', async () => {
  const done: string[] = []
  const rows = [100_000, 7, 0]
  const cover = covering({
    coverRecords: () => {
      done.push('cover')
      return Promise.resolve(rows.shift()!)
    },
    checkpoint: () => {
      done.push('checkpoint')
      return Promise.resolve(true)
    },
  })
  await cover.atTheEnd()
  expect(done).toEqual(['cover', 'cover', 'cover', 'checkpoint'])
})
