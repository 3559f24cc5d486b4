import type { Body, Scope } from './trust-list.ts'

/** What a body asks to issue. */
export interface Goods {
  readonly type: string
  readonly to: readonly string[]
  readonly hsCodes: readonly string[]
}

const SHORTEST_PREFIX = 2

/** The scope of a body that permits a document of these goods at an instant, if there is one. */
export function permittingScope(
  { scopes }: Pick<Body, 'scopes'>,
  { type, to, hsCodes }: Goods,
  instant: string,
): Scope | undefined {
  return scopes.find(
    (scope) =>
      scope.types.includes(type) &&
      (scope.to === undefined || to.every((state) => scope.to!.includes(state))) &&
      instant >= scope.from &&
      (scope.until === undefined || instant <= scope.until) &&
      // A certificate that names no product group is within no limited one.
      (scope.hsPrefixes === undefined ||
        (hsCodes.length > 0 && hsCodes.every((code) => beginsWith(code, scope.hsPrefixes!)))),
  )
}

function beginsWith(code: string, prefixes: readonly string[]): boolean {
  return prefixes.some((prefix) => code.startsWith(prefix))
}

/** Whether all that one scope permits, another permits as well; the time it takes grows with their sizes. */
export function isWithinScope(inner: Scope, outer: Scope): boolean {
  const { types, hsPrefixes, to, from, until } = outer
  return (
    inner.from >= from &&
    (until === undefined || (inner.until !== undefined && inner.until <= until)) &&
    isWithin(inner.types, types) &&
    (to === undefined || (inner.to !== undefined && isWithin(inner.to, to))) &&
    (hsPrefixes === undefined ||
      (inner.hsPrefixes !== undefined && areUnder(inner.hsPrefixes, new Set(hsPrefixes))))
  )
}

function isWithin(inner: readonly string[], outer: readonly string[]): boolean {
  const all = new Set(outer)
  return inner.every((one) => all.has(one))
}

/** Whether each code begins with one of the prefixes. */
function areUnder(codes: readonly string[], prefixes: ReadonlySet<string>): boolean {
  return codes.every((code) => {
    for (let length = SHORTEST_PREFIX; length <= code.length; length++)
      if (prefixes.has(code.slice(0, length))) return true
    return false
  })
}
