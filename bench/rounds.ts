/**
 * Measures several things by turns and gives the best rate of each: what else runs on the machine slows
 * one round or another down, and never makes anything faster.
 */
export async function bestOfRounds<K extends string>(
  rounds: number,
  sides: Readonly<Record<K, () => Promise<number>>>,
): Promise<Readonly<Record<K, number>>> {
  const names = Object.keys(sides) as K[]
  const best = Object.fromEntries(names.map((name) => [name, 0])) as Record<K, number>
  for (let round = 0; round < rounds; round++)
    for (const name of names) best[name] = Math.max(best[name], await sides[name]())
  return best
}

/** Operations per second of so many tasks, each done once, with so many in flight. */
export async function rateOfEach<T>(
  inFlight: number,
  items: readonly T[],
  task: (item: T) => Promise<unknown>,
): Promise<number> {
  let next = 0
  const started = performance.now()
  await Promise.all(
    Array.from({ length: inFlight }, async () => {
      while (next < items.length) await task(items[next++]!)
    }),
  )
  return (items.length * 1000) / (performance.now() - started)
}
