import { randomUUID } from 'node:crypto'
import { z } from 'zod'
import type { Authentication, ReceivedHead } from '../../../src/http/authentication.ts'
import { type Caller, ROLES } from '../../../src/http/caller.ts'
import { mount } from '../../../src/http/mount.ts'
import type { ApiDescription } from '../../../src/http/openapi.ts'
import { ProblemError } from '../../../src/http/problem.ts'
import { RawBody } from '../../../src/http/raw-body.ts'
import { declareRoute } from '../../../src/http/route.ts'
import { createRoutedApp, type HttpFault } from '../../../src/http/routed-app.ts'

const Toy = z
  .strictObject({
    name: z.string().min(1).max(40).meta({ description: 'As printed on the box.' }),
    parts: z.array(z.strictObject({ 'a/b': z.int(), kind: z.enum(['x', 'y']) })).max(3),
    size: z.union([z.strictObject({ cm: z.number() }), z.strictObject({ inch: z.number() })]),
    note: z.string().optional(),
  })
  .meta({ id: 'Toy', description: 'A toy.' })

const EXAMPLE = { name: 'ball', parts: [{ 'a/b': 1, kind: 'x' }], size: { cm: 12.5 } } as const

export const listToys = declareRoute({
  operationId: 'listToys',
  method: 'get',
  path: '/v1/toys',
  summary: 'List toys',
  tags: ['toys'],
  callers: ['issuer', 'customs'],
  query: z.strictObject({
    limit: z.coerce.number().int().min(1).max(500).optional().meta({ description: 'Page size.' }),
    q: z.string().max(20).optional(),
  }),
  answers: {
    200: { description: 'A page of toys', schema: z.array(Toy), examples: { one: [EXAMPLE] } },
  },
  problems: [],
})

export const makeToy = declareRoute({
  operationId: 'makeToy',
  method: 'post',
  path: '/v1/toys',
  summary: 'Make a toy',
  description: 'From its description, or from a signed one.',
  tags: ['toys'],
  callers: ['issuer'],
  body: { json: Toy, raw: ['application/jose'], maxBytes: 2000, examples: { ball: EXAMPLE } },
  answers: {
    201: { description: 'Made', schema: Toy, headers: { Location: 'Where it is.' } },
    204: { description: 'Made from a signed description' },
  },
  problems: ['certificate-exists'],
})

export const getToy = declareRoute({
  operationId: 'getToy',
  method: 'get',
  path: '/v1/toys/{id}',
  summary: 'Get a toy',
  tags: ['toys'],
  callers: ['public', 'customs'],
  params: z.strictObject({ id: z.string().max(20) }),
  answers: {
    200: { description: 'The toy', mediaTypes: ['text/plain', 'application/pdf'] },
  },
  problems: ['certificate-not-found'],
  cacheControl: 'public, max-age=60',
})

export const getTile = declareRoute({
  operationId: 'getTile',
  method: 'get',
  path: '/log/tile/{level}/{index*}',
  summary: 'Get a tile',
  tags: ['log'],
  callers: ['public'],
  params: z.strictObject({ level: z.string(), index: z.string() }),
  answers: { 200: { description: 'The tile', mediaTypes: ['application/octet-stream'] } },
  problems: [],
})

export const getCrl = declareRoute({
  operationId: 'getCrl',
  method: 'get',
  path: '/trust/crls/{ski}.crl',
  summary: 'Get a CRL',
  tags: ['log'],
  callers: ['public'],
  params: z.strictObject({ ski: z.string() }),
  answers: { 200: { description: 'The CRL', mediaTypes: ['application/pkix-crl'] } },
  problems: ['crl-not-found'],
})

export const pushToys = declareRoute({
  operationId: 'pushToys',
  method: 'post',
  path: '/exchange/v1/toys',
  summary: 'Push toys',
  tags: ['exchange'],
  callers: ['peer'],
  body: { json: z.strictObject({ toys: z.array(Toy) }), maxBytes: 100_000 },
  answers: { 200: { description: 'Received', schema: z.strictObject({ received: z.int() }) } },
  problems: ['too-many-items'],
})

