import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { mount } from '../../../src/http/mount.ts'
import { problemsOf } from '../../../src/http/route-problems.ts'
import { declareRoute, type RouteDeclaration } from '../../../src/http/route.ts'
import { createToyApp, getTile, getToy, listToys, makeToy, pushToys } from './toy-app.ts'

const good: RouteDeclaration = {
  operationId: 'x',
  method: 'post',
  path: '/x/{id}',
  summary: 'x',
  tags: [],
  callers: ['issuer'],
  params: z.strictObject({ id: z.string() }),
  answers: { 204: { description: 'done' } },
  problems: [],
}

describe('declaring a route', () => {
  it('accepts a consistent one', () => {
    expect(declareRoute(good)).toBe(good)
  })

  it.each<[string, Partial<RouteDeclaration>]>([
    ['a parameter that is not checked', { path: '/x/{id}/{other}' }],
    ['a check without parameter', { path: '/x' }],
    ['a path parameter named twice', { path: '/x/{id}/{id}' }],
    ['a wildcard in the middle', { path: '/x/{id*}/y' }],
    ['Hono notation', { path: '/x/:id' }],
    ['a query open for unknown parameters', { query: z.object({ q: z.string() }) }],
    ['path parameters open for others', { params: z.object({ id: z.string() }) }],
    ['an open JSON body', { body: { json: z.looseObject({}), maxBytes: 1 } }],
    ['a caller named twice', { callers: ['issuer', 'issuer'] }],
    ['no answer', { answers: {} }],
    ['a GET with a body', { method: 'get', body: { raw: ['a/b'], maxBytes: 1 } }],
    ['a body of no media type', { body: { maxBytes: 1 } }],
    ['a body of no size', { body: { raw: ['a/b'], maxBytes: 0 } }],
  ])('refuses %s', (_, change) => {
    expect(() => declareRoute({ ...good, ...change })).toThrow()
  })

  it('refuses to mount an operation or an address twice', () => {
    const { app } = createToyApp()
    const again = (change: Partial<RouteDeclaration>) => () =>
      mount(app, { ...good, ...change }, () => ({ status: 204 }))
    expect(again({ operationId: 'makeToy' })).toThrow('mounted twice')
    expect(again({ method: 'get', path: '/v1/toys' })).toThrow('mounted twice')
    expect(again({})).not.toThrow()
  })

  it('answers with an undeclared status as little as with an undeclared body', async () => {
    const { app, faults } = createToyApp()
    const route = declareRoute({ ...good, path: '/free', params: undefined!, callers: ['public'] })
    mount(app, route, () => ({ status: 200 }))
    expect((await app.hono.request('/free', { method: 'POST' })).status).toBe(500)
    expect(String(faults[0]?.error)).toContain('undeclared 200')
  })
})

it('binds handlers by the types of the declaration', () => {
  const { app } = createToyApp()
  const toy = declareRoute({
    ...makeToy,
    operationId: 'typed',
    path: '/typed/{id}',
    params: z.strictObject({ id: z.string() }),
  })
  mount(app, toy, ({ params, query, caller, body }) => {
    const id: string = params.id
    const none: undefined = query
    const role: 'issuer' = caller.role
    // @ts-expect-error: the body may be raw bytes
    void body.name
    void [id, none, role]
    return { status: 204 }
  })
  const other = { ...toy, operationId: 'other', path: '/other/{id}' } as const
  // @ts-expect-error: an undeclared status
  mount(app, other, () => ({ status: 202 }))
  const wrongBody = { ...toy, operationId: 'body', path: '/body/{id}' } as const
  // @ts-expect-error: the declared status with another body
  mount(app, wrongBody, () => ({ status: 201, body: { name: 1 } }))
  const wrongHeader = { ...toy, operationId: 'header', path: '/header/{id}' } as const
  // @ts-expect-error: an undeclared header
  mount(app, wrongHeader, () => ({ status: 204, headers: { ETag: 'x' } }))
})

describe('the problems of a route', () => {
  it('are those of the framework and of the handler', () => {
    expect(problemsOf(getTile)).toEqual([
      'unexpected-body',
      'invalid-parameter',
      'too-many-requests',
      'internal',
    ])
    expect(problemsOf(listToys)).toEqual([
      'unexpected-body',
      'invalid-token',
      'unauthenticated',
      'forbidden',
      'invalid-parameter',
      'too-many-requests',
      'internal',
    ])
    expect(problemsOf(getToy)).toContain('not-acceptable')
    expect(problemsOf(getToy)).not.toContain('forbidden')
    expect(problemsOf(makeToy)).toContain('certificate-exists')
    expect(problemsOf(pushToys)).toContain('message-replayed')
    expect(problemsOf(pushToys)).toContain('invalid-token')
    expect(problemsOf(pushToys)).not.toContain('unauthenticated')
  })
})
