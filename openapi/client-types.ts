import type { JsonSchema } from '../src/http/openapi-schemas.ts'

/** Prints a schema as a TypeScript type: what TypeScript cannot say, such as patterns, is left out. */
export function typeOf(schema: JsonSchema): string {
  const { $ref, const: constant, enum: values, anyOf, oneOf, allOf, type } = schema
  if ($ref !== undefined) return nameOf($ref)
  if ('const' in schema) return JSON.stringify(constant)
  if (values) return union(values.map((value) => JSON.stringify(value)))
  const choice = anyOf ?? oneOf
  if (choice) return union(choice.map(typeOf))
  // Beside a type they only bound it, as two patterns do.
  if (allOf && type === undefined) return allOf.map((part) => `(${typeOf(part)})`).join(' & ')
  if (Array.isArray(type)) return union(type.map((one: string) => typeOf({ ...schema, type: one })))
  switch (type) {
    case 'string':
    case 'boolean':
    case 'null':
      return type
    case 'number':
    case 'integer':
      return 'number'
    case 'array':
      return arrayOf(schema)
    case 'object':
      return objectOf(schema)
    default:
      return schema.properties ? objectOf(schema) : 'unknown'
  }
}

/** The name of a component that a reference leads to. */
export function nameOf(ref: string): string {
  const name = ref.split('/').at(-1)!
  if (!/^[A-Z]\w*$/.test(name)) throw new Error(`${ref} is no name of a type`)
  return name
}

export function comment(text: string | undefined): string {
  return text === undefined || text === '' ? '' : `/** ${text.replaceAll('*/', '*\\/')} */\n`
}

function arrayOf({ items, prefixItems }: JsonSchema): string {
  const rest = items === undefined || items === false ? undefined : typeOf(items)
  if (!prefixItems) return `readonly (${rest ?? 'unknown'})[]`
  const parts = prefixItems.map(typeOf)
  return `readonly [${[...parts, ...(rest === undefined ? [] : [`...(${rest})[]`])].join(', ')}]`
}

function objectOf({
  properties = {},
  required = [],
  additionalProperties: more,
}: JsonSchema): string {
  const members = Object.entries(properties).map(([name, schema]) => {
    const key = /^[A-Za-z_]\w*$/.test(name) ? name : JSON.stringify(name)
    const optional = required.includes(name) ? '' : '?'
    return `${comment(schema.description)}readonly ${key}${optional}: ${typeOf(schema)}`
  })
  // An index signature has to admit the named members too.
  const open = typeof more === 'object' && members.length === 0 ? typeOf(more) : 'unknown'
  if (more !== false && (more !== undefined || members.length === 0))
    members.push(`readonly [member: string]: ${open}`)
  return members.length === 0 ? 'Record<string, never>' : `{\n${members.join('\n')}\n}`
}

function union(types: readonly string[]): string {
  return types.length === 0 ? 'never' : [...new Set(types)].map((one) => `(${one})`).join(' | ')
}
