import { spawnSync } from 'node:child_process'
import { copyFile, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { describe, expect, it } from 'vitest'
import { type Operation, send, UnexpectedAnswer } from '../../../openapi/client-runtime.ts'
import { operationsOf, clientSource } from '../../../openapi/client-source.ts'
import { typeOf } from '../../../openapi/client-types.ts'
import { OPERATIONS } from '../../../openapi/client.ts'
import { openApiDocument } from '../../../src/http/openapi.ts'
import { OPERATIONS as DECLARED } from '../../support/contract.ts'
import { createToyApp, TOY_API, TOY_ROUTES } from '../http/toy-app.ts'

const ROOT = resolve(import.meta.dirname, '../../..')

/** What a partner writes: the status tells which body it is, a misspelt member does not compile. */
const USE = `
import { createClient } from './client'
const client = createClient({ baseUrl: 'https://node.example', token: async () => 'token' })
export async function find(number: string): Promise<string> {
  const answer = await client.searchCertificates({ query: { number } })
  if (answer.status !== 200) return answer.body.title
  return answer.body.certificates.map(({ sha256 }) => sha256).join()
}
export async function annul(params: { state: string; type: string; number: string }) {
  const body = { change: 'annul', effectiveFrom: '2026-03-02', reason: 'x' } as const
  const answer = await client.changeStatus({ params, body })
  return answer.status === 409 && 'existing' in answer.body ? answer.body.existing : answer.status
}
`

const document = openApiDocument(TOY_ROUTES, TOY_API)
const toys = new Map(
  operationsOf(document).map(({ declared, operation }) => [declared.operationId, operation]),
)
const ball = { name: 'ball', parts: [], size: { cm: 1 } }

/** The toy app answers without a socket; what it was asked for is kept. */
function toyClient(token?: string) {
  const { fetch: answer } = createToyApp()
  const asked: Request[] = []
  const options = {
    baseUrl: 'https://node.gov.by/',
    fetch: async (input: RequestInfo | URL, init?: RequestInit) => {
      const request = new Request(input, init)
      asked.push(request.clone())
      return answer(request)
    },
    ...(token !== undefined && { token: async () => token }),
  }
  return {
    asked,
    call: (id: string, input = {}) => send(options, toys.get(id)!, input),
    answering: (response: Response) =>
      send({ ...options, fetch: async () => response }, toys.get('getToy')!, {
        params: { id: 'x' },
      }),
  }
}

describe('the client', () => {
  it('sends JSON with a token and gives back the typed answer with its headers', async () => {
    const { call, asked } = toyClient('issuer')
    const { status, body, headers } = await call('makeToy', { body: ball })
    expect({ status, body }).toEqual({ status: 201, body: ball })
    expect(headers.get('location')).toBe('/v1/toys/ball')
    expect(asked[0]!.headers.get('authorization')).toBe('Bearer issuer')
    expect(asked[0]!.url).toBe('https://node.gov.by/v1/toys')
  })

  it('gives back a problem as an answer', async () => {
    const { status, body } = await toyClient('issuer').call('makeToy', { body: { name: '' } })
    expect(status).toBe(422)
    expect(body).toMatchObject({ type: 'https://node.gov.by/problems/invalid-body' })
    expect((await toyClient().call('makeToy', { body: ball })).status).toBe(401)
  })

  it('sends raw bytes under the media type that is named', async () => {
    const { call, asked } = toyClient('issuer')
    const answer = await call('makeToy', { body: 'a.b.c', contentType: 'application/jose' })
    expect(answer).toMatchObject({ status: 204, body: undefined })
    expect(await asked[0]!.text()).toBe('a.b.c')
  })

  it('encodes every path segment and leaves out what is undefined', async () => {
    const { call, asked } = toyClient()
    const odd = 'a/b c?d#€%2F'
    expect((await call('getToy', { params: { id: odd } })).body).toBe(`public ${odd}`)
    await toyClient('issuer').call('listToys', { query: { limit: 2, q: undefined } })
    expect(new URL(asked[0]!.url).pathname).toBe('/v1/toys/a%2Fb%20c%3Fd%23%E2%82%AC%252F')
    for (const id of ['', '.', '..'])
      await expect(call('getToy', { params: { id } })).rejects.toThrow(RangeError)
  })

  it('sends a form as a form', async () => {
    const { call, asked } = toyClient()
    const answer = await call('getToken', { body: { grant_type: 'client_credentials' } })
    expect(answer).toMatchObject({ status: 200, body: { token_type: 'Bearer' } })
    expect(await asked[0]!.text()).toBe('grant_type=client_credentials')
  })

  it('throws when something answers that is not in the contract', async () => {
    const { answering } = toyClient()
    const html = { 'Content-Type': 'text/html' }
    for (const response of [
      new Response('<h1>Bad gateway</h1>', { status: 502, headers: html }),
      new Response('<h1>Sign in</h1>', { status: 200, headers: html }),
      new Response('{}', { status: 418, headers: { 'Content-Type': 'application/problem+json' } }),
    ])
      await expect(answering(response)).rejects.toThrow(UnexpectedAnswer)
  })

  it('sends and reads lines of JSON', async () => {
    const lines: Operation = {
      ...toys.get('makeToy')!,
      body: ['application/x-ndjson'],
      answers: { 200: ['application/x-ndjson'] },
    }
    const echo = async (_: unknown, init?: RequestInit) =>
      new Response(init!.body, { headers: { 'Content-Type': 'application/x-ndjson' } })
    const options = { baseUrl: 'https://node.gov.by', fetch: echo as typeof fetch }
    const body = [{ a: 1 }, { b: 'line\nfeed' }]
    expect((await send(options, lines, { body })).body).toEqual(body)
  })

  it('knows every operation of the contract', () => {
    expect(Object.keys(OPERATIONS).toSorted()).toEqual(
      DECLARED.map(({ operationId }) => operationId).toSorted(),
    )
  })
})

describe('the types of the client', () => {
  it.each([
    [{ type: 'string', pattern: '^x$' }, 'string'],
    [{ type: 'integer' }, 'number'],
    [{ enum: ['a', 'b'] }, '("a") | ("b")'],
    [{ const: 3 }, '3'],
    [{ type: ['string', 'null'] }, '(string) | (null)'],
    [{ anyOf: [{ type: 'boolean' }, { $ref: '#/components/schemas/Toy' }] }, '(boolean) | (Toy)'],
    [{ type: 'array', items: { type: 'string' } }, 'readonly (string)[]'],
    [
      { type: 'array', prefixItems: [{ type: 'string' }, { type: 'number' }] },
      'readonly [string, number]',
    ],
    [
      { type: 'object', additionalProperties: { type: 'number' } },
      '{\nreadonly [member: string]: number\n}',
    ],
    [{ type: 'string', allOf: [{ pattern: 'a' }, { pattern: 'b' }] }, 'string'],
    [{}, 'unknown'],
  ] as const)('%j is %s', (schema, type) => {
    expect(typeOf(schema)).toBe(type)
  })

  it('tell required from optional members, quote odd names and keep the words', () => {
    const schema = {
      type: 'object',
      properties: { 'a/b': { type: 'string', description: 'ends */ here' }, c: {} },
      required: ['c'],
      additionalProperties: false,
    } as const
    expect(typeOf(schema)).toBe(
      '{\n/** ends *\\/ here */\nreadonly "a/b"?: string\nreadonly c: unknown\n}',
    )
  })

  it('are one file that imports nothing, under names that are free', () => {
    const source = clientSource(document, 'export interface Answer {}\n')
    expect(source).not.toMatch(/^import /m)
    expect(source).toContain('makeToy(input: MakeToyInput')
    expect(() => clientSource(document, 'export type Toy = 1\n')).toThrow('Toy')
  })

  it('compile by themselves, where a partner copied them, for a browser', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'certex-client-'))
    try {
      await copyFile(join(ROOT, 'openapi/client.ts'), join(folder, 'client.ts'))
      await writeFile(join(folder, 'use.ts'), USE)
      const compilerOptions = {
        strict: true,
        noEmit: true,
        exactOptionalPropertyTypes: true,
        types: [],
        target: 'es2022',
        module: 'esnext',
        moduleResolution: 'bundler',
        lib: ['es2022', 'dom'],
      }
      await writeFile(join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions }))
      const tsc = join(ROOT, 'node_modules/.bin/tsc')
      const { stdout, status } = spawnSync(tsc, ['-p', folder], { encoding: 'utf8' })
      expect({ stdout, status }).toEqual({ stdout: '', status: 0 })
      await writeFile(
        join(folder, 'use.ts'),
        USE.replace('.title', '.titel').replace('sha256 }', 'sha265 }'),
      )
      expect(spawnSync(tsc, ['-p', folder]).status).not.toBe(0)
    } finally {
      await rm(folder, { recursive: true })
    }
  })
})