export const getToken = declareRoute({
  operationId: 'getToken',
  method: 'post',
  path: '/oauth/token',
  summary: 'Get an access token',
  tags: ['access'],
  callers: ['public'],
  body: { form: z.object({ grant_type: z.literal('client_credentials') }), maxBytes: 5000 },
  answers: { 200: { description: 'A token', schema: z.strictObject({ token_type: z.string() }) } },
  problems: ['invalid-client'],
})

export const breakToy = declareRoute({
  operationId: 'breakToy',
  method: 'delete',
  path: '/v1/toys/{id}/parts/{part}',
  summary: 'Break a part off',
  tags: ['toys'],
  callers: ['authority'],
  params: z.strictObject({ id: z.string(), part: z.coerce.number().int() }),
  answers: { 204: { description: 'Broken' } },
  problems: ['unavailable'],
})

export const TOY_ROUTES = [listToys, makeToy, getToy, getTile, getCrl, pushToys, getToken, breakToy]

export const TOY_API: ApiDescription = {
  title: 'Toys',
  version: '1',
  description: 'A toy API for the tests of the framework.',
  license: { name: 'EUPL-1.2', identifier: 'EUPL-1.2' },
  servers: [{ url: 'https://node.gov.by', description: 'The node of Belarus' }],
  tags: ['toys', 'log', 'exchange', 'access'].map((name) => ({
    name,
    description: `About ${name}.`,
  })),
}

/** Bearer token = role; a peer answers signed. `down` breaks authentication itself. */
async function authenticate({ headers }: ReceivedHead): Promise<Authentication<Caller>> {
  if (headers.get('signature') === 'peer')
    return {
      caller: { role: 'peer', state: 'UZ' },
      signAnswer: async ({ status, body }) => ({ Signature: `signed ${status} ${body.length}` }),
    }
  const token = headers.get('authorization')?.replace('Bearer ', '')
  if (token === undefined) return { caller: { role: 'public' } }
  if (token === 'down') throw new Error('secret: the database is down')
  const role = ROLES.find((known) => known === token)
  if (!role) throw new ProblemError('invalid-token')
  return { caller: { role, clientId: 'c1', party: 'BY.CCI' } }
}

export function createToyApp() {
  const faults: HttpFault[] = []
  const app = createRoutedApp<Caller>({
    publicUrl: 'https://node.gov.by',
    authenticate,
    anonymous: { role: 'public' },
    newRequestId: randomUUID,
    logFault: (fault) => faults.push(fault),
  })
  mount(app, listToys, ({ query }) => {
    if (query.q === 'boom') throw new Error('secret: a bug')
    return {
      status: 200,
      body: Array.from({ length: query.limit ?? 1 }, () => EXAMPLE).map((toy) => ({
        ...toy,
        parts: [...toy.parts],
      })),
    }
  })
  mount(app, makeToy, ({ body, caller }) => {
    const role: 'issuer' = caller.role
    if (body instanceof RawBody) return { status: 204 }
    if (body.name === role) throw new ProblemError('certificate-exists', { detail: 'Taken.' })
    if (body.name === 'odd') throw new ProblemError('crl-refused')
    return { status: 201, body, headers: { Location: `/v1/toys/${body.name}` } }
  })
  mount(app, getToy, ({ params, mediaType, caller }) => ({
    status: 200,
    mediaType,
    body: `${caller.role} ${params.id}`,
  }))
  mount(app, getTile, ({ params }) => ({
    status: 200,
    mediaType: 'application/octet-stream',
    body: new TextEncoder().encode(`${params.level} ${params.index}`),
  }))
  mount(app, getCrl, ({ params }) => ({
    status: 200,
    mediaType: 'application/pkix-crl',
    body: params.ski,
  }))
  mount(app, pushToys, ({ body, received }) => {
    if (body.toys.length > 2) throw new ProblemError('too-many-items')
    return { status: 200, body: { received: received.body.length } }
  })
  mount(app, getToken, () => ({ status: 200, body: { token_type: 'Bearer' } }))
  mount(app, breakToy, ({ params }) => {
    if (params.part === 9)
      throw new ProblemError('unavailable', { headers: { 'Retry-After': '5' } })
    return { status: 204 }
  })
  return { app, faults, fetch: app.hono.fetch }
}

export const TOY = JSON.stringify(EXAMPLE)
