import { describe, expect, it } from 'vitest'
import { inBatchOrder } from '../../../src/exchange/issuing/issue-batch.ts'

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))

describe('a batch', () => {
  it('does no more at once than it may, and gives results in the order of its parts', async () => {
    let inFlight = 0
    let most = 0
    const parts = Array.from({ length: 50 }, (_, i) => i)
    const results = await inBatchOrder(parts, 8, (part) => ({
      touches: [],
      run: async () => {
        most = Math.max(most, ++inFlight)
        await pause((part * 7) % 5)
        inFlight--
        return part
      },
    }))
    expect(results).toEqual(parts)
    expect(most).toBe(8)
  })

  it('does what touches the same thing one after the other, in its order', async () => {
    const done: string[] = []
    // The first ones are the slowest.
    const parts = ['a1', 'b1', 'ab2', 'c1', 'a3', 'b3', 'abc4'].map((name, i) => ({ name, i }))
    await inBatchOrder(parts, 7, ({ name, i }) => ({
      touches: [...name].filter((letter) => /[abc]/.test(letter)),
      run: async () => {
        await pause(20 - i * 2)
        done.push(name)
      },
    }))
    const order = (letter: string) => done.filter((name) => name.includes(letter)).join(' ')
    expect(order('a')).toBe('a1 ab2 a3 abc4')
    expect(order('b')).toBe('b1 ab2 b3 abc4')
    expect(done.indexOf('c1')).toBeLessThan(done.indexOf('abc4'))
    expect(done[0]).toBe('c1')
  })

  it('may be empty', async () => {
    expect(
      await inBatchOrder([], 8, () => ({ touches: [], run: () => Promise.resolve(1) })),
    ).toEqual([])
  })
})
