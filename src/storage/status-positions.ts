import type { Join } from '../exchange/join.ts'
import type { StatusPosition, StatusPositions } from '../exchange/status-lists/status-positions.ts'
import { permutationOf, STATUS_LIST_SIZE } from '../status-list/position.ts'
import type { SqlDatabase } from './sql-database.ts'
import { sql } from './tables.ts'

/**
 * Positions reserved in blocks of `blockSize`: one statement per block, so that issuing does not wait
 * for a counter. A block that is lost with its process leaves unused positions, never shared ones.
 */
export function sqlStatusPositions(
  database: SqlDatabase,
  options: { publicUrl: string; blockSize: number; join: Join; randomKey: () => string },
): StatusPositions {
  const { publicUrl, blockSize, join, randomKey } = options
  const held: StatusPosition[] = []

  async function refill(): Promise<void> {
    for (;;) {
      const [block] = await database.query(
        sql
          .updateTable('status_lists')
          .set(({ eb }) => ({ next: eb('next', '+', blockSize) }))
          .where('id', '=', ({ selectFrom }) =>
            selectFrom('status_lists as newest').select(({ fn }) => fn.max('newest.id').as('id')),
          )
          .where(({ eb }) => eb('next', '<=', eb('size', '-', blockSize)))
          .returning(['id', 'next', 'permutation_key'])
          .compile(),
      )
      if (block) {
        const uri = `${publicUrl}/status/${block.id}`
        const { place } = permutationOf(block.permutation_key)
        for (let n = block.next - blockSize; n < block.next; n++) held.push({ uri, idx: place(n) })
        return
      }
      await openList()
    }
  }

  async function openList(): Promise<void> {
    const [last] = await database.query(
      sql.selectFrom('status_lists').selectAll().orderBy('id', 'desc').limit(1).compile(),
    )
    // Another process was faster: its list is the one to use.
    if (last && last.next <= last.size - blockSize) return
    const row = {
      id: (last?.id ?? 0) + 1,
      permutation_key: randomKey(),
      size: STATUS_LIST_SIZE,
      next: 0,
    }
    // Or is as fast: one row stands, both use it.
    await database.atomic([sql.insertInto('status_lists').values(row).compile()])
  }

  return {
    async reserve() {
      for (;;) {
        const position = held.pop()
        if (position) return position
        await join('reserve status positions', refill)
      }
    },
  }
}
