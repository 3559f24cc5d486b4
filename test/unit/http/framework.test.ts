import fc from 'fast-check'
import { afterEach, describe, expect, it } from 'vitest'
import { ROLES } from '../../../src/http/caller.ts'
import { createToyApp, TOY } from './toy-app.ts'

const { app, faults } = createToyApp()
afterEach(() => void faults.splice(0))

const JSON_TYPE = { 'Content-Type': 'application/json' }

async function call(method: string, path: string, init: RequestInit & { as?: string } = {}) {
  const { as, headers, ...rest } = init
  const request = new Headers(headers)
  if (as === 'peer') request.set('Signature', 'peer')
  else if (as && as !== 'public') request.set('Authorization', `Bearer ${as}`)
  const response = await app.hono.request(path, { method, headers: request, ...rest })
  const text = await response.text()
  const type = response.headers.get('content-type')
  const body =
    type?.includes('json') && text ? (JSON.parse(text) as Record<string, unknown>) : undefined
  const slug = String(body?.['type'] ?? '').split('/problems/')[1] ?? 'none'
  return { status: response.status, headers: response.headers, text, body, slug }
}

const make = (body: BodyInit, headers: Record<string, string> = JSON_TYPE, as = 'issuer') =>
  call('POST', '/v1/toys', { as, headers, body })

describe('a declared route', () => {
  it('reaches its handler with typed parts and answers as declared', async () => {
    const { status, headers, body } = await make(TOY)
    expect(status).toBe(201)
    expect(body).toEqual(JSON.parse(TOY))
    expect(headers.get('location')).toBe('/v1/toys/ball')
    expect(headers.get('content-type')).toBe('application/json')
  })

  it('hands over the bytes of a raw media type', async () => {
    expect((await make('a.b.c', { 'Content-Type': 'application/jose' })).status).toBe(204)
  })

  it('takes a form where it declares one, and ignores what the schema lets pass', async () => {
    const headers = { 'Content-Type': 'application/x-www-form-urlencoded' }
    const ask = (body: string) => call('POST', '/oauth/token', { headers, body })
    expect((await ask('grant_type=client_credentials&x=1')).status).toBe(200)
    expect((await ask('grant_type=client_credentials&grant_type=x')).slug).toBe('invalid-body')
    expect((await ask('grant_type=%zz')).slug).toBe('invalid-body')
  })

  it('sends security headers and a request id with everything', async () => {
    for (const path of ['/v1/toys', '/v1/toys/x', '/nowhere']) {
      const { headers } = await call('GET', path)
      expect(headers.get('x-content-type-options')).toBe('nosniff')
      expect(headers.get('content-security-policy')).toContain("default-src 'none'")
      expect(headers.get('referrer-policy')).toBe('no-referrer')
      expect(headers.get('request-id')).toMatch(/^[0-9a-f-]{36}$/)
    }
  })

  it('is not stored unless it says so', async () => {
    const cached = await call('GET', '/v1/toys/x')
    expect(cached.headers.get('cache-control')).toBe('public, max-age=60')
    expect((await call('GET', '/v1/toys', { as: 'issuer' })).headers.get('cache-control')).toBe(
      'no-store',
    )
    expect((await call('GET', '/v1/toys')).headers.get('cache-control')).toBe('no-store')
  })

  it('signs what it answers to a peer, refusals of the peer included', async () => {
    const push = (body: string) =>
      call('POST', '/exchange/v1/toys', { as: 'peer', headers: JSON_TYPE, body })
    const good = await push('{"toys":[]}')
    expect(good.body).toEqual({ received: 11 })
    expect(good.headers.get('signature')).toBe(`signed 200 ${good.text.length}`)
    const bad = await push('{')
    expect(bad.slug).toBe('malformed-json')
    expect(bad.headers.get('signature')).toBe(
      `signed 400 ${new TextEncoder().encode(bad.text).length}`,
    )
  })
})

