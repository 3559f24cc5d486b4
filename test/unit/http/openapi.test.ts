import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { z } from 'zod'
import type { Content, ResponseObject } from '../../../src/http/openapi-document.ts'
import { openApiDocument, toYaml } from '../../../src/http/openapi.ts'
import { PROBLEMS, type ProblemSlug } from '../../../src/http/problem-registry.ts'
import { extensionOf } from '../../../src/http/problem-extensions.ts'
import { problemSchemaName } from '../../../src/http/openapi-problems.ts'
import { problemsOf } from '../../../src/http/route-problems.ts'
import { declareRoute, type RouteDeclaration } from '../../../src/http/route.ts'
import { CONTRACT, OPERATIONS, ROUTES } from '../../support/contract.ts'
import { TOY_API, TOY_ROUTES } from './toy-app.ts'

/** Closed, so that an example has no member that the contract does not tell of. */
const AnyProblem = z.strictObject({
  type: z.url(),
  title: z.string(),
  status: z.int(),
  instance: z.string(),
})

const root = resolve(import.meta.dirname, '../../..')
const text = toYaml(openApiDocument(TOY_ROUTES, TOY_API))
const document = parse(text)

function lint(yaml: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'exc-'))
  const file = join(folder, 'openapi.yaml')
  writeFileSync(file, yaml)
  try {
    const args = ['lint', '--config', join(root, 'redocly.yaml'), '--format', 'json', file]
    return execFileSync(join(root, 'node_modules/.bin/redocly'), args, {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
      env: { ...process.env, REDOCLY_TELEMETRY: 'off', REDOCLY_SUPPRESS_UPDATE_NOTICE: 'true' },
    })
  } catch (error) {
    return (error as { stdout: string }).stdout
  } finally {
    rmSync(folder, { recursive: true })
  }
}

describe('the OpenAPI document', () => {
  it('lints without errors and warnings, and the linter does find a planted one', () => {
    const { totals, problems } = JSON.parse(lint(text)) as Record<string, unknown>
    expect({ totals, problems }).toEqual({
      totals: { errors: 0, warnings: 0, ignored: 0 },
      problems: [],
    })
    const broken = JSON.parse(
      lint(text.replace('#/components/schemas/Toy', '#/components/schemas/Tot')),
    )
    expect(broken.totals.errors).toBeGreaterThan(0)
  })

  it('has every route, its callers, and how they authenticate', () => {
    for (const route of TOY_ROUTES as RouteDeclaration[]) {
      const operation = document.paths[route.path.replace('*}', '}')][route.method]
      expect(operation.operationId).toBe(route.operationId)
      expect(operation['x-callers']).toEqual(route.callers)
    }
    const security = (path: string, method: string) => document.paths[path][method].security
    expect(security('/v1/toys', 'post')).toEqual([{ accessToken: [] }])
    expect(security('/v1/toys/{id}', 'get')).toEqual([{ accessToken: [] }, {}])
    expect(security('/exchange/v1/toys', 'post')).toEqual([{ httpSignature: [] }])
    expect(security('/oauth/token', 'post')).toEqual([])
  })

  it('has for every route exactly the problems it can answer with', () => {
    for (const route of TOY_ROUTES as RouteDeclaration[]) {
      const { responses } = document.paths[route.path.replace('*}', '}')][route.method]
      const named = Object.values(responses as Record<string, { $ref?: string }>).flatMap(
        ({ $ref }) => {
          if (!$ref) return []
          const response = document.components.responses[$ref.split('/').at(-1)!]
          return Object.keys(response.content['application/problem+json'].examples)
        },
      )
      expect(named.toSorted()).toEqual(problemsOf(route).toSorted())
    }
  })

  it('gives every problem a complete example, with the members it really has', () => {
    const examples = Object.entries<{ value: object }>(document.components.examples)
    expect(examples.length).toBeGreaterThan(15)
    for (const [key, { value }] of examples) {
      const slug = key as ProblemSlug
      expect(value).toMatchObject({
        type: `https://node.gov.by/problems/${slug}`,
        status: PROBLEMS[slug].status,
      })
      const { members } = extensionOf(slug) ?? { members: z.object({}) }
      expect(AnyProblem.extend(members.shape).safeParse(value), slug).toMatchObject({
        success: true,
      })
      const schema = document.components.schemas[problemSchemaName(slug)]
      expect(schema?.allOf?.[0] ?? { $ref: '#/components/schemas/Problem' }, slug).toEqual({
        $ref: '#/components/schemas/Problem',
      })
    }
  })

  it('keeps named schemas closed and in one place', () => {
    expect(document.components.schemas.Toy.additionalProperties).toBe(false)
    const content = document.paths['/v1/toys'].post.requestBody.content
    expect(content['application/json'].schema).toEqual({ $ref: '#/components/schemas/Toy' })
    expect(content['application/jose'].schema).toEqual({
      type: 'string',
      contentMediaType: 'application/jose',
    })
    expect(text).not.toContain('$defs')
  })

  it('does not depend on the order of the routes', () => {
    expect(toYaml(openApiDocument(TOY_ROUTES.toReversed(), TOY_API))).toBe(text)
    expect(text).not.toMatch(/[&*]a\d/)
  })

  it('refuses one name for two schemas', () => {
    const named = (schema: z.ZodType) => schema.meta({ id: 'Thing' })
    const route = (operationId: string, path: `/${string}`, schema: z.ZodType) =>
      declareRoute({
        operationId,
        method: 'get',
        path,
        summary: 'x',
        tags: ['toys'],
        callers: ['public'],
        answers: { 200: { description: 'x', schema } },
        problems: [],
      })
    const routes = [route('a', '/a', named(z.string())), route('b', '/b', named(z.number()))]
    expect(() => openApiDocument(routes, TOY_API)).toThrow()
  })
})

