import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { backgroundWork } from '../../src/exchange/background-work.ts'
import { createApp } from '../../src/http/app.ts'
import { parseSignedCheckpoint, verifyCheckpoint } from '../../src/tlog/checkpoint.ts'
import { parseLogProof } from '../../src/tlog/proof.ts'
import { decisionAt, issue } from '../support/changes.ts'
import { eventually, prepareTwoStates, startTestNode, type TestNode } from '../support/two-nodes.ts'

let folder: string
/** Its log is public. */
let BY: TestNode
/** Its log is not: nobody has said anything. */
let UZ: TestNode
let sha256: string
const ample = { perMinute: 100_000, burst: 100_000 }
const BURST = 40

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'certex-public-'))
  const prepared = await prepareTwoStates(folder)
  const { configFile } = prepared.BY
  const config = JSON.parse(await readFile(configFile, 'utf8')) as Record<string, unknown>
  await writeFile(configFile, JSON.stringify({ ...config, publicLog: true }))
  const anonymous = { perMinute: 1, burst: BURST }
  const rates = {
    default: ample,
    expensive: ample,
    token: ample,
    anonymous,
    failedAuthentications: ample,
  }
  BY = await startTestNode(prepared.BY, { limits: { rates, trustedProxies: 1 } })
  UZ = await startTestNode(prepared.UZ)
  await eventually('the nodes have met', async () => {
    const [peer] = await BY.running.deps.peers.all()
    return peer?.trustCheckedAt
  })
  const chamber = await BY.client('issuer', 'BY.CCI')
  const issued = await issue(chamber, 'origin-ct1-tractors', ['UZ'])
  ;({ sha256 } = issued)
  await decisionAt(BY, 'UZ', sha256)
  await eventually('it is witnessed', async () => {
    const checkpoint = await BY.running.deps.log.cosignedCheckpoint()
    return (checkpoint?.size ?? 0n) >= (await BY.running.deps.log.frontier()).size
  })
})
afterAll(async () => {
  await Promise.all([BY, UZ].map(({ running }) => running.stop()))
  await rm(folder, { recursive: true, force: true })
})

let address = 0
/** Each call from an address of its own, unless said otherwise. */
const look = (node: TestNode, path: string, from = `198.51.100.${++address}`) =>
  fetch(node.url + path, { headers: { 'X-Forwarded-For': from } })
const paths = () => [
  '/log/checkpoint',
  '/log/tile/0/000.p/1',
  '/log/tile/entries/000.p/1',
  `/log/proof/${sha256}`,
]

describe('a log that is public', () => {
  it('shows checkpoint, tiles, entries and proofs to everybody, and what is shown proves itself', async () => {
    for (const path of paths()) expect((await look(BY, path)).status, path).toBe(200)
    const note = await (await look(BY, '/log/checkpoint')).text()
    const signed = parseSignedCheckpoint(new TextEncoder().encode(note))
    if ('malformed' in signed) throw new Error(signed.malformed)
    const { key } = await BY.running.deps.logSigner()
    expect(await verifyCheckpoint(signed, [key])).toBe('valid')
    const proof = await (await look(BY, `/log/proof/${sha256}`)).arrayBuffer()
    expect(parseLogProof(new Uint8Array(proof))).not.toHaveProperty('malformed')
    // A client system of another role sees it like anybody.
    const customs = await BY.client('customs', 'BY.CUSTOMS')
    expect((await customs.get('/log/checkpoint')).status).toBe(200)
  })

  it('says how long it may be kept: tiles for good, the checkpoint for a second, errors never', async () => {
    const cached = async (path: string) => {
      const { headers } = await look(BY, path)
      return [headers.get('cache-control'), headers.get('vary')]
    }
    const vary = 'Authorization, Signature-Input'
    expect(await cached('/log/tile/0/000.p/1')).toEqual([
      'public, max-age=31536000, immutable',
      vary,
    ])
    expect(await cached('/log/checkpoint')).toEqual(['public, max-age=1', vary])
    expect(await cached(`/log/proof/${sha256}`)).toEqual(['no-store', null])
    expect((await cached('/log/tile/0/999'))[0]).toBe('no-store')
  })

  it('holds back one address that reads too fast, and nobody who has a name', async () => {
    const from = '203.0.113.7'
    const statuses = new Set<number>()
    for (let i = 0; i < BURST; i++) statuses.add((await look(BY, '/log/checkpoint', from)).status)
    expect([...statuses]).toEqual([200])
    const refused = await look(BY, '/log/checkpoint', from)
    expect([refused.status, refused.headers.get('retry-after')]).toEqual([429, '60'])
    expect((await look(BY, '/log/checkpoint')).status).toBe(200)
    const auditor = await BY.client('auditor', 'BY.AUDIT')
    for (let i = 0; i < BURST + 5; i++)
      expect((await auditor.get('/log/checkpoint')).status).toBe(200)
  })

  it('holds back one address that brings checkpoints too fast to the witness', async () => {
    const bring = (from: string) => {
      const headers = { 'X-Forwarded-For': from, 'Content-Type': 'text/plain' }
      return fetch(`${BY.url}/witness/add-checkpoint`, { method: 'POST', headers, body: 'old x' })
    }
    for (let i = 0; i < BURST; i++) expect((await bring('203.0.113.8')).status).toBe(400)
    expect((await bring('203.0.113.8')).status).toBe(429)
    expect((await bring('203.0.113.9')).status).toBe(400)
  })

  it('is read by the peer under its name, and mirrored as before', async () => {
    const { deps } = UZ.running
    const { mirror } = backgroundWork(deps, [])
    for (let i = 0; i < BURST + 5; i++) expect(await mirror('BY')).not.toHaveProperty('error')
    const origin = (await BY.running.deps.logSigner()).key.name
    expect(await deps.mirror.head({ state: 'BY', origin })).toBeDefined()
  })

  it('opens nothing else', () => {
    const callersOf = (publicLog: boolean) =>
      new Map(
        createApp({ ...BY.running.deps, publicLog }).routes.map(({ route }) => [
          `${route.method} ${route.path}`,
          route.callers.join(),
        ]),
      )
    const [closed, opened] = [callersOf(false), callersOf(true)]
    const changed = [...opened].filter(([route, callers]) => closed.get(route) !== callers)
    expect(Object.fromEntries(changed)).toEqual({
      'get /log/checkpoint': 'peer,authority,auditor,public',
      'get /log/proof/{digest}': 'peer,authority,auditor,public',
      'get /log/tile/{path*}': 'peer,authority,auditor,public',
    })
  })
})

describe('a log of which nobody has said anything', () => {
  it('is for peers, the authority and auditors', async () => {
    for (const path of paths()) expect((await look(UZ, path)).status, path).toBe(401)
    const customs = await UZ.client('customs', 'UZ.CUSTOMS')
    expect((await customs.get('/log/checkpoint')).status).toBe(403)
    const auditor = await UZ.client('auditor', 'UZ.AUDIT')
    const { status, headers } = await auditor.api.getLogTile({ params: { path: '0/000.p/1' } })
    expect([status, headers.get('cache-control'), headers.get('vary')]).toEqual([
      200,
      'private, max-age=31536000, immutable',
      null,
    ])
  })
})
