import { z } from 'zod'

export type JsonSchema = Record<string, unknown>

/** Turns zod schemas into JSON Schema and gathers those with an `id` as components. */
export interface SchemaCollector {
  /** `input` for what callers send, `output` for what they get. */
  add(schema: z.ZodType, io: 'input' | 'output'): JsonSchema
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
      for (const [name, definition] of Object.entries($defs as Record<string, JsonSchema>)) {
        const { id: _id, ...component } = definition
        const known = named.get(name)
        if (known && JSON.stringify(known) !== JSON.stringify(component))
          throw new Error(`Two different schemas are named ${name}`)
        named.set(name, component)
      }
      return root
    },
    components: () => Object.fromEntries([...named].toSorted(([a], [b]) => (a < b ? -1 : 1))),
  }
}

function rewriteReferences(schema: object): JsonSchema {
  return JSON.parse(JSON.stringify(schema), (name, value: unknown) => {
    if (name !== '$ref' || typeof value !== 'string') return value
    if (!value.startsWith('#/$defs/')) throw new Error('A recursive schema needs an id')
    return value.replace('#/$defs/', '#/components/schemas/')
  }) as JsonSchema
}