describe('access', () => {
  const reachable = app.routes.flatMap(({ route }) =>
    ROLES.map((role) => {
      const { method, path, callers, body } = route
      const open = (callers as readonly string[]).includes('public')
      return { method, path, role, body, admitted: open || callers.includes(role) }
    }),
  )

  it.each(reachable)(
    '$method $path for $role: $admitted',
    async ({ method, path, role, body, admitted }) => {
      const url = path.replace('{part}', '1').replaceAll(/\{\w+\*?\}/g, 'a')
      const { status } = await call(method.toUpperCase(), url, {
        as: role,
        ...(body && { headers: { 'Content-Type': 'text/x-foreign' }, body: 'x' }),
      })
      // A caller who is let in gets as far as the media type of the body.
      if (admitted) expect([200, 204, 415]).toContain(status)
      else expect(status).toBe(role === 'public' ? 401 : 403)
    },
  )

  it('covers every role of every route', () => {
    expect(reachable.length).toBe(8 * ROLES.length)
  })

  it('says how to authenticate', async () => {
    const token = await call('GET', '/v1/toys')
    expect(token.slug).toBe('unauthenticated')
    expect(token.headers.get('www-authenticate')).toBe('Bearer')
    const peer = await call('POST', '/exchange/v1/toys', { headers: JSON_TYPE, body: '{}' })
    expect(peer.slug).toBe('signature-required')
    expect(peer.headers.get('www-authenticate')).toContain('Signature')
    expect((await call('GET', '/v1/toys', { as: 'nobody' })).slug).toBe('invalid-token')
  })

  it('calls a foreign role public where everyone may come, and never looks at credentials on a public route', async () => {
    expect((await call('GET', '/v1/toys/x', { as: 'customs' })).text).toBe('customs x')
    expect((await call('GET', '/v1/toys/x', { as: 'issuer' })).text).toBe('public x')
    expect((await call('GET', '/v1/toys/x', { as: 'nobody' })).slug).toBe('invalid-token')
    expect((await call('GET', '/log/tile/0/x', { as: 'nobody' })).status).toBe(200)
  })
})

describe('refusals come in this order', () => {
  const big = 'x'.repeat(2001)

  it('authentication and role before size', async () => {
    expect((await make(big, {}, 'nobody')).slug).toBe('invalid-token')
    expect((await make(big, {}, 'customs')).slug).toBe('forbidden')
    const refused = await make(big, {}, 'issuer')
    expect(refused.slug).toBe('body-too-large')
    expect(refused.body).toMatchObject({ status: 413, maxBytes: 2000 })
    expect((await make('x'.repeat(2000), JSON_TYPE, 'issuer')).slug).toBe('malformed-json')
  })

  it('authentication before role, role before everything else', async () => {
    expect((await make('{', {}, 'nobody')).slug).toBe('invalid-token')
    expect((await make('{', {}, 'customs')).slug).toBe('forbidden')
    expect((await call('POST', '/v1/toys?x=1', { as: 'customs', body: '{' })).slug).toBe(
      'forbidden',
    )
  })

  it('parameters before the body', async () => {
    const refused = await call('POST', '/v1/toys?x=1', { as: 'issuer', body: '{' })
    expect(refused.slug).toBe('invalid-parameter')
    expect(refused.body?.['errors']).toEqual([{ parameter: 'x', message: 'Unknown parameter' }])
  })

  it('an empty body is its own problem', async () => {
    expect((await make('')).slug).toBe('empty-body')
    expect((await make('', {})).slug).toBe('empty-body')
    expect((await call('POST', '/v1/toys', { as: 'issuer' })).slug).toBe('empty-body')
  })

  it.each([
    [{}],
    [{ 'Content-Type': '' }],
    [{ 'Content-Type': 'text/plain' }],
    [{ 'Content-Type': 'application/jsonx' }],
    [{ 'Content-Type': 'application/vnd.x.v1+json' }],
    [{ 'Content-Type': 'application/json; charset=utf-16' }],
    [{ 'Content-Type': 'application/json, text/plain' }],
    [{ 'Content-Type': 'application/x-www-form-urlencoded' }],
    [{ ...JSON_TYPE, 'Content-Encoding': 'gzip' }],
  ])('415 for %j', async (headers) => {
    const bytes = new TextEncoder().encode(TOY)
    const refused = await make(bytes, headers)
    expect(refused.slug).toBe('unsupported-media-type')
    expect(refused.status).toBe(415)
    expect(refused.headers.get('accept')).toBe('application/json, application/jose')
  })

  it.each([
    'application/json;charset=UTF-8',
    'Application/JSON',
    'application/json; charset="utf-8"',
  ])('but not for %s', async (type) => {
    expect((await make(TOY, { 'Content-Type': type })).status).toBe(201)
  })

  it('strict JSON before the schema', async () => {
    expect((await make('{"name":1')).slug).toBe('malformed-json')
    expect((await make('['.repeat(40) + ']'.repeat(40))).slug).toBe('malformed-json')
    expect((await make(Uint8Array.of(0x22, 0xff, 0x22))).slug).toBe('malformed-json')
    expect((await make('{"name":1,"name":1}')).slug).toBe('duplicate-member')
  })

  it('the schema names each error with a JSON pointer', async () => {
    const { slug, status, body } = await make(
      '{"name":"","parts":[{"a/b":1.5,"kind":"z"}],"size":{"cm":"x"},"more~":1}',
    )
    expect([slug, status]).toEqual(['invalid-body', 422])
    const errors = body?.['errors'] as { pointer: string }[] | undefined
    expect(errors?.map(({ pointer }) => pointer)).toEqual([
      '/name',
      '/parts/0/a~1b',
      '/parts/0/kind',
      '/size/cm',
      '/more~0',
    ])
  })

  it('bounds the list of errors', async () => {
    const members = Array.from({ length: 150 }, (_, i) => `"x${i}":1`).join()
    const { body } = await make(`{${members}}`)
    expect(body?.['errors']).toHaveLength(50)
  })

  it('the handler refuses last, and with what the route declares', async () => {
    const taken = await make(TOY.replace('ball', 'issuer'))
    expect(taken.body).toMatchObject({
      status: 409,
      detail: 'Taken.',
      title: 'Another certificate has this number',
    })
    expect(faults).toEqual([])
    expect((await make(TOY.replace('ball', 'odd'))).slug).toBe('crl-refused')
    expect(String(faults[0]?.error)).toContain('makeToy does not declare crl-refused')
  })
})

