import { z } from 'zod'
import { JsonError, parseStrictJson } from '../encoding/strict-json.ts'

/** A setting that an environment variable may give. */
export interface Variable {
  readonly name: string
  readonly path: readonly string[]
  readonly form: 'text' | 'number' | 'true or false' | 'JSON'
  readonly isRequired: boolean
  readonly byDefault: unknown
  readonly description: string
}

const PREFIX = 'CERTEX_'

/** Variables beside those of the settings, each with what it is for. */
export const OTHER_VARIABLES = {
  CERTEX_CONFIG: 'the configuration file, where --config is not given',
  CERTEX_PASSPHRASE: 'passphrase of the private keys; takes the place of passphraseFile',
  CERTEX_NODE: 'of commands that call a node: its public URL',
  CERTEX_CLIENT: 'of commands that call a node: id of the client system',
  CERTEX_KEY: 'of commands that call a node: file with the private JWK of the client system',
} as const

/** The variable of every setting of a schema: `listen.port` is `CERTEX_LISTEN_PORT`. */
export function variablesOf(
  schema: z.ZodObject,
  path: readonly string[] = [],
  isOptional = false,
): Variable[] {
  return Object.entries(schema.shape).flatMap(([name, member]) => {
    const type = innermost(member as z.ZodType)
    const here = [...path, name]
    const { description } = z.globalRegistry.get(member as z.ZodType) ?? {}
    // What is described is one setting; a group of settings is not.
    if (type instanceof z.ZodObject && description === undefined)
      return variablesOf(type, here, member instanceof z.ZodOptional)
    return [
      {
        name: PREFIX + here.map(upperSnake).join('_'),
        path: here,
        form: formOf(type),
        isRequired: !isOptional && !(member as z.ZodType).safeParse(undefined).success,
        byDefault: (member as z.ZodType).safeParse(undefined).data,
        description: description ?? '',
      },
    ]
  })
}

export interface GivenVariables {
  /** The settings that variables gave, by the names of the file. */
  readonly values: ReadonlyMap<Variable, unknown>
  readonly faults: readonly string[]
}

/** Reads the settings that the environment gives. A name that means nothing is a fault: it is a slip. */
export function readVariables(
  variables: readonly Variable[],
  environment: Readonly<Record<string, string | undefined>>,
): GivenVariables {
  const values = new Map<Variable, unknown>()
  const faults: string[] = []
  for (const [name, text] of Object.entries(environment)) {
    if (!name.startsWith(PREFIX) || Object.hasOwn(OTHER_VARIABLES, name)) continue
    const variable = variables.find((known) => known.name === name)
    if (!variable) {
      faults.push(`${name}: there is no such setting (certex config table lists them)`)
      continue
    }
    const value = valueOf(variable, text ?? '')
    if ('fault' in value) faults.push(`${name}: ${value.fault}`)
    else values.set(variable, value.value)
  }
  return { values, faults }
}

function valueOf({ form }: Variable, text: string): { value: unknown } | { fault: string } {
  switch (form) {
    case 'text':
      return { value: text }
    case 'number':
      return /^-?\d{1,15}$/.test(text) ? { value: Number(text) } : { fault: 'a whole number' }
    case 'true or false':
      return text === 'true' || text === 'false'
        ? { value: text === 'true' }
        : { fault: '`true` or `false`' }
    case 'JSON':
      try {
        return { value: parseStrictJson(new TextEncoder().encode(text)) }
      } catch (error) {
        if (error instanceof JsonError) return { fault: `JSON; ${error.message}` }
        throw error
      }
  }
}

function formOf(type: z.ZodType): Variable['form'] {
  if (type instanceof z.ZodNumber) return 'number'
  if (type instanceof z.ZodBoolean) return 'true or false'
  return type instanceof z.ZodObject || type instanceof z.ZodArray ? 'JSON' : 'text'
}

function innermost(type: z.ZodType): z.ZodType {
  return type instanceof z.ZodOptional || type instanceof z.ZodDefault
    ? innermost(type.unwrap() as z.ZodType)
    : type
}

function upperSnake(name: string): string {
  return name.replaceAll(/[A-Z]/g, '_$&').toUpperCase()
}
