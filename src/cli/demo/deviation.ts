/** Something did not go as it must: told, without a stack. */
export class Deviation extends Error {
  override name = 'Deviation'
}

const PATIENCE_MS = 60_000

/**
 * Asks again and again, for a minute at most: a slow machine needs many times what others do.
 *
 * @throws {Deviation} it never came true
 */
export async function until<T>(
  what: string,
  ask: () => Promise<T | undefined | false>,
): Promise<T> {
  const deadline = Date.now() + PATIENCE_MS
  for (;;) {
    const answer = await ask()
    if (answer !== undefined && answer !== false) return answer
    if (Date.now() > deadline) throw new Deviation(`${what}: not within ${PATIENCE_MS / 1000} s`)
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}

/** @throws {Deviation} it does not hold */
export function expect(holds: boolean, what: string): void {
  if (!holds) throw new Deviation(`expected that ${what}`)
}
