/**
 * Does `make`, unless the same work is in hand already: then whoever asks waits for that. Only what is
 * worth doing once goes through it; nobody may rely on being the only one.
 */
export type Join = <T>(work: string, make: () => Promise<T>) => Promise<T>

/** For a process whose requests may wait for each other's work. */
export function joinWork(): Join {
  const inHand = new Map<string, Promise<unknown>>()
  return <T>(work: string, make: () => Promise<T>) => {
    const held = inHand.get(work) as Promise<T> | undefined
    if (held) return held
    const made = make().finally(() => inHand.delete(work))
    inHand.set(work, made)
    return made
  }
}

/**
 * For Workers: the work of a request ends with the request, and who waits for it waits for ever (see
 * docs/decisions/0013-workers.md).
 */
export const workAlone: Join = (_, make) => make()
