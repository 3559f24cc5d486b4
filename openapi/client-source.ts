import type {
  OpenApiDocument,
  OperationObject,
  ParameterObject,
} from '../src/http/openapi-document.ts'
import { resolveReference } from '../src/http/openapi-document.ts'
import type { JsonSchema } from '../src/http/openapi-schemas.ts'
import { isText, type Operation } from './client-runtime.ts'
import { comment, nameOf, typeOf } from './client-types.ts'

interface Described {
  readonly declared: OperationObject
  readonly operation: Operation
}

const PLACES = { params: 'path', query: 'query', headers: 'header' } as const

/**
 * The TypeScript client of a document: one file without imports, to be copied as it is.
 *
 * @param runtime text of `client-runtime.ts`
 */
export function clientSource(document: OpenApiDocument, runtime: string): string {
  const { info, components } = document
  const described = operationsOf(document)
  const interfaces = described.flatMap(({ declared, operation }) => [
    `export type ${typeName(declared)}Input = ${inputOf(declared)}\n`,
    `export type ${typeName(declared)}Answer = ${answerOf(declared, operation, document)}\n`,
  ])
  const schemas = Object.entries(components.schemas).map(
    ([name, schema]) => `${comment(schema.description)}export type ${name} = ${typeOf(schema)}\n`,
  )
  const table = described.map(
    ({ declared: { operationId }, operation }) => `${operationId}: ${JSON.stringify(operation)},`,
  )
  refuseDuplicates([...schemas, ...interfaces, runtime].join('\n'))
  return [
    `// The client of ${info.title}, generated from openapi.yaml by \`npm run openapi\`: do not edit.`,
    '// It needs nothing but fetch: copy it.',
    runtime,
    ...schemas,
    ...interfaces,
    `/** Every operation by its operationId. */\nexport const OPERATIONS = {\n${table.join('\n')}\n} as const satisfies Record<string, Operation>\n`,
    'export type OperationId = keyof typeof OPERATIONS\n',
    `/** One method per operation; a problem is an answer, not an exception. */\nexport interface Client {\n${described.map(methodOf).join('\n')}\n}\n`,
    CREATE_CLIENT,
  ].join('\n')
}

const CREATE_CLIENT = `/** A client of one node. */
export function createClient(options: ClientOptions): Client {
  const methods = Object.entries(OPERATIONS).map(([id, operation]) => [
    id,
    (input?: Input, signal?: AbortSignal) => send(options, operation, input, signal),
  ])
  return Object.fromEntries(methods) as Client
}
`

export function operationsOf(document: OpenApiDocument): Described[] {
  return Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, declared]) => ({
      declared,
      operation: {
        method: method.toUpperCase(),
        path,
        summary: declared.summary,
        token: declared.security.some((scheme) => 'accessToken' in scheme),
        params: namesIn(declared, 'path'),
        query: namesIn(declared, 'query'),
        headers: namesIn(declared, 'header'),
        body: Object.keys(declared.requestBody?.content ?? {}),
        answers: Object.fromEntries(
          Object.entries(declared.responses).map(([status, response]) => [
            status,
            Object.keys(resolveReference(document, response).content ?? {}),
          ]),
        ),
      },
    })),
  )
}

function namesIn({ parameters = [] }: OperationObject, place: ParameterObject['in']): string[] {
  return parameters.filter(({ in: where }) => where === place).map(({ name }) => name)
}

/** Path, query and header parameters, and the body in one of its media types. */
function inputOf({ parameters = [], requestBody }: OperationObject): string {
  const members = Object.entries(PLACES).flatMap(([member, place]) => {
    const own = parameters.filter(({ in: where }) => where === place)
    if (own.length === 0) return []
    const optional = own.some(({ required }) => required) ? '' : '?'
    const schema: JsonSchema = {
      type: 'object',
      properties: Object.fromEntries(
        own.map(({ name, description, schema: of }) => [
          name,
          { ...of, ...(description !== undefined && { description }) },
        ]),
      ),
      required: own.filter(({ required }) => required).map(({ name }) => name),
      additionalProperties: false,
    }
    return [`readonly ${member}${optional}: ${typeOf(schema)}`]
  })
  const bodies = Object.entries(requestBody?.content ?? {}).map(([mediaType, { schema }], i) => {
    const which = `readonly contentType${i === 0 ? '?' : ''}: ${JSON.stringify(mediaType)}`
    return `{ ${which}; readonly body: ${bodyOf(mediaType, schema)} }`
  })
  const parts = [
    ...(members.length > 0 ? [`{ ${members.join('; ')} }`] : []),
    ...(bodies.length > 0 ? [`(${bodies.join(' | ')})`] : []),
  ]
  return parts.length > 0 ? parts.join(' & ') : 'Record<string, never>'
}

function bodyOf(mediaType: string, schema: JsonSchema): string {
  if (mediaType === 'application/x-ndjson') return `${linesOf(schema)} | Raw`
  return isRaw(schema) ? 'Raw' : typeOf(schema)
}

function answerOf(
  { responses }: OperationObject,
  { answers }: Operation,
  document: OpenApiDocument,
): string {
  return Object.keys(answers)
    .map((status) => {
      const content = Object.entries(resolveReference(document, responses[status]!).content ?? {})
      const bodies = content.map(([mediaType, { schema }]) => answerBody(mediaType, schema))
      return `Answer<${status}, ${bodies.length === 0 ? 'undefined' : [...new Set(bodies)].join(' | ')}>`
    })
    .join(' | ')
}

function answerBody(mediaType: string, schema: JsonSchema): string {
  if (mediaType === 'application/x-ndjson') return linesOf(schema)
  if (!isRaw(schema)) return typeOf(schema)
  return isText(mediaType) ? 'string' : 'Uint8Array<ArrayBuffer>'
}

function linesOf({ 'x-itemSchema': line = {} }: JsonSchema): string {
  return `readonly (${typeOf(line)})[]`
}

function isRaw(schema: JsonSchema): boolean {
  return schema.contentMediaType !== undefined
}

function methodOf({ declared }: Described): string {
  const { operationId, summary, description, parameters = [], requestBody } = declared
  const needed = requestBody !== undefined || parameters.some(({ required }) => required)
  const name = typeName(declared)
  const text = description === undefined ? summary : `${summary}. ${description}`
  return `${comment(text)}${operationId}(input${needed ? '' : '?'}: ${name}Input, signal?: AbortSignal): Promise<${name}Answer>`
}

function typeName({ operationId }: OperationObject): string {
  return nameOf(`${operationId.charAt(0).toUpperCase()}${operationId.slice(1)}`)
}

/** One name may not stand for two types: a component could be called as the client's own are. */
function refuseDuplicates(text: string): void {
  const names = [
    ...text.matchAll(/^export (?:async )?(?:type|interface|class|function|const) (\w+)/gm),
  ].map(([, name]) => name!)
  const twice = names.find((name, i) => names.indexOf(name) !== i)
  if (twice !== undefined) throw new Error(`Two types of the client are named ${twice}`)
}
