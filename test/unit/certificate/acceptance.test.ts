import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import * as z from 'zod'
import { acceptanceOf } from '../../../src/certificate/acceptance.ts'
import { documentTypeNamed } from '../../../src/certificate/document-types.ts'
import { payloadSchema } from '../../../src/certificate/payload.ts'
import { parseStrictJson } from '../../../src/encoding/strict-json.ts'
import { EXAMPLES, readExample } from './judging.ts'

/** The schema's own answer: taken, and unchanged. */
function takes(schema: z.ZodType, value: unknown): boolean {
  const { success, data } = schema.safeParse(value)
  return success && canonical(data) === canonical(value)
}

/** All that a value holds, in whatever order. */
function canonical(value: unknown): string {
  return JSON.stringify(value, (_, member: unknown) =>
    typeof member === 'object' && member !== null && !Array.isArray(member)
      ? Object.fromEntries(Object.entries(member).toSorted(([a], [b]) => (a < b ? -1 : 1)))
      : member,
  )
}

const CASES = EXAMPLES.map((name) => {
  const certificate = readExample(name) as { type: string }
  const type = documentTypeNamed(certificate.type)!
  const status = { status_list: { uri: 'https://node.example/status/7', idx: 40213 } }
  const claims = { schema: type.schemaId, iss: 'BY.CCI.001', aud: ['UZ'], status, certificate }
  return { name, claims, schema: payloadSchema(type) }
})

const ODD_TEXTS = [
  '',
  ' ',
  '\n',
  '\t',
  'BY',
  'by',
  'B\u202eY',
  '\ud800',
  '😀'.repeat(60),
  '2026-02-29',
  '2028-02-29',
  '0001-01-01',
  '2026-13-01',
  'http://a',
  'ftp://a',
  'https:a',
  ' https://a/',
  'origin.ct1',
  'constructor',
  'А'.repeat(40),
  'A'.repeat(4001),
  '__proto__',
  '4',
  '10',
]
const ODD_NUMBERS = [0, -0, 1, 4, 6, 10, 4.5, -1, 1e10, 1e10 + 1, 1e21, 2 ** 53, 1_000_000_001]
const ODD_VALUES = [
  null,
  true,
  false,
  [],
  {},
  [[]],
  [null],
  ['BY'],
  ['BY', 'BY'],
  { series: ['1'] },
  { series: [] },
  { sheets: 1 },
  { sheets: 0, series: ['1'] },
  Array<string>(33).fill('BY'),
]

/** What an attacker, or a careless program, puts where something else belongs. */
const ODD = fc.oneof(
  fc.constantFrom<unknown>(...ODD_TEXTS, ...ODD_NUMBERS, ...ODD_VALUES),
  fc.string({ unit: 'binary', maxLength: 50 }),
  fc.double({ noNaN: true }),
  fc.integer(),
  fc.jsonValue({ maxDepth: 2 }),
)

/** One place after another is given something else, loses a member, or gains one. */
const CHANGES = fc.array(
  fc.record({
    place: fc.nat(),
    act: fc.constantFrom('replace', 'replace', 'remove', 'add', 'repeat'),
    name: fc.constantFrom('more', 'toString', '__proto__', 'type', 'number', 'sheets', 'grossKg'),
    value: ODD,
  }),
  { minLength: 0, maxLength: 3 },
)
type Change = typeof CHANGES extends fc.Arbitrary<(infer C)[]> ? C : never

function change(root: unknown, { place, act, name, value }: Change): void {
  const places: [Record<string, unknown>, string][] = []
  const visit = (node: unknown) => {
    if (typeof node !== 'object' || node === null) return
    for (const key of Object.keys(node)) {
      places.push([node as Record<string, unknown>, key])
      visit((node as Record<string, unknown>)[key])
    }
  }
  visit(root)
  const [node, key] = places[place % places.length] ?? []
  if (!node || key === undefined) return
  const put = (at: string, member: unknown) =>
    Object.defineProperty(node, at, { value: member, ...WRITABLE })
  if (act === 'replace') put(key, value)
  else if (act === 'repeat' && Array.isArray(node)) node.push(structuredClone(node[0]))
  else if (act === 'remove' && !Array.isArray(node)) delete node[key]
  else if (act === 'add' && !Array.isArray(node)) put(name, value)
}
const WRITABLE = { enumerable: true, configurable: true, writable: true }

describe('the quick yes of a schema', () => {
  it.each(CASES)('is given to $name', ({ schema, claims }) => {
    expect(acceptanceOf(schema)(claims)).toBe(true)
  })

  it.each(CASES)('agrees with the schema on $name, whatever is changed in it', (tested) => {
    const accepts = acceptanceOf(tested.schema)
    let yes = 0
    fc.assert(
      fc.property(CHANGES, (changes) => {
        const claims: unknown = structuredClone(tested.claims)
        for (const one of changes) change(claims, one)
        // As it would come out of a document.
        const read = parseStrictJson(JSON.stringify(claims))
        const accepted = accepts(read)
        expect(accepted).toBe(takes(tested.schema, read))
        if (accepted) yes++
      }),
      { numRuns: 2000 },
    )
    expect(yes).toBeGreaterThan(100)
  })

  it('is given to no text that the schema would change', () => {
    const url = z.url({ protocol: /^https?$/ })
    expect(acceptanceOf(url)('https://a/')).toBe(true)
    for (const text of [' https://a/', 'https://a/\n', 'htt\tps://a/', 'gopher://a'])
      expect(acceptanceOf(url)(text)).toBe(false)
  })

  it('is given to nothing inherited, and to nothing but plain objects', () => {
    const accepts = acceptanceOf(z.strictObject({ a: z.string(), b: z.exactOptional(z.string()) }))
    expect(accepts({ a: '' })).toBe(true)
    expect(accepts({ a: '', b: undefined })).toBe(false)
    expect(accepts(Object.create({ a: '' }))).toBe(false)
    expect(accepts(Object.assign(Object.create({ b: 1 }) as object, { a: '' }))).toBe(false)
    expect(accepts(Object.assign([], { a: '' }))).toBe(false)
  })

  it.each<[string, z.ZodType, unknown]>([
    ['a refinement', z.string().refine(() => true), 'a'],
    ['a transformation', z.string().transform((text) => text), 'a'],
    ['a trimmed text', z.string().trim(), 'a'],
    ['a default', z.strictObject({ a: z.string().default('b') }), { a: 'a' }],
    ['a coerced text', z.coerce.string(), 'a'],
    ['a coerced number', z.coerce.number(), 1],
    ['an open object', z.looseObject({}), {}],
    ['an object that drops members', z.object({ a: z.string() }), { a: 'a' }],
    ['a refined object', z.strictObject({}).refine(() => true), {}],
    ['a refined array', z.array(z.string()).refine(() => true), []],
    ['a refined list of names', z.enum(['a']).refine(() => true), 'a'],
    ['a refined name among others', z.union([z.enum(['a']).refine(() => true)]), 'a'],
    ['one of several and no other', z.xor([z.string(), z.number()]), 'a'],
    ['a member that may be undefined', z.strictObject({ a: z.string().optional() }), { a: 'a' }],
    ['what may be null', z.string().nullable(), 'a'],
    ['a record', z.record(z.string(), z.string()), {}],
    ['anything', z.unknown(), 'a'],
  ])('is never given by %s: the schema decides', (_, schema, value) => {
    expect(schema.safeParse(value).success).toBe(true)
    expect(acceptanceOf(schema)(value)).toBe(false)
  })
})
