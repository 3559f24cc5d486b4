import type { JsonSchema } from './openapi-schemas.ts'

/** The part of an OpenAPI 3.1 document that this node writes, for those who read it. */
export interface OpenApiDocument {
  readonly openapi: '3.1.0'
  readonly info: {
    readonly title: string
    readonly version: string
    readonly description: string
    readonly license: { readonly name: string; readonly identifier: string }
  }
  readonly servers: readonly { readonly url: string; readonly description: string }[]
  readonly tags: readonly TagObject[]
  readonly paths: Readonly<Record<string, Readonly<Record<string, OperationObject>>>>
  readonly components: {
    readonly securitySchemes: Readonly<Record<string, { readonly description: string }>>
    readonly headers: Readonly<Record<string, HeaderObject>>
    readonly schemas: Readonly<Record<string, JsonSchema>>
    readonly responses: Readonly<Record<string, ResponseObject>>
    readonly examples: Readonly<Record<string, ExampleObject>>
  }
}

export interface TagObject {
  readonly name: string
  readonly description: string
  /** The same in Russian. */
  readonly 'x-ru'?: { readonly name: string; readonly description: string }
}

export interface Reference {
  readonly $ref: string
}

export interface OperationObject {
  readonly operationId: string
  readonly summary: string
  readonly description?: string
  readonly tags: readonly string[]
  /** The roles that may call. */
  readonly 'x-callers': readonly string[]
  readonly security: readonly Readonly<Record<string, readonly []>>[]
  readonly parameters?: readonly ParameterObject[]
  readonly requestBody?: {
    readonly required: true
    readonly description: string
    readonly content: Content
  }
  readonly responses: Readonly<Record<string, ResponseObject | Reference>>
}

export interface ParameterObject {
  readonly name: string
  readonly in: 'path' | 'query' | 'header'
  readonly description?: string
  readonly required: boolean
  readonly schema: JsonSchema
}

export interface ResponseObject {
  readonly description: string
  readonly headers?: Readonly<Record<string, HeaderObject | Reference>>
  readonly content?: Content
}

export interface HeaderObject {
  readonly description: string
  readonly schema: JsonSchema
}

/** Schema and examples by media type. */
export type Content = Readonly<
  Record<
    string,
    {
      readonly schema: JsonSchema
      readonly examples?: Readonly<Record<string, ExampleObject | Reference>>
    }
  >
>

export interface ExampleObject {
  readonly summary?: string
  readonly description?: string
  readonly value: unknown
}

/** What a reference of this document leads to. */
export function resolveReference<T extends object>(
  document: OpenApiDocument,
  value: T | Reference,
): T {
  if (!('$ref' in value)) return value
  const [, , kind, name] = value.$ref.split('/')
  const components: Readonly<Record<string, Readonly<Record<string, unknown>>>> =
    document.components
  const found = components[kind ?? '']?.[name ?? '']
  if (found === undefined) throw new Error(`${value.$ref} leads nowhere`)
  return found as T
}
