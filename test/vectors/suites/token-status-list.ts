import type { StatusListCase } from '../adapter.ts'
import { assertCount, type Case, type Suite } from '../suite.ts'

interface Vector {
  readonly name: string
  readonly size: number
  readonly list: { readonly bits: number; readonly lst: string }
  readonly status: Readonly<Record<string, number>>
  /** Value of every index not in `status`; null: there is none. */
  readonly others: number | null
}

/** Status of every index of every list, and of what is no index of it. */
export const tokenStatusList: Suite = {
  name: 'token-status-list',
  load({ json }) {
    const vectors = json('vectors.json') as readonly Vector[]
    assertCount('cases', vectors.length, (json('suite.json') as { cases: number }).cases)
    return vectors.map(({ name, size, list, status, others }): Case => {
      const inside = Array.from({ length: size }, (_, index) => index)
      const outside = [size, size + 1, 2 ** 31, 2 ** 53, -1, -size, 0.5, size - 0.5, NaN, Infinity]
      const input: StatusListCase = { list, indices: [...inside, ...outside] }
      return {
        id: name,
        call: 'statusAt',
        input,
        judge(statuses: readonly (number | undefined)[]) {
          const wrong = inside.filter((i) => statuses[i] !== (status[i] ?? others))
          const given = outside.filter((_, i) => statuses[size + i] !== undefined)
          if (wrong.length + given.length === 0) return undefined
          return { fault: 'wrong', reason: `indices ${[...wrong, ...given].slice(0, 10).join()}` }
        },
      }
    })
  },
}
