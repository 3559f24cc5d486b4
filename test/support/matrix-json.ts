import fc from 'fast-check'

/** An object or a list, whose members are reached alike. */
export type Tree = Record<string, unknown>

export interface Edit {
  readonly where: number
  readonly what: 'replace' | 'remove' | 'add' | 'repeat' | 'swap' | 'rename'
  readonly value: unknown
}

/** What programs stumble over. */
export const SPECIAL: readonly unknown[] = [
  '',
  ' ',
  '№',
  '\u0000',
  '\ud800',
  '\u202e',
  'x'.repeat(5000),
  '/',
  '../..',
  "'--",
  '%00',
  '2026-02-29',
  '1900-01-01',
  '2999-12-31',
  '0000-00-00',
  '2026-03-02T00:00:00Z',
  'BY',
  'ZZ',
  0,
  -0,
  -1,
  1.5,
  1e10,
  1e-10,
  1e308,
  Number.MAX_SAFE_INTEGER,
  2 ** 53,
  null,
  true,
  [],
  {},
  [[]],
  [null],
  { type: 'origin.ct1' },
]

const NAMES = ['added', '__proto__', 'constructor', 'toString', 'length', '', 'a'.repeat(300)]

export function mutations(): fc.Arbitrary<Edit[]> {
  const special = fc.constantFrom(...SPECIAL)
  const value = fc.oneof(
    { weight: 3, arbitrary: special },
    { weight: 1, arbitrary: fc.string({ unit: 'binary', maxLength: 60 }) },
    { weight: 1, arbitrary: fc.jsonValue({ maxDepth: 3 }) },
  )
  const what = fc.constantFrom<Edit['what']>(
    'replace',
    'replace',
    'remove',
    'add',
    'repeat',
    'swap',
    'rename',
  )
  return fc.array(fc.record({ where: fc.nat(100_000), what, value }), {
    minLength: 1,
    maxLength: 3,
  })
}

/** A copy with some of its members replaced, removed, added, repeated, renamed or exchanged. */
export function mutate(valid: unknown, edits: readonly Edit[]): unknown {
  const copy = structuredClone({ root: valid }) as Tree
  for (const { where, what, value: given } of edits) {
    // Later edits reach into it; the next form may be made of the same one.
    const value = structuredClone(given)
    const places = placesIn(copy)
    if (places.length === 0) break
    const [parent, key] = places[where % places.length]!
    const [otherParent, otherKey] = places[(where * 7919) % places.length]!
    const name = NAMES[where % NAMES.length]!
    switch (what) {
      case 'replace':
        define(parent, key, value)
        break
      case 'remove':
        if (Array.isArray(parent)) parent.splice(Number(key), 1)
        else delete parent[key]
        break
      case 'add':
        define(parent, Array.isArray(parent) ? String(parent.length) : name, value)
        break
      case 'repeat':
        define(
          parent,
          key,
          Array.from({ length: 3 }, () => structuredClone(parent[key])),
        )
        break
      case 'swap':
        define(parent, key, structuredClone(otherParent[otherKey]))
        break
      case 'rename': {
        const kept = parent[key]
        if (Array.isArray(parent)) break
        delete parent[key]
        define(parent, name, kept)
      }
    }
  }
  return copy['root'] ?? null
}

function placesIn(root: Tree): [Tree, string][] {
  const places: [Tree, string][] = []
  const walk = (node: unknown) => {
    if (typeof node !== 'object' || node === null) return
    for (const key of Object.keys(node)) {
      places.push([node as Tree, key])
      walk((node as Tree)[key])
    }
  }
  walk(root)
  return places
}

/** Also a member named `__proto__` is a member. */
function define(object: Tree, name: string, value: unknown): void {
  Object.defineProperty(object, name, {
    value,
    enumerable: true,
    configurable: true,
    writable: true,
  })
}

/** Pointers to every object of a value, its root first. */
export function objectsIn(value: unknown, pointer = ''): string[] {
  if (typeof value !== 'object' || value === null) return []
  const inner = Object.entries(value).flatMap(([key, member]) =>
    objectsIn(member, `${pointer}/${key}`),
  )
  return Array.isArray(value) ? inner : [pointer, ...inner]
}

/** Pointers to every member, at any depth. */
export function membersIn(value: unknown, pointer = ''): string[] {
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([key, member]) => [
    `${pointer}/${key}`,
    ...membersIn(member, `${pointer}/${key}`),
  ])
}

/** The JSON of a value with more members in the object at `pointer`. */
export function withMembers(
  value: unknown,
  pointer: string,
  members: readonly (readonly [string, unknown])[],
): string {
  const copy = structuredClone(value)
  for (const [name, member] of members) define(at(copy, pointer), name, member)
  return JSON.stringify(copy)
}

/** The JSON of a value with another value at `pointer`. */
export function withValue(value: unknown, pointer: string, other: unknown): string {
  const copy = structuredClone(value)
  const end = pointer.lastIndexOf('/')
  define(at(copy, pointer.slice(0, end)), pointer.slice(end + 1), other)
  return JSON.stringify(copy)
}

function at(value: unknown, pointer: string): Tree {
  return pointer
    .split('/')
    .slice(1)
    .reduce((node, key) => (node as Tree)[key], value) as Tree
}
