/** Operations per second of `task` with so many in flight, after a warm-up, over about `seconds`. */
export async function rate(
  inFlight: number,
  seconds: number,
  task: (n: number) => Promise<unknown>,
): Promise<number> {
  let n = 0
  const run = async (forMs: number) => {
    const end = performance.now() + forMs
    let done = 0
    const started = performance.now()
    await Promise.all(
      Array.from({ length: inFlight }, async () => {
        while (performance.now() < end) {
          await task(n++)
          done++
        }
      }),
    )
    return (done * 1000) / (performance.now() - started)
  }
  await run(Math.min(1000, seconds * 300))
  return run(seconds * 1000)
}
