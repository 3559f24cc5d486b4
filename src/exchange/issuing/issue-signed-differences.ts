/** How many places are named: enough to find the mistake. */
const MAX_DIFFERENCES = 20

/** Where two JSON values differ, as JSON Pointers (RFC 6901) in the order of the first; at most 20. */
export function differencesOf(wanted: unknown, found: unknown): string[] {
  const pointers: string[] = []
  compare(wanted, found, '', pointers)
  return pointers
}

function compare(wanted: unknown, found: unknown, pointer: string, pointers: string[]): void {
  if (pointers.length >= MAX_DIFFERENCES || Object.is(wanted, found)) return
  if (
    !isContainer(wanted) ||
    !isContainer(found) ||
    Array.isArray(wanted) !== Array.isArray(found)
  ) {
    pointers.push(pointer)
    return
  }
  for (const name of new Set([...Object.keys(wanted), ...Object.keys(found)])) {
    const step = name.slice(0, 100).replaceAll('~', '~0').replaceAll('/', '~1')
    compare(memberOf(wanted, name), memberOf(found, name), `${pointer}/${step}`, pointers)
  }
}

function isContainer(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null
}

function memberOf(value: Readonly<Record<string, unknown>>, name: string): unknown {
  return Object.hasOwn(value, name) ? value[name] : undefined
}
