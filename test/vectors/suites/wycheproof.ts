import type * as z from 'zod'
import { type Read, readEach } from '../suite.ts'

/** The tests of a group by their numbers; one that has none by its place. */
export function testsOf<T>(
  tests: readonly unknown[],
  schema: z.ZodType<T>,
  group: number,
): Read<T>[] {
  const nameOf = ({ tcId }: Readonly<Record<string, unknown>>) =>
    Number.isSafeInteger(tcId) ? `tc${String(tcId)}` : undefined
  return readEach(tests, schema, nameOf).map((read) =>
    read.id.startsWith('tc') ? read : { ...read, id: `group ${group + 1}, ${read.id}` },
  )
}
