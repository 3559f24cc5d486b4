import { stringify } from 'yaml'
import type { z } from 'zod'
import { acceptedBy } from './body.ts'
import { ANY_MEDIA_TYPE, FORM_MEDIA_TYPE, JSON_MEDIA_TYPE } from './media-type.ts'
import { createSchemaCollector, type SchemaCollector } from './openapi-schemas.ts'
import type {
  Content,
  OpenApiDocument,
  OperationObject,
  ParameterObject,
  ResponseObject,
  TagObject,
} from './openapi-document.ts'
import { examplesOf } from './openapi-examples.ts'
import {
  PROBLEM_COMPONENTS,
  problemExample,
  problemResponseName,
  problemResponseObject,
  problemSchemas,
} from './openapi-problems.ts'
import { SECURITY_SCHEMES, securityOf } from './openapi-security.ts'
import { PROBLEM_SLUGS, PROBLEMS, type ProblemSlug } from './problem-registry.ts'
import { problemsOf } from './route-problems.ts'
import type { AnswerDeclaration, BodyDeclaration, RouteDeclaration } from './route.ts'

/** What an OpenAPI document says beside its operations. */
export interface ApiDescription {
  title: string
  version: string
  description: string
  license: { name: string; identifier: string }
  servers: readonly [ApiServer, ...ApiServer[]]
  /** In the order in which documentation shows them. */
  tags: readonly TagObject[]
}

export interface ApiServer {
  url: string
  description: string
}

/** Writes the OpenAPI 3.1 document of the routes; the order in which they are given does not matter. */
export function openApiDocument(
  routes: readonly RouteDeclaration[],
  api: ApiDescription,
): OpenApiDocument {
  const schemas = createSchemaCollector()
  const responses = new Map<string, readonly ProblemSlug[]>()
  const paths: Record<string, Record<string, OperationObject>> = {}
  for (const route of routes.toSorted(byPathAndMethod)) {
    const path = route.path.replace(/\*\}$/, '}')
    paths[path] = { ...paths[path], [route.method]: operation(route, schemas, responses) }
  }
  const { title, version, description, license, servers, tags } = api
  const slugs = PROBLEM_SLUGS.filter((slug) => [...responses.values()].flat().includes(slug))
  return {
    openapi: '3.1.0',
    info: { title, version, description, license },
    servers,
    tags,
    paths,
    components: {
      securitySchemes: SECURITY_SCHEMES,
      headers: PROBLEM_COMPONENTS.headers,
      schemas: {
        ...PROBLEM_COMPONENTS.schemas,
        ...problemSchemas(slugs, schemas),
        ...schemas.components(),
      },
      responses: Object.fromEntries(
        [...responses]
          .toSorted(([a], [b]) => (a < b ? -1 : 1))
          .map(([name, named]) => [name, problemResponseObject(named)]),
      ),
      examples: Object.fromEntries(
        slugs.map((slug) => [slug, problemExample(slug, servers[0].url)]),
      ),
    },
  }
}

export function toYaml(document: OpenApiDocument): string {
  return stringify(document, { lineWidth: 0, aliasDuplicateObjects: false })
}

function byPathAndMethod(a: RouteDeclaration, b: RouteDeclaration): number {
  const order = ['get', 'post', 'put', 'patch', 'delete']
  if (a.path !== b.path) return a.path < b.path ? -1 : 1
  return order.indexOf(a.method) - order.indexOf(b.method)
}

function operation(
  route: RouteDeclaration,
  schemas: SchemaCollector,
  responses: Map<string, readonly ProblemSlug[]>,
): OperationObject {
  const parameters = [
    ...parametersOf(route.params, 'path', schemas),
    ...parametersOf(route.query, 'query', schemas),
    ...parametersOf(route.requestHeaders, 'header', schemas),
  ]
  return {
    operationId: route.operationId,
    summary: route.summary,
    ...(route.description !== undefined && { description: route.description }),
    tags: route.tags,
    'x-callers': route.callers,
    security: securityOf(route),
    ...(parameters.length > 0 && { parameters }),
    ...(route.body && { requestBody: requestBody(route.body, schemas) }),
    responses: { ...answersOf(route, schemas), ...refusalsOf(route, responses) },
  }
}

