import { afterAll, describe, expect, it } from 'vitest'
import { describeVectors } from './vector-suite.ts'
import { startWorker } from './worker-client.ts'

interface Vector {
  readonly name: string
  readonly size: number
  readonly list: { readonly bits: number; readonly lst: string }
  readonly status: Readonly<Record<string, number>>
  /** Value of every index not in `status`; null: there is none. */
  readonly others: number | null
}

const LIMIT_MS = 20_000

describeVectors('token-status-list', ({ parameters, json }) => {
  const vectors = json('vectors.json') as Vector[]
  const worker = startWorker()
  afterAll(() => worker.close())

  it('has every case', () => {
    expect(vectors).toHaveLength(parameters.cases)
  })

  describe.each(vectors)('$name', ({ size, list, status, others }) => {
    it('has the status of every index', async () => {
      const indices = Array.from({ length: size }, (_, index) => index)
      const statuses = await worker.call('statusAt', { list, indices }, LIMIT_MS)
      expect(statuses).toHaveLength(size)
      const wrong = indices.filter((index) => statuses[index] !== (status[index] ?? others))
      expect(wrong).toEqual([])
    })

    it('has none for what is no index of it', async () => {
      const indices = [size, size + 1, 2 ** 31, 2 ** 53, -1, -size, 0.5, size - 0.5, NaN, Infinity]
      const statuses = await worker.call('statusAt', { list, indices }, LIMIT_MS)
      expect(statuses).toEqual(indices.map(() => undefined))
    })
  })
})
