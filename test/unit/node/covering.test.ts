import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
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

describe('a node that ends', () => {
  async function ended(...passes: (number | Error)[]): Promise<string[]> {
    const done: string[] = []
    const cover = covering({
      coverRecords: () => {
        done.push('cover')
        const rows = passes.shift() ?? 1
        return rows instanceof Error ? Promise.reject(rows) : Promise.resolve(rows)
      },
      checkpoint: () => {
        done.push('checkpoint')
        return Promise.resolve(true)
      },
    })
    await cover.atTheEnd().catch((error: Error) => done.push(error.message))
    return done
  }

  it('puts into the log whatever was read, and signs it', async () => {
    expect(await ended(100_000, 7)).toEqual(['cover', 'cover', 'checkpoint'])
  })

  it('ends also while another process writes without end', async () => {
    expect(await ended()).toEqual(['cover', 'checkpoint'])
  })

  it('signs the log also where nothing can be put into it', async () => {
    const full = new Error('the disk is full')
    expect(await ended(full)).toEqual(['cover', 'checkpoint', 'the disk is full'])
  })
})
