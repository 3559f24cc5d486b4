import * as z from 'zod'

/** Says yes only if the schema takes the value, and as it is. No means: ask the schema. */
export type Acceptance = (value: unknown) => boolean

/**
 * A schema's quick yes. Walking a document by a schema makes a record of every member and, where
 * alternatives fail, an explanation that nobody reads; this walks it by the same schema and the same
 * checks of its texts and numbers, and makes nothing. What it does not know, it does not accept.
 */
export function acceptanceOf(schema: z.core.$ZodType): Acceptance {
  if (schema instanceof z.ZodString || schema instanceof z.ZodStringFormat)
    return acceptanceOfLeaf(schema, (value) => typeof value === 'string')
  if (schema instanceof z.ZodNumber)
    return acceptanceOfLeaf(schema, (value) => Number.isFinite(value))
  if (schema instanceof z.ZodEnum || schema instanceof z.ZodLiteral) {
    const values: ReadonlySet<unknown> | undefined = schema._zod.values
    return values && !hasChecks(schema) ? (value) => values.has(value) : NEVER
  }
  if (schema instanceof z.ZodArray) return acceptanceOfArray(schema)
  if (schema instanceof z.ZodObject) return acceptanceOfObject(schema)
  if (schema instanceof z.ZodUnion) return acceptanceOfUnion(schema)
  return NEVER
}

const NEVER: Acceptance = () => false

/** Checks that look at a value and at nothing else. */
const PLAIN_CHECKS: ReadonlySet<string> = new Set([
  'max_length',
  'min_length',
  'length_equals',
  'string_format',
  'number_format',
  'greater_than',
  'less_than',
])

function hasChecks(schema: z.core.$ZodType): boolean {
  return (schema._zod.def.checks ?? []).length > 0
}

/** The checks of a schema, the format's own among them; undefined if one of them is not plain. */
function checksOf(schema: z.core.$ZodType): Acceptance | undefined {
  const own = schema._zod.traits.has('$ZodCheck') ? [schema as unknown as z.core.$ZodCheck] : []
  const checks = [...own, ...(schema._zod.def.checks ?? [])]
  if (checks.some(({ _zod }) => !PLAIN_CHECKS.has(_zod.def.check))) return undefined
  const functions = checks.map(({ _zod }) => _zod.check as (asked: z.core.ParsePayload) => unknown)
  const asked: z.core.ParsePayload = { value: undefined, issues: [] }
  return (value) => {
    asked.value = value
    for (let i = 0; i < functions.length; i++) {
      functions[i]!(asked)
      if (asked.issues.length > 0 || asked.value !== value) {
        asked.issues = []
        return false
      }
    }
    return true
  }
}

function acceptanceOfLeaf(
  schema: z.ZodString | z.ZodStringFormat | z.ZodNumber,
  isOfType: Acceptance,
): Acceptance {
  const holds = checksOf(schema)
  if (!holds || (schema.def as { coerce?: boolean }).coerce) return NEVER
  return (value) => isOfType(value) && holds(value)
}

function acceptanceOfArray(schema: z.ZodArray): Acceptance {
  const accepts = acceptanceOf(schema.element)
  const holds = checksOf(schema)
  if (!holds) return NEVER
  return (value) => {
    if (!Array.isArray(value) || !holds(value)) return false
    for (const element of value as unknown[]) if (!accepts(element)) return false
    return true
  }
}

function acceptanceOfUnion(schema: z.ZodUnion): Acceptance {
  if (schema.def.inclusive === false || hasChecks(schema)) return NEVER
  const options = schema.options.map((option) => acceptanceOf(option))
  return (value) => {
    for (const accepts of options) if (accepts(value)) return true
    return false
  }
}

interface Member {
  readonly accepts: Acceptance
  readonly isRequired: boolean
}

function acceptanceOfObject(schema: z.ZodObject): Acceptance {
  const isClosed = schema.def.catchall instanceof z.ZodNever
  if (!isClosed || hasChecks(schema)) return NEVER
  const members = new Map<string, Member>()
  for (const [name, member] of Object.entries(schema.shape)) members.set(name, memberOf(member))
  const required = [...members.values()].filter(({ isRequired }) => isRequired).length
  return (value) => {
    if (typeof value !== 'object' || value === null) return false
    if (Object.getPrototypeOf(value) !== Object.prototype) return false
    let found = 0
    for (const name in value) {
      const member = members.get(name)
      if (!member || !member.accepts((value as Record<string, unknown>)[name])) return false
      if (member.isRequired) found++
    }
    return found === required
  }
}

/** Optional is only what may be absent: a member that is there holds a value. */
function memberOf(schema: z.core.$ZodType): Member {
  return schema instanceof z.ZodExactOptional
    ? { accepts: acceptanceOf(schema.unwrap()), isRequired: false }
    : { accepts: acceptanceOf(schema), isRequired: true }
}
