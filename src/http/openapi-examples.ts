import type { ExampleObject } from './openapi-document.ts'
import type { JsonSchema } from './openapi-schemas.ts'

type Find = (ref: string) => JsonSchema

const MAX_DEPTH = 12

/** Marked as examples: nobody mistakes them for a real digest or a real signature. */
const DIGEST = 'EXAMPLEexampleEXAMPLEexampleEXAMPLEexampleE'
const DOCUMENT = 'eyJhbGciOiJFUzI1NiIsInR5cCI6… (abbreviated)'

/** What members hold in examples where their schema has no example of its own, if it fits the schema. */
const VALUES: Readonly<Record<string, readonly unknown[]>> = {
  act: ['client-added'],
  actor: ['user:operator'],
  access_token: ['EXAMPLEtokenEXAMPLEtokenEXAMPLEtokenEXAMPLE'],
  certificate: [DIGEST, { type: 'origin.ct1', number: 'BYUZ6001000301' }],
  change: ['annul'],
  check: ['signature', 'true'],
  client: ['demo-customs'],
  code: ['passed', '001'],
  content: [{ type: 'origin.ct1', number: 'BYUZ6001000301' }],
  context: [{ officer: 'Каримов А.', purpose: 'таможенный контроль' }],
  aud: ['UZ'],
  cursor: ['1.17'],
  detail: ['The peer answers HTTP 503'],
  document: [DOCUMENT],
  effectiveFrom: ['2026-03-02'],
  enforcedBy: ['judge'],
  expires_in: [600],
  kind: ['peer-refuses'],
  hsCode: ['8701941009'],
  id: [DIGEST],
  idx: [40_213],
  invoice: ['12-2026'],
  issuer: ['BY.CCI.001', 'ТПП Образец'],
  jws: [DOCUMENT],
  lastError: ['HTTP 503'],
  measure: ['net'],
  needs: ['registry'],
  next: ['1.17'],
  notEvaluated: ['ORI-OFFICIAL-REGISTERED'],
  number: ['BYUZ6001000301'],
  officer: ['Каримов А.'],
  operation: ['getCertificate'],
  origin: ['issued', 'BY'],
  party: ['UZ.CUSTOMS'],
  peer: ['UZ'],
  purpose: ['таможенный контроль'],
  reason: ['Ошибка в сведениях о грузополучателе'],
  receipt: [DIGEST],
  receipts: [DOCUMENT],
  recipient: ['UZ'],
  recipients: ['UZ'],
  role: ['customs'],
  rule: ['ORI-NET-GT-GROSS'],
  schema: ['origin.ct1/1'],
  sha256: [DIGEST],
  signer: ['BY.CCI.001'],
  ski: ['0a1b2c3d4e5f60718293a4b5c6d7e8f901234567'],
  source: ['rules.md §3'],
  state: ['BY'],
  subject: ['demo-customs'],
  status: ['active'],
  to: ['UZ'],
  type: ['origin.ct1'],
  types: ['origin.ct1'],
  unit: ['kg'],
  uri: ['https://node.example/status/7'],
  usableFrom: ['2026-02-10'],
  usableUntil: ['2027-02-10'],
  validUntil: ['2028-02-10'],
}

const FORMATS: Readonly<Record<string, string>> = {
  'date-time': '2026-02-10T09:15:00Z',
  date: '2026-02-10',
  uri: 'https://node.example/',
  uuid: '5f0c1c9e-4a43-4e0b-9d0e-3f5f4f0f9a11',
}

/** What text of unknown meaning holds: the first of these that its pattern admits. */
const TEXTS = ['text', 'BY', DIGEST, 'BY.CCI.001', '2026-02-10', '8701941009', '1', '1.17']

/** The examples that a route gives; else one made from the schema, or one of each of its alternatives. */
export function examplesOf(
  schema: JsonSchema,
  find: Find,
  given: Readonly<Record<string, unknown>> | undefined,
): Record<string, ExampleObject> {
  if (given)
    return Object.fromEntries(Object.entries(given).map(([name, value]) => [name, { value }]))
  const alternatives = schema.anyOf ?? schema.oneOf ?? [schema]
  return Object.fromEntries(
    alternatives.map((one, i) => [
      one.title ?? (i === 0 ? 'example' : `example ${i + 1}`),
      { value: exampleOf(one, find) },
    ]),
  )
}

/** A value that fits a schema: its own example, what its name suggests, else what its type admits. */
export function exampleOf(schema: JsonSchema, find: Find, name = '', depth = 0): unknown {
  if (depth > MAX_DEPTH) throw new Error('A recursive schema needs an example')
  const inside = (part: JsonSchema, member = name) => exampleOf(part, find, member, depth + 1)
  if (schema.$ref !== undefined) return inside(find(schema.$ref))
  if (schema.examples) return schema.examples[0]
  if ('const' in schema) return schema.const
  if (schema.enum) return schema.enum[0]
  const alternatives = schema.anyOf ?? schema.oneOf
  if (alternatives) return inside(alternatives[0]!)
  if (schema.allOf && schema.type === undefined)
    return Object.assign({}, ...schema.allOf.map((part) => inside(part)))
  const known = VALUES[name]?.find((value) => fits(schema, value))
  if (known !== undefined) return known
  switch (schema.type) {
    case 'string':
      return FORMATS[schema.format ?? ''] ?? TEXTS.find((one) => fits(schema, one)) ?? ''
    case 'number':
    case 'integer':
      return Math.max(schema.minimum ?? 1, (schema.exclusiveMinimum ?? 0) + 1)
    case 'boolean':
      return true
    case 'null':
      return null
    case 'array':
      return schema.prefixItems
        ? schema.prefixItems.map((item) => inside(item))
        : [inside(schema.items || {})]
    case 'object':
      return Object.fromEntries(
        Object.entries(schema.properties ?? {}).map(([key, part]) => [key, inside(part, key)]),
      )
    default:
      return {}
  }
}

/** Whether a value is of the schema's type and pattern; a test holds the whole against the schema. */
function fits({ type, pattern, format }: JsonSchema, value: unknown): boolean {
  if (format !== undefined && format in FORMATS && format !== 'date') return false
  switch (type) {
    case undefined:
      return true
    case 'string':
      return typeof value === 'string' && new RegExp(pattern ?? '', 'u').test(value)
    case 'integer':
    case 'number':
      return typeof value === 'number'
    default:
      return false
  }
}
