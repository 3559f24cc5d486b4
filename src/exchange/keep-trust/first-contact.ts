/**
 * So long a first contact goes on that a bound or a failure has interrupted. Beyond it somebody else may
 * speak for the state than whose list people trusted: what comes then waits as any other addition.
 */
const FIRST_CONTACT_MS = 60 * 60_000

/**
 * Up to which version what is taken from a state counts at once: the newest one that was seen when nothing
 * of it was known here. A peer that holds versions back, to add something unnoticed later, gains an hour.
 * It is forgotten with the process, and then the rest waits.
 */
export function firstContacts(
  now: () => Date,
): (state: string, versions: { readonly known: number; readonly newest: number }) => number {
  const begun = new Map<string, { since: number; upTo: number }>()
  return (state, { known, newest }) => {
    const at = now().getTime()
    if (known === 0) begun.set(state, { since: at, upTo: newest })
    const contact = begun.get(state)
    if (!contact) return 0
    const { since, upTo } = contact
    // A clock that is set back must not make it longer.
    if (known < upTo && at >= since && at - since < FIRST_CONTACT_MS) return upTo
    begun.delete(state)
    return 0
  }
}
