/** One part of a batch: what it touches, and how it is done. */
export interface BatchTask<R> {
  /** Two tasks that name the same thing are done one after the other, in their order. */
  readonly touches: readonly string[]
  run(): Promise<R>
}

/**
 * Does the parts of a batch, at most `inFlight` at once, so that the results are those of doing them one
 * after the other. The results stand in the order of the parts.
 */
export async function inBatchOrder<T, R>(
  parts: readonly T[],
  inFlight: number,
  taskOf: (part: T) => BatchTask<R>,
): Promise<R[]> {
  const results: R[] = []
  /** The last task that touches a thing; it ends after those before it. */
  const last = new Map<string, Promise<unknown>>()
  let next = 0

  async function work(): Promise<void> {
    while (next < parts.length) {
      const i = next++
      const { touches, run } = taskOf(parts[i]!)
      // Taken in order, a task waits for earlier ones alone: the first of those in flight never waits.
      const earlier = touches.flatMap((thing) => last.get(thing) ?? [])
      const done = Promise.all(earlier).then(run)
      for (const thing of touches) last.set(thing, done)
      results[i] = await done
    }
  }

  await Promise.all(Array.from({ length: Math.min(inFlight, parts.length) }, work))
  return results
}
