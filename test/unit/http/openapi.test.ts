import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { z } from 'zod'
import { openApiDocument, toYaml } from '../../../src/http/openapi.ts'
import { PROBLEMS } from '../../../src/http/problem-registry.ts'
import { problemsOf } from '../../../src/http/route-problems.ts'
import { declareRoute, type RouteDeclaration } from '../../../src/http/route.ts'
import { TOY_API, TOY_ROUTES } from './toy-app.ts'

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

  it('gives every problem a complete example', () => {
    for (const [slug, { value }] of Object.entries<{ value: unknown }>(
      document.components.examples,
    ))
      expect(value).toMatchObject({
        type: `https://node.gov.by/problems/${slug}`,
        status: PROBLEMS[slug as keyof typeof PROBLEMS].status,
      })
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
