import { describe, expect, it } from 'vitest'
import * as z from 'zod'
import { DOCUMENT_TYPES, documentTypeNamed } from '../../../src/certificate/document-types.ts'
import { StatusChange } from '../../../src/certificate/status-change.ts'
import { payloadSchema } from '../../../src/certificate/payload.ts'
import { EXAMPLES, readExample } from './judging.ts'

type Json = null | boolean | number | string | Json[] | { [name: string]: Json }

/** Every value inside, with a function that puts another in its place. */
function* places(
  value: Json,
  put: (next: Json) => Json = (next) => next,
  path = '',
): Generator<{ path: string; value: Json; put: (next: Json) => Json }> {
  yield { path, value, put }
  if (value === null || typeof value !== 'object') return
  for (const [name, member] of Object.entries(value))
    yield* places(
      member,
      (next) =>
        put(
          Array.isArray(value)
            ? value.map((item, i) => (String(i) === name ? next : item))
            : { ...value, [name]: next },
        ),
      `${path}/${name}`,
    )
}

describe.each(EXAMPLES)('schema of %s', (name) => {
  const document = readExample(name) as { [name: string]: Json }
  const schema = documentTypeNamed(String(document['type']))?.certificate
  if (!schema) throw new Error('No schema')
  const all = [...places(document)]
  const accepts = (value: Json) => schema.safeParse(value).success

  it('accepts the example', () => {
    expect(accepts(document)).toBe(true)
    expect(all.length).toBeGreaterThan(30)
  })

  it.each(
    all.filter(({ value }) => value !== null && typeof value === 'object' && !Array.isArray(value)),
  )('refuses an unknown member at "$path"', ({ value, put }) => {
    expect(accepts(put({ ...(value as object), unexpected: 1 }))).toBe(false)
  })

  it.each(all.filter(({ value }) => typeof value === 'string'))(
    'refuses an oversize string at "$path"',
    ({ put }) => {
      expect(accepts(put('9'.repeat(4001)))).toBe(false)
    },
  )

  it.each(all.filter(({ value }) => Array.isArray(value)))(
    'refuses an oversize array at "$path"',
    ({ value, put }) => {
      const [first = 'BY'] = value as Json[]
      expect(accepts(put(Array.from({ length: 5001 }, () => first)))).toBe(false)
    },
  )

  it.each(all.filter(({ value }) => typeof value === 'string'))(
    'refuses control and direction characters at "$path"',
    ({ value, put }) => {
      for (const bad of ['\u0000', '\u0007', '\u202e', '\u2066', '\ud800'])
        expect(accepts(put(`${String(value)}${bad}`))).toBe(false)
    },
  )

  it.each(all.filter(({ value }) => typeof value === 'number'))(
    'refuses numbers beyond measure at "$path"',
    ({ put }) => {
      for (const bad of [1e13, -1e13, Number.NaN, Number.POSITIVE_INFINITY])
        expect(schema.safeParse(put(bad)).success).toBe(false)
    },
  )
})

describe('days', () => {
  const document = readExample('origin-ct1-tractors') as { [name: string]: Json }
  const schema = documentTypeNamed('origin.ct1')?.certificate

  it.each([
    '2026-02-29',
    '2026-13-01',
    '2026-1-1',
    '2026-03-02T00:00:00Z',
    '02.03.2026',
    '0000-01-01',
    '1899-12-31',
  ])('refuses %s', (day) => {
    expect(schema?.safeParse({ ...document, usableUntil: day }).success).toBe(false)
  })

  it.each(['2024-02-29', '1900-01-01', '2999-12-31'])('accepts %s', (day) => {
    expect(schema?.safeParse({ ...document, usableUntil: day }).success).toBe(true)
  })
})

interface SchemaNode {
  type?: string
  [keyword: string]: unknown
}

function* nodes(schema: unknown, path = ''): Generator<{ path: string; node: SchemaNode }> {
  if (schema === null || typeof schema !== 'object') return
  if (!Array.isArray(schema)) yield { path, node: schema as SchemaNode }
  for (const [name, member] of Object.entries(schema)) yield* nodes(member, `${path}/${name}`)
}

const published: [string, z.ZodType][] = [
  ...DOCUMENT_TYPES.map((type): [string, z.ZodType] => [type.schemaId, payloadSchema(type)]),
  ['status-change/1', StatusChange],
]

describe.each(published)('published JSON Schema of %s', (_name, schema) => {
  const all = [...nodes(z.toJSONSchema(schema, { io: 'input' }))]

  it('closes every object', () => {
    const objects = all.filter(({ node }) => node.type === 'object')
    expect(objects.length).toBeGreaterThan(0)
    expect(objects.filter(({ node }) => node['additionalProperties'] !== false)).toEqual([])
  })

  it('bounds every string, array and number', () => {
    const unbounded = all.filter(
      ({ node }) =>
        (node.type === 'string' && !('maxLength' in node || 'enum' in node || 'const' in node)) ||
        (node.type === 'array' && !('maxItems' in node)) ||
        ((node.type === 'number' || node.type === 'integer') &&
          !('const' in node) &&
          !('maximum' in node && 'minimum' in node)),
    )
    expect(unbounded.map(({ path }) => path)).toEqual([])
  })
})