describe('parameters', () => {
  const list = (query: string) => call('GET', `/v1/toys${query}`, { as: 'issuer' })

  it.each([
    '?limit=1&limit=1',
    '?x=1',
    '?limit=0',
    '?limit=a',
    '?q=%zz',
    '?q=%ff',
    '?=1',
    '?&',
    '?__proto__=1',
    `?q=${'a'.repeat(21)}`,
  ])('refuses the query %s', async (query) => {
    const { slug, status } = await list(query)
    expect([slug, status]).toEqual(['invalid-parameter', 400])
  })

  it.each(['', '?', '?limit=2', '?limit=2&q=a+b%20c', '?q', '?q='])(
    'accepts the query %j',
    async (query) => {
      expect((await list(query)).status).toBe(200)
    },
  )

  it('decodes a path parameter exactly once', async () => {
    expect((await call('GET', '/v1/toys/a%2Fb%20c')).text).toBe('public a/b c')
    expect((await call('GET', '/v1/toys/a%252Fb')).text).toBe('public a%2Fb')
    expect((await call('GET', '/v1/toys/%D0%91%D0%AF')).text).toBe('public БЯ')
    expect((await call('GET', '/v1/toys/%00')).text).toBe('public \0')
  })

  it.each(['%', '%zz', '%ff', 'a%2', '%E0%A4%A'])('refuses the path parameter %s', async (id) => {
    const { slug, body } = await call('GET', `/v1/toys/${id}`)
    expect(slug).toBe('invalid-parameter')
    expect(body?.['errors']).toEqual([{ parameter: 'id', message: 'Malformed percent-encoding' }])
  })

  it('checks path parameters with their schema', async () => {
    expect((await call('GET', `/v1/toys/${'a'.repeat(21)}`)).slug).toBe('invalid-parameter')
    expect((await call('DELETE', '/v1/toys/a/parts/x', { as: 'authority' })).slug).toBe(
      'invalid-parameter',
    )
    expect((await call('DELETE', '/v1/toys/a/parts/3', { as: 'authority' })).status).toBe(204)
  })

  it('bounds the number of query parameters', async () => {
    const { body } = await list(`?${Array.from({ length: 101 }, (_, i) => `p${i}=`).join('&')}`)
    expect(body?.['errors']).toEqual([{ parameter: '', message: 'More than 100 parameters' }])
  })

  it('gives an address one spelling: literal parts are not percent-decoded', async () => {
    expect((await call('GET', '/v1/%74oys/x')).slug).toBe('not-found')
    expect((await call('PUT', '/v1/%74oys/x')).slug).toBe('not-found')
    expect(faults).toEqual([])
  })

  it('spans segments or ends within one where the template says so', async () => {
    expect((await call('GET', '/log/tile/0/x001/x234/067')).text).toBe('0 x001/x234/067')
    expect((await call('GET', '/trust/crls/ab12.crl')).text).toBe('ab12')
    expect((await call('GET', '/trust/crls/ab12')).slug).toBe('not-found')
    expect((await call('GET', '/trust/crls/a/b.crl')).slug).toBe('not-found')
  })
})

