import * as z from 'zod'
import type { StatusListCase } from '../adapter.ts'
import { assertCount, type Case, Count, parameters, readJson, type Suite } from '../suite.ts'

const Parameters = parameters('token-status-list', {})

const Vector = z.object({
  name: z.string(),
  size: Count,
  list: z.object({ bits: z.int(), lst: z.string() }),
  status: z.record(z.string(), z.int()),
  /** Value of every index not in `status`; null: there is none. */
  others: z.int().nullable(),
})

/** Status of every index of every list, and of what is no index of it. */
export const tokenStatusList: Suite = {
  name: 'token-status-list',
  load(folder) {
    const vectors = readJson(folder, 'vectors.json', z.array(Vector))
    assertCount('cases', vectors.length, readJson(folder, 'suite.json', Parameters).cases)
    return vectors.map(({ name, size, list, status, others }): Case => {
      const beyond = Object.keys(status).filter((index) => !(Number(index) < size))
      if (beyond.length > 0) throw new Error(`${name}: a status beyond the ${size} entries`)
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
