/** Reads a schema by its path relative to the folder of all of them. */
export type SchemaFolder = (file: string) => unknown

type Schema = Readonly<Record<string, unknown>>
type Check = (value: unknown, argument: never, place: Place, schema: Schema) => string[]

/** The schema in hand and where the value stands. */
interface Place {
  readonly folder: SchemaFolder
  readonly file: string
  readonly path: string
}

/**
 * What a value breaks of a JSON Schema (draft 07), one clause each. Only the keywords of the ETSI schemas.
 * @throws {Error} at any other keyword: what is not understood is not passed over
 */
export function schemaFaults(folder: SchemaFolder, file: string, value: unknown): string[] {
  return faults(value, folder(file) as Schema, { folder, file, path: '' })
}

function faults(value: unknown, schema: Schema, place: Place): string[] {
  // Draft 07 has it that nothing counts beside a reference.
  if (typeof schema['$ref'] === 'string') return referred(value, schema['$ref'], place)
  return Object.entries(schema).flatMap(([keyword, argument]) => {
    if (ANNOTATIONS.includes(keyword)) return []
    const check = CHECKS[keyword]
    if (!check) throw new Error(`${place.file}: the keyword ${keyword} is not known here`)
    return check(value, argument as never, place, schema)
  })
}

function referred(value: unknown, reference: string, place: Place): string[] {
  const [file, pointer = ''] = reference.split('#') as [string, string?]
  const base = place.file.slice(0, place.file.lastIndexOf('/') + 1)
  const there = file === '' ? place.file : `${base}${file}`
  let schema = place.folder(there)
  for (const part of pointer.split('/').slice(1))
    schema = (schema as Schema)[decodeURIComponent(part)]
  if (!isObject(schema)) throw new Error(`${place.file}: ${reference} leads nowhere`)
  return faults(value, schema, { ...place, file: there })
}

/** They assert nothing by themselves. */
const ANNOTATIONS = ['$schema', 'definitions', 'contentEncoding', 'description']

const isObject = (value: unknown): value is Schema =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
const told = (place: Place, isRight: boolean, what: string) =>
  isRight ? [] : [`${place.path || 'the value'} ${what}`]
const below = (place: Place, name: string | number): Place => ({
  ...place,
  path: place.path ? `${place.path}/${name}` : String(name),
})

const TYPES: Readonly<Record<string, (value: unknown) => boolean>> = {
  object: isObject,
  array: Array.isArray,
  string: (value) => typeof value === 'string',
  number: (value) => typeof value === 'number',
  integer: Number.isInteger,
  boolean: (value) => typeof value === 'boolean',
}
const FORMATS: Readonly<Record<string, (text: string) => boolean>> = {
  uri: (text) => URL.canParse(text),
  'date-time': (text) => /^\d{4}-\d\d-\d\dT.*(Z|[+-]\d\d:\d\d)$/.test(text) && !!Date.parse(text),
}
const matching = (value: unknown, all: readonly Schema[], place: Place) =>
  all.filter((schema) => faults(value, schema, place).length === 0).length

const CHECKS: Readonly<Record<string, Check>> = {
  type: (value, type: string, place) => told(place, TYPES[type]!(value), `is not of type ${type}`),
  enum: (value, all: readonly unknown[], place) =>
    told(place, all.includes(value), 'is none of those listed'),
  format: (value, format: string, place) =>
    told(place, typeof value !== 'string' || FORMATS[format]!(value), `is no ${format}`),
  minItems: (value, least: number, place) =>
    told(place, !Array.isArray(value) || value.length >= least, `has fewer than ${least} items`),
  minProperties: (value, least: number, place) =>
    told(place, !isObject(value) || Object.keys(value).length >= least, 'has too few members'),
  maxProperties: (value, most: number, place) =>
    told(place, !isObject(value) || Object.keys(value).length <= most, 'has too many members'),
  required: (value, names: readonly string[], place) =>
    isObject(value)
      ? names.flatMap((name) => told(place, Object.hasOwn(value, name), `lacks ${name}`))
      : [],
  properties: (value, members: Readonly<Record<string, Schema>>, place) =>
    isObject(value)
      ? Object.entries(members)
          .filter(([name]) => Object.hasOwn(value, name))
          .flatMap(([name, schema]) => faults(value[name], schema, below(place, name)))
      : [],
  additionalProperties(value, permitted: boolean, place, schema) {
    if (permitted || !isObject(value)) return []
    const known = Object.keys(Object(schema['properties']) as object)
    return Object.keys(value).flatMap((name) =>
      told(place, known.includes(name), `has the foreign member ${name}`),
    )
  },
  items: (value, schema: Schema, place) =>
    Array.isArray(value)
      ? (value as unknown[]).flatMap((item, i) => faults(item, schema, below(place, i)))
      : [],
  allOf: (value, all: readonly Schema[], place) =>
    all.flatMap((schema) => faults(value, schema, place)),
  anyOf: (value, all: readonly Schema[], place) =>
    told(place, matching(value, all, place) > 0, 'is of none of the forms'),
  oneOf: (value, all: readonly Schema[], place) =>
    told(place, matching(value, all, place) === 1, 'is not of exactly one of the forms'),
  not: (value, schema: Schema, place) =>
    told(place, matching(value, [schema], place) === 0, 'is of a form that is excluded'),
}
