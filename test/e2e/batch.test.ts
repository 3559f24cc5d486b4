import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { DemoCertificate } from '../../src/cli/demo/documents.ts'
import type { ApiAnswer, ApiClient } from '../../src/node/api-client.ts'
import { publishDevTrust } from '../../src/node/dev-state.ts'
import { digest, forge, freshCertificate, rowsOf } from '../support/hostile.ts'
import {
  certifyBody,
  prepareSelfSigningStates,
  reread,
  type SelfSigningBody,
} from '../support/self-signing.ts'
import { eventually, startTestNode, type TestNode } from '../support/two-nodes.ts'

const PATH = '/v1/certificates/batch'
const NDJSON = 'application/x-ndjson'

let folder: string
let BY: TestNode
let UZ: TestNode
let body: SelfSigningBody
let chamber: ApiClient

interface Outcome {
  readonly line: number
  readonly status: number
  readonly sha256?: string
  readonly document?: string
  readonly findings?: unknown[]
  readonly problem?: Record<string, unknown> & { readonly type: string }
}

const text = (lines: readonly unknown[]) =>
  lines.map((line) => (typeof line === 'string' ? line : JSON.stringify(line))).join('\n')

async function send(lines: readonly unknown[], client = chamber): Promise<Outcome[]> {
  const answer = await client.postBytes(PATH, NDJSON, text(lines))
  expect(answer.status, JSON.stringify(answer.body)).toBe(200)
  return outcomesOf(answer)
}

function outcomesOf({ body: answered }: ApiAnswer): Outcome[] {
  // A program reads it by lines: the last one ends as well.
  const lines = (answered as string).split('\n')
  expect(lines.pop()).toBe('')
  return lines.map((line) => JSON.parse(line) as Outcome)
}

const slugOf = ({ problem }: Outcome) => problem?.type.split('/').at(-1)
const slugIn = (answer: ApiAnswer) => (answer.body as { type: string }).type.split('/').at(-1)

/** A certificate of the body whose seal the node keeps. */
async function sealedHere(): Promise<DemoCertificate> {
  const certificate = await freshCertificate()
  const number = certificate.number.replace(/^(.{5})001/, '$1003')
  const issuer = { ...(certificate['issuer'] as object), code: '003' }
  return { ...certificate, number, issuer }
}

/** A certificate that its body has prepared and signed. */
async function signedThere(copies = 1): Promise<string[]> {
  const certificate = await freshCertificate()
  const { body: prepared } = await chamber.post('/v1/certificates/prepare', { certificate })
  const payload = (prepared as { claims: unknown }).claims
  return Promise.all(Array.from({ length: copies }, () => forge(body.seal, { payload })))
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'certex-batch-'))
  const prepared = await prepareSelfSigningStates(folder)
  body = await certifyBody(prepared.BY, folder, 'BY.CCI.001')
  const states = { BY: await reread(prepared.BY), UZ: prepared.UZ }
  await publishDevTrust(states.BY, [states.UZ])
  await publishDevTrust(states.UZ, [states.BY])
  BY = await startTestNode(states.BY)
  UZ = await startTestNode(states.UZ)
  chamber = await BY.client('issuer', 'BY.CCI')
  await eventually('BY knows UZ', async () => (await BY.running.deps.trust()).view.list('UZ'))
})

afterAll(async () => {
  await Promise.all([BY?.running.stop(), UZ?.running.stop()])
  await rm(folder, { recursive: true, force: true })
})