describe('methods and addresses', () => {
  it('answers 404, 405 with Allow, OPTIONS and HEAD', async () => {
    expect((await call('GET', '/v1/toy')).slug).toBe('not-found')
    expect((await call('GET', '/v1/toys/')).slug).toBe('not-found')
    const wrong = await call('PUT', '/v1/toys')
    expect([wrong.slug, wrong.headers.get('allow')]).toEqual([
      'method-not-allowed',
      'GET, HEAD, OPTIONS, POST',
    ])
    const options = await call('OPTIONS', '/v1/toys/x/parts/1')
    expect([options.status, options.headers.get('allow')]).toEqual([204, 'DELETE, OPTIONS'])
    const head = await call('HEAD', '/v1/toys/x')
    expect([head.status, head.text]).toEqual([200, ''])
    expect((await call('HEAD', '/v1/toys')).status).toBe(401)
  })

  it('negotiates where an answer offers several media types', async () => {
    const get = (Accept: string) => call('GET', '/v1/toys/x', { headers: { Accept } })
    expect((await call('GET', '/v1/toys/x')).headers.get('content-type')).toContain('text/plain')
    expect((await get('application/*, text/plain;q=0.5')).headers.get('content-type')).toBe(
      'application/pdf',
    )
    const refused = await get('image/png, text/plain;q=0')
    expect(refused.slug).toBe('not-acceptable')
    expect(refused.body?.['offered']).toEqual(['text/plain', 'application/pdf'])
    expect(
      (await call('GET', '/v1/toys', { as: 'issuer', headers: { Accept: 'image/png' } })).status,
    ).toBe(200)
  })
})

describe('faults', () => {
  it.each([
    ['/v1/toys?q=boom', 'issuer'],
    ['/v1/toys', 'down'],
  ])('of %s as %s tell the caller nothing and the log everything', async (path, as) => {
    const { status, slug, text, headers } = await call('GET', path, { as })
    expect([status, slug]).toEqual([500, 'internal'])
    expect(text).not.toContain('secret')
    expect(faults).toHaveLength(1)
    expect(faults[0]).toMatchObject({
      operationId: 'listToys',
      requestId: headers.get('request-id'),
    })
    expect(String(faults[0]?.error)).toContain('secret')
  })

  it('of a page outside the declared routes are problems too', async () => {
    const { app: own, faults: logged } = createToyApp()
    own.hono.get('/page', () => {
      throw new Error('secret')
    })
    const response = await own.hono.request('/page')
    expect(response.status).toBe(500)
    expect(await response.text()).not.toContain('secret')
    expect(logged).toHaveLength(1)
  })

  it('that the route declares are logged and told apart', async () => {
    const { slug, headers } = await call('DELETE', '/v1/toys/a/parts/9', { as: 'authority' })
    expect([slug, headers.get('retry-after')]).toEqual(['unavailable', '5'])
    expect(faults).toHaveLength(1)
  })

  it('never come from a body, whatever it is', async () => {
    const nearToy = fc.record(
      {
        name: fc.oneof(fc.string(), fc.jsonValue()),
        parts: fc.oneof(
          fc.array(fc.record({ 'a/b': fc.jsonValue(), kind: fc.constantFrom('x', 'y', 'z') })),
          fc.jsonValue(),
        ),
        size: fc.oneof(fc.record({ cm: fc.double() }), fc.jsonValue()),
        note: fc.jsonValue(),
        ['__proto__']: fc.jsonValue(),
      },
      { requiredKeys: [] },
    )
    const text = fc.oneof(
      nearToy.map((value) => JSON.stringify(value)),
      fc.json(),
      fc.string(),
      fc.string({ unit: fc.constantFrom(...'{}[]",:\\u0 aé') }),
    )
    const bytes = fc.oneof(
      text.map((value) => new TextEncoder().encode(value)),
      fc.uint8Array({ maxLength: 2100 }),
    )
    const types = fc.constantFrom(
      'application/json',
      'application/jose',
      'application/x-www-form-urlencoded',
    )
    await fc.assert(
      fc.asyncProperty(
        bytes,
        types,
        fc.constantFrom('/v1/toys', '/oauth/token'),
        async (body, type, path) => {
          const headers = { 'Content-Type': type }
          const { status } = await call('POST', path, {
            as: 'issuer',
            headers,
            body: Uint8Array.from(body),
          })
          expect(status).toBeLessThan(500)
        },
      ),
      { numRuns: 1500 },
    )
    expect(faults.filter(({ error }) => !String(error).includes('does not declare'))).toEqual([])
  })

  it('never come from a path, a query or headers', async () => {
    const part = fc.string({ unit: fc.constantFrom(...'%2Ff&=+?;#/.aя'), maxLength: 20 })
    await fc.assert(
      fc.asyncProperty(part, part, part, async (path, query, header) => {
        const headers = { 'Accept-Language': encodeURI(header), Accept: encodeURI(header) }
        const { status } = await call('GET', `/v1/toys/${path}?${query}`, { headers })
        expect(status).toBeLessThan(500)
      }),
      { numRuns: 1000 },
    )
  })
})
