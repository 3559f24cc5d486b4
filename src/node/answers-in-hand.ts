type Serve<A extends unknown[]> = (...request: A) => Response | Promise<Response>

/** A server that knows of the answers it is still making, also of those nobody waits for any longer. */
export interface Counted<A extends unknown[]> {
  readonly serve: Serve<A>
  /** Resolves when none is being made, at the latest after `mostMs`. */
  ended(mostMs: number): Promise<void>
}

/** A connection may be gone, and what its request began goes on: the database is still needed for it. */
export function countAnswers<A extends unknown[]>(serve: Serve<A>): Counted<A> {
  const inHand = new Set<Promise<unknown>>()
  return {
    serve(...request) {
      const answer = serve(...request)
      if (answer instanceof Response) return answer
      const forget = () => void inHand.delete(made)
      const made: Promise<void> = answer.then(forget, forget)
      inHand.add(made)
      return answer
    },
    async ended(mostMs) {
      let timer: NodeJS.Timeout | undefined
      const late = new Promise((resolve) => (timer = setTimeout(resolve, mostMs)))
      await Promise.race([Promise.all(inHand), late])
      clearTimeout(timer)
    },
  }
}