describe('the contract of a node', () => {
  const operationOf = ({ path, method }: RouteDeclaration) =>
    CONTRACT.paths[path.replace(/\*\}$/, '}')]![method]!
  const valuesOf = (content: Content[string] | undefined) =>
    Object.values(content?.examples ?? {}).map((example) => (example as { value: unknown }).value)
  const complaints = (schema: z.ZodType, value: unknown) =>
    schema.safeParse(value).error?.issues.map(({ path, message }) => `${path.join('.')} ${message}`)

  it('covers the whole surface', () => {
    expect(ROUTES.length).toBeGreaterThanOrEqual(28)
  })

  it.each(ROUTES.map((route) => [route.operationId, route] as const))(
    '%s has examples of what it takes, and they are taken',
    (_, route) => {
      const { requestBody } = operationOf(route)
      const { json, form, lines } = route.body ?? {}
      for (const [mediaType, schema] of [
        ['application/json', json],
        ['application/x-www-form-urlencoded', form],
      ] as const) {
        const values = valuesOf(requestBody?.content[mediaType])
        if (schema) expect(values.length).toBeGreaterThan(0)
        for (const value of values) expect(complaints(schema!, value)).toBeUndefined()
      }
      if (!lines) return
      const [text] = valuesOf(requestBody?.content['application/x-ndjson']) as [string]
      expect(complaints(lines, JSON.parse(text))).toBeUndefined()
    },
  )

  it.each(ROUTES.map((route) => [route.operationId, route] as const))(
    '%s has examples of every answer, and they are answers',
    (_, route) => {
      for (const [status, answer] of Object.entries(route.answers)) {
        const response = operationOf(route).responses[status] as ResponseObject
        if ('schema' in answer && answer.schema) {
          const values = valuesOf(response.content?.['application/json'])
          expect(values.length, status).toBeGreaterThan(0)
          for (const value of values)
            expect(complaints(answer.schema, value), `${status} ${JSON.stringify(value)}`).toBe(
              undefined,
            )
        }
      }
    },
  )

  it('speaks of real things in its examples', () => {
    const empty: string[] = []
    const look = (value: unknown, where: string): void => {
      if (value === 'text' || value === '') empty.push(where)
      else if (typeof value === 'object' && value !== null)
        for (const [name, part] of Object.entries(value)) look(part, `${where}/${name}`)
    }
    for (const { operationId, requestBody, responses } of OPERATIONS)
      for (const { content = {} } of [requestBody ?? {}, ...Object.values(responses)] as {
        content?: Content
      }[])
        for (const kind of Object.values(content)) look(valuesOf(kind), operationId)
    // A member of an unknown name: give its schema an example, or tell `openapi-examples.ts` of it.
    expect(empty).toEqual([])
  })

  it('has no example that could be taken for a signed document', () => {
    const text = JSON.stringify(CONTRACT)
    expect(text).toContain('eyJ')
    expect(text).not.toMatch(/eyJ[\w-]{20,}\.[\w-]{20,}\.[\w-]{20,}/)
  })
})