function parametersOf(
  schema: RouteDeclaration['params'],
  place: 'path' | 'query' | 'header',
  schemas: SchemaCollector,
): ParameterObject[] {
  if (!schema) return []
  const { required } = schemas.add(schema, 'input')
  return Object.keys(schema.shape).map((name) => {
    const { description, ...parameter } = schemas.add(schema.shape[name], 'input')
    return {
      name,
      in: place,
      ...(description !== undefined && { description }),
      required: place === 'path' || (required?.includes(name) ?? false),
      schema: parameter,
    }
  })
}

function requestBody(
  body: BodyDeclaration,
  schemas: SchemaCollector,
): NonNullable<OperationObject['requestBody']> {
  const parsed: Readonly<Record<string, z.ZodType | undefined>> = {
    [JSON_MEDIA_TYPE]: body.json,
    [FORM_MEDIA_TYPE]: body.form,
  }
  const content = acceptedBy(body).map((mediaType) => {
    const schema = parsed[mediaType]
    if (!schema) return [mediaType, rawContent(mediaType, schemas, body.lines, 'input')]
    const json = schemas.add(schema, 'input')
    return [mediaType, { schema: json, examples: examplesOf(json, schemas.get, body.examples) }]
  })
  return {
    required: true,
    description: `At most ${body.maxBytes} bytes.`,
    content: Object.fromEntries(content) as Content,
  }
}

function answersOf(
  { answers }: RouteDeclaration,
  schemas: SchemaCollector,
): Record<string, ResponseObject> {
  return Object.fromEntries(
    Object.entries(answers).map(([status, answer]) => {
      const content = contentOf(answer, schemas)
      const headers = Object.entries(answer.headers ?? {}).map(([name, description]) => [
        name,
        { description, schema: { type: 'string' } },
      ])
      return [
        status,
        {
          description: answer.description,
          headers: {
            'Request-Id': { $ref: '#/components/headers/Request-Id' },
            ...(Object.fromEntries(headers) as ResponseObject['headers']),
          },
          ...(content && { content }),
        },
      ]
    }),
  )
}

function contentOf(answer: AnswerDeclaration, schemas: SchemaCollector): Content | undefined {
  if ('schema' in answer && answer.schema) {
    const schema = schemas.add(answer.schema, 'output')
    const examples = examplesOf(schema, schemas.get, answer.examples)
    return { [JSON_MEDIA_TYPE]: { schema, examples } }
  }
  if ('mediaTypes' in answer && answer.mediaTypes)
    return Object.fromEntries(
      answer.mediaTypes.map((type) => [type, rawContent(type, schemas, answer.lines, 'output')]),
    )
  return undefined
}

/** One response per status, a component named by the problems it may carry. */
function refusalsOf(route: RouteDeclaration, responses: Map<string, readonly ProblemSlug[]>) {
  const possible = new Set(problemsOf(route))
  const byStatus = new Map<number, ProblemSlug[]>()
  for (const slug of PROBLEM_SLUGS.filter((known) => possible.has(known))) {
    const { status } = PROBLEMS[slug]
    if (status in route.answers)
      throw new Error(`${route.operationId} both answers and refuses with ${status}`)
    byStatus.set(status, [...(byStatus.get(status) ?? []), slug])
  }
  return Object.fromEntries(
    [...byStatus].map(([status, slugs]) => {
      const name = problemResponseName(slugs)
      responses.set(name, slugs)
      return [String(status), { $ref: `#/components/responses/${name}` }]
    }),
  )
}

/** OpenAPI 3.1 cannot say what a line holds; 3.2 calls it `itemSchema`. */
function rawContent(
  mediaType: string,
  schemas: SchemaCollector,
  lines: z.ZodType | undefined,
  io: 'input' | 'output',
): Content[string] {
  if (mediaType === ANY_MEDIA_TYPE) return { schema: { type: 'string' } }
  const schema = { type: 'string', contentMediaType: mediaType } as const
  if (!lines) return { schema }
  const line = schemas.add(lines, io)
  const examples = Object.entries(examplesOf(line, schemas.get, undefined)).map(
    ([name, { value }]) => [name, { value: `${JSON.stringify(value)}\n` }],
  )
  return {
    schema: { ...schema, description: 'One JSON object a line', 'x-itemSchema': line },
    examples: Object.fromEntries(examples) as NonNullable<Content[string]['examples']>,
  }
}
