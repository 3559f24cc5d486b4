import { readdirSync } from 'node:fs'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { NEWEST_MIGRATION } from '../../../src/storage/dialect/d1-schema.ts'
import { freshCertificate } from '../../support/hostile.ts'
import { prepareSurfaceStates, SYSTEMS } from '../../support/surface.ts'
import { eventually } from '../../support/two-nodes.ts'
import {
  bundleWorker,
  migrateLocally,
  type PreparedWorker,
  secretsOf,
  serveWorker,
  startWorker,
  type WorkerUnderTest,
  writeWranglerFile,
} from '../../support/worker-nodes.ts'
import { bodyOf, type Issued, pathOf, slugOf } from './surface-steps.ts'

/**
 * Of the program as it is deployed, in KiB of gzip; the platform takes 3 MB. Grown past it: say why, or find
 * what came in. Past 500 it went with the texts of every reason in two languages, and the log.
 */
const MAX_GZIP_KIB = 640

let folder: string
let program: string
let states: Awaited<ReturnType<typeof prepareSurfaceStates>>

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'certex-worker-'))
  program = await bundleWorker(join(folder, 'bundle'))
  states = await prepareSurfaceStates(folder)
})
afterAll(() => rm(folder, { recursive: true, force: true }))

async function ask(url: string): Promise<{ status: number; body: Record<string, unknown> }> {
  const response = await fetch(url)
  return { status: response.status, body: (await response.json()) as Record<string, unknown> }
}

describe('the program of a worker', () => {
  it('is small, and has nothing of Node and nothing that makes X.509 certificates in it', async () => {
    const text = await readFile(program, 'utf8')
    const kib = gzipSync(text).length / 1024
    console.log(`worker: ${Math.round(text.length / 1024)} KiB, gzip ${Math.round(kib)} KiB`)
    expect(kib).toBeLessThan(MAX_GZIP_KIB)
    expect(kib).toBeGreaterThan(100)
    expect(text.match(/["'`]node:[a-z]/g)).toBeNull()
    expect(text).not.toMatch(/better-sqlite3|node_modules\/@peculiar|node_modules\/commander/)
  })

  it('knows the newest migration', () => {
    const names = readdirSync(new URL('../../../migrations', import.meta.url))
    expect(
      names
        .filter((name) => name.endsWith('.sql'))
        .toSorted()
        .at(-1),
    ).toBe(NEWEST_MIGRATION)
  })
})

describe('a worker that cannot be a node', () => {
  let state: PreparedWorker
  beforeAll(async () => {
    state = { ...states.BY, wranglerFile: await writeWranglerFile(states.BY) }
  })

  async function refusal(variables: Record<string, string>) {
    const worker = await serveWorker(program, state, { variables })
    try {
      const { status, body } = await ask(`${state.url}/ready`)
      return { refused: slugOf({ status, body }), detail: body['detail'] }
    } finally {
      await worker.stop()
    }
  }

  it('says that its database is not migrated, and works once it is', async () => {
    const worker = await serveWorker(program, state)
    const { status, body } = await ask(`${state.url}/v1/rules`)
    expect(slugOf({ status, body })).toBe('503 unavailable')
    expect(body['detail']).toContain('wrangler d1 migrations apply')
    await migrateLocally(state.wranglerFile)
    expect(await ask(`${state.url}/health`)).toMatchObject({ status: 200, body: { state: 'BY' } })
    await worker.stop()
  })

  it('takes no database of another state or environment', async () => {
    const detail = 'The database is the one of another node'
    const foreign = { CERTEX_STATE: 'UZ', CERTEX_ENVIRONMENT: 'production' }
    expect(await refusal(foreign)).toEqual({ refused: '503 unavailable', detail })
    const training = { CERTEX_ENVIRONMENT: 'training' }
    expect(await refusal(training)).toEqual({ refused: '503 unavailable', detail })
  })

  it('tells nobody outside what is wrong with its variables and keys', async () => {
    const detail = 'This node is not configured; its log says why'
    const [name, secret] = Object.entries(await secretsOf(states.BY))[0]!
    const foreign = await secretsOf(states.UZ)
    for (const bindings of [
      { CERTEX_PUBLIC_URL: 'nowhere' },
      { CERTEX_PEERS: '[' },
      { [name]: secret.slice(1) },
      { [name]: secret.replace('"pkcs8":"M', '"pkcs8":"A') },
      { [name]: Object.values(foreign)[0]! },
    ])
      expect(await refusal(bindings)).toEqual({ refused: '503 unavailable', detail })
  })
})

describe('workers', () => {
  type Node<S extends 'BY' | 'UZ'> = WorkerUnderTest<keyof (typeof SYSTEMS)[S] & string>
  let BY: Node<'BY'>
  let UZ: Node<'UZ'>
  beforeAll(async () => {
    BY = await startWorker(program, states.BY, [states.UZ], SYSTEMS.BY)
    UZ = await startWorker(program, states.UZ, [states.BY], SYSTEMS.UZ)
    for (const node of [BY, UZ, BY]) await node.tick()
  })
  afterAll(() => Promise.all([BY?.stop(), UZ?.stop()]))

  it('deliver right after the answer, without waiting for cron', async () => {
    const certificate = await freshCertificate()
    bodyOf(await BY.clients.chamber.post('/v1/certificates', { certificate }), 201)
    const delivered = await eventually('a decision', async () => {
      const answer = await BY.clients.chamber.get(pathOf(certificate, '/delivery'))
      const { certificate: found } = bodyOf<{ certificate: { state: string }[] }>(answer, 200)
      return found[0]?.state === 'decided' && found[0]
    })
    expect(delivered).toMatchObject({ recipient: 'UZ', outcome: 'accepted' })
  })

  it('lose nothing that they acknowledged, and deliver it when they run again', async () => {
    await UZ.stop()
    const { chamber } = BY.clients
    const certificates = await Promise.all(Array.from({ length: 32 }, () => freshCertificate()))
    const issued = await Promise.all(
      certificates.map(async (certificate) =>
        bodyOf<Issued>(await chamber.post('/v1/certificates', { certificate }), 201),
      ),
    )
    await BY.kill()
    BY = await BY.restart()
    UZ = await UZ.restart()
    await eventually('everything has arrived', async () => {
      await BY.tick()
      const found = await Promise.all(
        certificates.map((certificate) => UZ.clients.auditor.get(pathOf(certificate, '/document'))),
      )
      return found.every(({ status, body }, i) => status === 200 && body === issued[i]!.document)
    })
    const log = await BY.rows('SELECT idx, kind FROM entries ORDER BY idx')
    expect(log.map(({ idx }) => idx)).toEqual(log.map((_, i) => i))
    expect(log.filter(({ kind }) => kind === 'certificate')).toHaveLength(1 + issued.length)
    const sent = await BY.rows('SELECT seq FROM outgoing ORDER BY seq')
    expect(sent.map(({ seq }) => seq)).toEqual(sent.map((_, i) => i + 1))
  })
})
