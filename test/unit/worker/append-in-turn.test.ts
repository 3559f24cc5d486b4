import { describe, expect, it } from 'vitest'
import type { Append } from '../../../src/exchange/journal.ts'
import { appendInTurn } from '../../../src/worker/append-in-turn.ts'

const at = '2026-03-02T10:00:00Z'
const step = { entries: [] }

/** A clock that moves only by sleeping. */
function sleepingClock() {
  let now = 0
  return {
    nowMs: () => now,
    sleep: async (ms: number) => {
      await new Promise((resolve) => setTimeout(resolve, 0))
      now += ms
    },
  }
}

describe('appends of one isolate', () => {
  it('go one after the other', async () => {
    let running = 0
    let most = 0
    const append: Append = async () => {
      most = Math.max(most, ++running)
      await new Promise((resolve) => setTimeout(resolve, 1))
      running--
      return { at }
    }
    const inTurn = appendInTurn(append, sleepingClock())
    const results = await Promise.all(Array.from({ length: 8 }, () => inTurn(step)))
    expect(results).toHaveLength(8)
    expect(most).toBe(1)
  })

  it('go on behind one that fails, and behind one that was cut off', async () => {
    const append: Append[] = [
      () => Promise.reject(new Error('D1 is gone')),
      () => new Promise(() => undefined),
      () => Promise.resolve({ at }),
    ]
    const clock = sleepingClock()
    const inTurn = appendInTurn((given) => append.shift()!(given), clock)
    await expect(inTurn(step)).rejects.toThrow('D1 is gone')
    void inTurn(step)
    expect(await inTurn(step)).toEqual({ at })
    expect(clock.nowMs()).toBe(2_000)
  })
})
