import type { Scope } from './trust-list.ts'

/** Whether all that one scope permits, another permits as well. */
export function isWithinScope(inner: Scope, outer: Scope): boolean {
  const { types, hsPrefixes, to, from, until } = outer
  return (
    inner.types.every((type) => types.includes(type)) &&
    (to === undefined || (inner.to?.every((state) => to.includes(state)) ?? false)) &&
    (hsPrefixes === undefined ||
      (inner.hsPrefixes?.every((code) => hsPrefixes.some((prefix) => code.startsWith(prefix))) ??
        false)) &&
    inner.from >= from &&
    (until === undefined || (inner.until !== undefined && inner.until <= until))
  )
}

/** What two scopes both permit; undefined: nothing. */
export function scopeMeet(a: Scope, b: Scope): Scope | undefined {
  const types = a.types.filter((type) => b.types.includes(type))
  const to = both(a.to, b.to, (states, others) => states.filter((state) => others.includes(state)))
  const hsPrefixes = both(a.hsPrefixes, b.hsPrefixes, (codes, others) => [
    ...codes.filter((code) => others.some((prefix) => code.startsWith(prefix))),
    ...others.filter((code) => codes.some((prefix) => code !== prefix && code.startsWith(prefix))),
  ])
  const from = a.from > b.from ? a.from : b.from
  const until = both(a.until, b.until, (one, other) => (one < other ? one : other))
  const isEmpty = types.length === 0 || to?.length === 0 || hsPrefixes?.length === 0
  if (isEmpty || (until !== undefined && until < from)) return undefined
  return {
    types,
    ...(hsPrefixes && { hsPrefixes }),
    ...(to && { to }),
    from,
    ...(until !== undefined && { until }),
  }
}

/** Where only one of the two limits something, its limit is that of both. */
function both<T>(a: T | undefined, b: T | undefined, meet: (a: T, b: T) => T): T | undefined {
  if (a === undefined || b === undefined) return a ?? b
  return meet(a, b)
}
