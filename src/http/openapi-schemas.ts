import { z } from 'zod'

/** The part of JSON Schema (2020-12) that the contract uses. */
export interface JsonSchema {
  readonly $ref?: string
  readonly title?: string
  readonly description?: string
  readonly type?: string | readonly string[]
  readonly const?: unknown
  readonly enum?: readonly unknown[]
  readonly anyOf?: readonly JsonSchema[]
  readonly oneOf?: readonly JsonSchema[]
  readonly allOf?: readonly JsonSchema[]
  readonly properties?: Readonly<Record<string, JsonSchema>>
  readonly required?: readonly string[]
  readonly additionalProperties?: boolean | JsonSchema
  readonly propertyNames?: JsonSchema
  readonly items?: JsonSchema | false
  readonly prefixItems?: readonly JsonSchema[]
  readonly minItems?: number
  readonly maxItems?: number
  readonly minLength?: number
  readonly maxLength?: number
  readonly pattern?: string
  readonly format?: string
  readonly minimum?: number
  readonly maximum?: number
  readonly exclusiveMinimum?: number
  readonly exclusiveMaximum?: number
  readonly multipleOf?: number
  readonly contentMediaType?: string
  readonly default?: unknown
  readonly examples?: readonly unknown[]
  /** What every line of an NDJSON body holds. */
  readonly 'x-itemSchema'?: JsonSchema
}

/** Turns zod schemas into JSON Schema and gathers those with an `id` as components. */
export interface SchemaCollector {
  /** `input` for what callers send, `output` for what they get. */
  add(schema: z.ZodType, io: 'input' | 'output'): JsonSchema
  /** The named schema that a reference leads to. */
  get(ref: string): JsonSchema
  /** Named schemas seen so far, by name. */
  components(): Record<string, JsonSchema>
}

/**
 * A collector for one document. One name stands for one schema: a schema that differs between input and
 * output (defaults, open objects) may not be named in both.
 */
export function createSchemaCollector(): SchemaCollector {
  const named = new Map<string, JsonSchema>()
  return {
    add(schema, io) {
      const { $schema: _, $defs = {}, ...root } = rewriteReferences(z.toJSONSchema(schema, { io }))
      for (const [name, definition] of Object.entries($defs)) {
        const { id: _id, ...component } = definition
        const known = named.get(name)
        if (known && JSON.stringify(known) !== JSON.stringify(component))
          throw new Error(`Two different schemas are named ${name}`)
        named.set(name, component)
      }
      return root
    },
    get(ref) {
      const found = named.get(ref.split('/').at(-1)!)
      if (!found) throw new Error(`${ref} leads nowhere`)
      return found
    },
    components: () => Object.fromEntries([...named].toSorted(([a], [b]) => (a < b ? -1 : 1))),
  }
}

interface Generated extends JsonSchema {
  readonly $schema?: string
  readonly $defs?: Readonly<Record<string, JsonSchema & { readonly id?: string }>>
}

function rewriteReferences(schema: object): Generated {
  return JSON.parse(JSON.stringify(schema), (name, value: unknown) => {
    if (name !== '$ref' || typeof value !== 'string') return value
    if (!value.startsWith('#/$defs/')) throw new Error('A recursive schema needs an id')
    return value.replace('#/$defs/', '#/components/schemas/')
  }) as Generated
}
