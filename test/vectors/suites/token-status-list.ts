import * as z from 'zod'
import type { StatusListCase } from '../adapter.ts'
import { assertCount, caseOf, Count, parameters, readEach, readJson, type Suite } from '../suite.ts'

const Parameters = parameters('token-status-list', {})

const Vector = z.object({
  name: z.string(),
  size: Count.max(2 ** 24),
  list: z.object({ bits: z.int(), lst: z.string() }),
  status: z.record(z.string(), z.int()),
  /** Value of every index not in `status`; null: there is none. */
  others: z.int().nullable(),
})

/** Status of every index of every list, and of what is no index of it. */
export const tokenStatusList: Suite = {
  name: 'token-status-list',
  load(folder) {
    const vectors = readJson(folder, 'vectors.json', z.array(z.unknown()))
    assertCount('cases', vectors.length, readJson(folder, 'suite.json', Parameters).cases)
    return readEach(vectors, Vector, (member) => member['name']).map((read) =>
      caseOf(read, ({ size, list, status, others }) => {
        const inside = Array.from({ length: size }, (_, index) => index)
        const outside = [
          size,
          size + 1,
          2 ** 31,
          2 ** 53,
          -1,
          -size,
          0.5,
          size - 0.5,
          NaN,
          Infinity,
        ]
        return {
          call: 'statusAt',
          input(): StatusListCase {
            const isBeyond = Object.keys(status).some((index) => !(Number(index) < size))
            if (isBeyond) throw new Error(`a status beyond the ${size} entries`)
            return { list, indices: [...inside, ...outside] }
          },
          judge(statuses: readonly (number | undefined)[]) {
            const wrong = inside.filter((i) => statuses[i] !== (status[i] ?? others))
            const given = outside.filter((_, i) => statuses[size + i] !== undefined)
            if (wrong.length + given.length === 0) return undefined
            return { fault: 'wrong', reason: `indices ${[...wrong, ...given].slice(0, 10).join()}` }
          },
        }
      }),
    )
  },
}