describe('a batch of certificates', () => {
  it('has one outcome for every line that is not empty, in order, and broken ones spoil no other', async () => {
    const certificate = await sealedHere()
    const other = await sealedHere()
    const [document] = await signedThere()
    const unsound = { ...(await sealedHere()), forPresentationIn: 'KG' }
    const lines = [
      { certificate },
      '',
      '{"certificate": ',
      '{"document": "a", "document": "b"}',
      { document },
      { document: document!.slice(0, -4) },
      { certificate: { ...certificate, unheardOf: 1 } },
      { certificate: unsound },
      '  \t\r',
      '[]',
      { document, certificate },
      `{"certificate": ${'['.repeat(100)}`,
      { certificate: await freshCertificate() },
      {
        certificate: {
          ...certificate,
          issuer: { ...(certificate['issuer'] as object), code: '777' },
        },
      },
      `${JSON.stringify({ certificate: other })}\r`,
    ]
    const outcomes = await send(lines)
    expect(outcomes.map((outcome) => [outcome.line, outcome.status, slugOf(outcome)])).toEqual([
      [1, 201, undefined],
      [3, 400, 'malformed-json'],
      [4, 400, 'duplicate-member'],
      [5, 201, undefined],
      [6, 422, 'document-invalid'],
      [7, 422, 'invalid-body'],
      [8, 422, 'invalid-addressee'],
      [10, 422, 'invalid-body'],
      [11, 422, 'invalid-body'],
      [12, 400, 'malformed-json'],
      [13, 409, 'body-signs-itself'],
      [14, 403, 'issuer-unknown'],
      [15, 201, undefined],
    ])
    const [first, , , own] = outcomes
    expect(own!.document).toBe(document)
    expect(first).toEqual({
      line: 1,
      status: 201,
      sha256: digest(first!.document!),
      document: first!.document,
      findings: [],
    })
    for (const { sha256 } of [first!, own!, outcomes.at(-1)!])
      await eventually('UZ has it', () => UZ.running.deps.certificates.findByDigest(sha256!))
  })

  it('refuses a line with the problem of a call of its own, in the language of the caller', async () => {
    const russian = { ...(await freshCertificate()), forPresentationIn: 'KG' }
    const wrong = [{ certificate: russian }, { certificate: 1 }, { document: 'x.y.z' }, { to: [] }]
    const token = await tokenOf(chamber)
    const call = async (path: string, type: string, content: string) => {
      const response = await fetch(BY.url + path, {
        method: 'POST',
        headers: {
          Authorization: token,
          'Content-Type': type,
          'Accept-Language': 'ru, en;q=0.5',
        },
        body: content,
      })
      return response.text()
    }
    const outcomes = (await call(PATH, NDJSON, text(wrong)))
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as Outcome)
    const single = await Promise.all(
      wrong.map((line) =>
        'document' in line
          ? call('/v1/certificates', 'application/jose', line.document)
          : call('/v1/certificates', 'application/json', JSON.stringify(line)),
      ),
    )
    for (const [i, { problem, status }] of outcomes.entries()) {
      const alone = JSON.parse(single[i]!) as Record<string, unknown>
      expect({ ...problem, instance: '' }).toEqual({ ...alone, instance: '' })
      expect(status).toBe(alone['status'])
      expect(problem!['title']).toMatch(/[а-я]/)
    }
  })

  it('gives the same documents to who sends it again, or its rest', async () => {
    const lines = [
      ...(await Promise.all(Array.from({ length: 20 }, sealedHere))).map((certificate) => ({
        certificate,
      })),
      ...(await Promise.all(Array.from({ length: 5 }, () => signedThere()))).map(([document]) => ({
        document,
      })),
      { certificate: { type: 'origin.ct1' } },
    ]
    const part = await send(lines.slice(0, 12))
    expect(part.every(({ status }) => status === 201)).toBe(true)
    const whole = await send(lines)
    expect(whole.map(({ status }) => status)).toEqual([
      ...Array.from({ length: 12 }, () => 200),
      ...Array.from({ length: 13 }, () => 201),
      422,
    ])
    for (const [i, { sha256, document }] of part.entries())
      expect(whole[i]).toMatchObject({ sha256, document })
    const again = await send(lines)
    expect(again.slice(0, -1)).toEqual(
      whole.slice(0, -1).map((outcome) => ({ ...outcome, status: 200 })),
    )
    const rest = await send(lines.slice(12))
    expect(rest.map(({ document }) => document)).toEqual(
      whole.slice(12).map(({ document }) => document),
    )
  })

  it('issues nothing twice when the connection breaks and the batch comes again', async () => {
    const lines = (await Promise.all(Array.from({ length: 60 }, sealedHere))).map(
      (certificate) => ({ certificate }),
    )
    const broken = new AbortController()
    const before = rowsOf(BY, 'certificates').length
    const cut = fetch(BY.url + PATH, {
      method: 'POST',
      signal: broken.signal,
      headers: { Authorization: await tokenOf(chamber), 'Content-Type': NDJSON },
      body: text(lines),
    })
    await eventually('some are issued', () =>
      Promise.resolve(rowsOf(BY, 'certificates').length > before),
    )
    broken.abort()
    await cut.catch(() => undefined)
    const outcomes = await send(lines)
    expect(outcomes).toHaveLength(60)
    expect(outcomes.every(({ status }) => status === 200 || status === 201)).toBe(true)
    expect(outcomes.some(({ status }) => status === 200)).toBe(true)
    expect(rowsOf(BY, 'certificates')).toHaveLength(before + 60)
  })

  it('treats one number twice as two calls in order would', async () => {
    const lines: unknown[] = []
    const wanted: unknown[] = []
    for (let i = 0; i < 12; i++) {
      const certificate = await sealedHere()
      const changed = { ...certificate, transportRoute: 'Гродно - Навои' }
      const spelled = { ...certificate, number: `№ ${certificate.number}` }
      lines.push(
        { certificate },
        { certificate },
        { certificate: changed },
        { certificate: spelled },
      )
      wanted.push([201, undefined], [200, undefined], [409, 'certificate-exists'])
      wanted.push([409, 'certificate-exists'])
    }
    const [one, two] = await signedThere(2)
    lines.push({ document: one }, { document: two })
    wanted.push([201, undefined], [200, undefined])
    const outcomes = await send(lines)
    const found = outcomes.map((outcome) => [outcome.status, slugOf(outcome)])
    expect(found).toEqual(wanted)
    expect(outcomes[1]).toMatchObject({ document: outcomes[0]!.document })
    expect(outcomes[2]!.problem).toMatchObject({ existing: outcomes[0]!.sha256 })
    expect(outcomes.at(-1)!.document).toBe(one)
  })

  it('may have a thousand lines', async () => {
    const certificates = await Promise.all(Array.from({ length: 1000 }, sealedHere))
    const outcomes = await send(certificates.map((certificate) => ({ certificate })))
    expect(outcomes.map(({ line }) => line)).toEqual(certificates.map((_, i) => i + 1))
    expect(outcomes.every(({ status }) => status === 201)).toBe(true)
  })

  it('is refused as a whole if it is too long, empty or of another kind', async () => {
    const line = JSON.stringify({ certificate: await sealedHere() })
    const before = rowsOf(BY, 'certificates').length
    const post = (content: string, type = NDJSON) => chamber.postBytes(PATH, type, content)
    const refusals = [
      await post(Array.from({ length: 1001 }, () => line).join('\n')),
      await post(line + ' '.repeat(16 * 1024 * 1024)),
      await post(''),
      await post(line, 'application/json'),
      await (await BY.client('customs', 'BY.CUSTOMS')).postBytes(PATH, NDJSON, line),
    ]
    expect(refusals.map((refused) => [refused.status, slugIn(refused)])).toEqual([
      [413, 'too-many-items'],
      [413, 'body-too-large'],
      [400, 'empty-body'],
      [415, 'unsupported-media-type'],
      [403, 'forbidden'],
    ])
    expect(rowsOf(BY, 'certificates')).toHaveLength(before)
    expect(await post('\n\n \n')).toEqual({ status: 200, body: '' })
  })

  it('refuses a line that is longer than a call of its own may be, and no other', async () => {
    const certificate = await sealedHere()
    const long = JSON.stringify({ certificate: await sealedHere() })
    const outcomes = await send([
      long + ' '.repeat(256 * 1024),
      { certificate },
      { document: 'x'.repeat(600 * 1024) },
    ])
    expect(outcomes.map((outcome) => [outcome.status, slugOf(outcome)])).toEqual([
      [413, 'body-too-large'],
      [201, undefined],
      [413, 'body-too-large'],
    ])
  })
})

/** The bearer token of a client, seen on the wire. */
async function tokenOf(client: ApiClient): Promise<string> {
  const { fetch: real } = globalThis
  let seen = ''
  globalThis.fetch = (input, init) => {
    seen = new Headers(init?.headers).get('authorization') ?? seen
    return real(input, init)
  }
  try {
    await client.get('/v1/certificates?number=none')
  } finally {
    globalThis.fetch = real
  }
  return seen
}
