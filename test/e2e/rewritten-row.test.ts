import Sqlite from 'better-sqlite3'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type BackgroundWork, backgroundWork } from '../../src/exchange/background-work.ts'
import { sha256Sync } from '../../src/crypto/suite.ts'
import type { ApiClient } from '../../src/node/api-client.ts'
import { auditFile } from '../../src/node/audit-file.ts'
import { SqliteDatabase } from '../../src/node/sqlite-database.ts'
import { growTree } from '../../src/storage/log-tree.ts'
import { formatCheckpoint } from '../../src/tlog/checkpoint.ts'
import { rootOf } from '../../src/tlog/frontier.ts'
import { signNote } from '../../src/tlog/note-signature.ts'
import { formatSignedNote } from '../../src/tlog/signed-note.ts'
import { claimsFor, digest, forge, freshCertificate, rowsOf, sealOf } from '../support/hostile.ts'
import { answered, content } from '../support/typed.ts'
import { startTestNode, startTwoNodes, type TwoNodes } from '../support/two-nodes.ts'

const ORIGIN = 'exchange.by/log/1'
const QUIET = { witnesses: [], save: () => Promise.resolve(), progress: () => undefined }

let nodes: TwoNodes
let auditor: ApiClient
/** What the nodes do by themselves, one thing at a time: their schedules stand still. */
let BY: BackgroundWork
let UZ: BackgroundWork

beforeAll(async () => {
  nodes = await startTwoNodes()
  for (const { running } of [nodes.BY, nodes.UZ]) await running.schedule.stop()
  auditor = await nodes.BY.client('auditor', 'BY.AUDIT')
  BY = backgroundWork(nodes.BY.running.deps, [])
  UZ = backgroundWork(nodes.UZ.running.deps, [])
  await BY.checkpoint()
  expect(await UZ.mirror('BY')).toEqual({ hasMore: false })
})
afterAll(() => nodes.close())

async function issue(): Promise<string> {
  const chamber = await nodes.BY.client('issuer', 'BY.CCI')
  const certificate = content(await freshCertificate())
  return answered(await chamber.api.issueCertificate({ body: { certificate } }), 201).body.sha256
}

const file = () => join(nodes.BY.data, 'node.sqlite')

/** What somebody does who has the database of BY in hand, while its node runs. */
function byHand<T>(act: (database: Sqlite.Database) => T): T {
  const database = new Sqlite(file(), { timeout: 10_000 })
  try {
    return database.transaction(() => {
      const triggers = database
        .prepare("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'")
        .all() as { name: string; sql: string }[]
      for (const { name } of triggers) database.exec(`DROP TRIGGER ${name}`)
      const result = act(database)
      for (const { sql } of triggers) database.exec(sql)
      return result
    })()
  } finally {
    database.close()
  }
}

/** Writes another value into a row of BY; gives the one that was there. */
function rewritten(table: string, column: string, where: string, value: string): string {
  return byHand((database) => {
    const row = `FROM ${table} WHERE ${where}`
    const before = database.prepare(`SELECT ${column} ${row}`).pluck().all() as string[]
    expect(before).toHaveLength(1)
    database.prepare(`UPDATE ${table} SET ${column} = ? WHERE ${where}`).run(value)
    return before[0]!
  })
}

const warnings = async (client = auditor) =>
  (
    (await client.get('/v1/warnings')).body as { warnings: readonly { kind: string }[] }
  ).warnings.map(({ kind }) => kind)
const signed = async () => (await nodes.BY.running.deps.log.checkpoint())!
const proofOf = async (sha256: string) => (await auditor.get(`/log/proof/${sha256}`)).status
/** Clients of tests come without the record that an operator leaves. */
const found = async () =>
  (await auditFile(file(), QUIET)).findings.filter(({ where }) => !where.startsWith('clients '))
const mirrored = { state: 'BY', origin: ORIGIN }

/** Nothing more is signed, however much is appended; certificates flow. */
async function neverSignedOver(): Promise<void> {
  const { size } = await signed()
  expect(await warnings()).toContain('log-altered')
  await issue()
  expect(await BY.checkpoint()).toBe(false)
  expect((await signed()).size).toBe(size)
  expect(await warnings()).toContain('log-altered')
}

/** Everything is as it was appended again. */
async function signedAgain(): Promise<void> {
  expect(await warnings()).not.toContain('log-altered')
  expect(await BY.checkpoint()).toBe(true)
  expect(await UZ.mirror('BY')).toEqual({ hasMore: false })
  expect((await nodes.UZ.running.deps.mirror.head(mirrored))!.frontier.size).toBe(
    (await signed()).size,
  )
}

describe('a row that is rewritten in the database of a live node', () => {
  it('nothing is found amiss before', async () => {
    await issue()
    await BY.checkpoint()
    expect(await warnings()).not.toContain('log-altered')
    expect(await found()).toEqual([])
  })

  it('a leaf: the node signs nothing over it and proves nothing by it, the mirror takes it not', async () => {
    const sha256 = await issue()
    expect(await BY.checkpoint()).toBe(true)
    expect(await proofOf(sha256)).toBe(200)
    const leaf = (at: string, where = `sha256 = '${sha256}'`) =>
      rewritten('entries', 'leaf', where, at)
    const before = leaf('{"v":1,"kind":"certificate"}')
    leaf(before.replace(/"at":"\d+/, '"at":"2020'))

    expect(await UZ.mirror('BY')).toEqual({ error: 'its tiles are not those of its checkpoint' })
    expect(await proofOf(sha256)).toBe(500)
    await neverSignedOver()
    expect(await found()).not.toEqual([])

    leaf(before)
    expect(await proofOf(sha256)).toBe(200)
    await signedAgain()
  })

  it('the head of the tree: the node signs nothing', async () => {
    await issue()
    const { frontier } = rowsOf(nodes.BY, 'log_head')[0] as { frontier: string }
    const before = rewritten('log_head', 'frontier', 'id = 1', `AAAA${frontier.slice(4)}`)
    expect(await BY.checkpoint()).toBe(false)
    expect(await warnings()).toContain('log-altered')
    rewritten('log_head', 'frontier', 'id = 1', before)
    await signedAgain()
  })

  it('a status: the audit says which, and the other state tells it otherwise', async () => {
    const sha256 = await issue()
    await BY.deliver('UZ')
    await BY.checkpoint()
    const at = `sha256 = '${sha256}'`
    const before = rewritten('certificates', 'status', at, 'annulled')
    expect(await found()).not.toEqual([])
    const received = rowsOf(nodes.UZ, 'certificates').find((row) => row['sha256'] === sha256)
    expect(received).toMatchObject({ status: before })
    rewritten('certificates', 'status', at, before)
    expect(await found()).toEqual([])
  })

  it('the bytes of a document, signed anew: the other state misses the one of the log', async () => {
    const sha256 = await issue()
    const { jws } = rowsOf(nodes.BY, 'documents').find((row) => row['sha256'] === sha256) as {
      jws: string
    }
    const payload = JSON.parse(Buffer.from(jws.split('.')[1]!, 'base64url').toString()) as object
    const seal = await sealOf(nodes.BY, 'BY.CCI.001')
    const another = await forge(seal, {
      payload: { ...claimsFor(nodes.BY, await freshCertificate()), status: statusOf(payload) },
    })
    rewritten('documents', 'jws', `sha256 = '${sha256}'`, another)
    await BY.deliver('UZ')
    expect(await BY.checkpoint()).toBe(true)
    expect(await UZ.mirror('BY')).toEqual({ hasMore: false })
    const customs = await nodes.UZ.client('auditor', 'UZ.AUDIT')
    const answer = await customs.api.getCompleteness({ params: { peer: 'BY' } })
    const { missing } = answered(answer, 200).body.logs[0]!
    expect(missing.map((message) => message.sha256)).toEqual([sha256])
    expect(await found()).not.toEqual([])
    rewritten('documents', 'jws', `sha256 = '${sha256}'`, jws)
  })

  it('a full tile: no proof is made of it, its root holds up the next checkpoint', async () => {
    const entries = Array.from({ length: 300 }, (_, i) => {
      return { kind: 'unknown', ...documentOf(`entry ${i}`), to: [], effects: [] } as const
    })
    await nodes.BY.running.deps.append({ entries })
    expect(await BY.checkpoint()).toBe(true)
    const tile = rowsOf(nodes.BY, 'log_tiles')[0] as { hashes: string; root: string }
    const sha256 = String(rowsOf(nodes.BY, 'entries').find(({ idx }) => idx === 200)!['sha256'])
    expect(await proofOf(sha256)).toBe(200)
    const where = 'level = 0 AND n = 0'

    // In the hash of the entry beside it.
    const at = 201 * 32 * (4 / 3)
    const hashes = `${tile.hashes.slice(0, at + 4)}AAAA${tile.hashes.slice(at + 8)}`
    rewritten('log_tiles', 'hashes', where, hashes)
    expect(await proofOf(sha256)).toBe(500)
    expect(await found()).toContainEqual(expect.objectContaining({ code: 'tree-differs' }))
    rewritten('log_tiles', 'hashes', where, tile.hashes)
    expect(await proofOf(sha256)).toBe(200)

    rewritten('log_tiles', 'root', where, `${'A'.repeat(43)}=`)
    await neverSignedOver()
    rewritten('log_tiles', 'root', where, tile.root)
    await signedAgain()
  })

  it('the log with all that follows from it: the node does not sign, and who signs is proven a forger', async () => {
    const sha256 = await issue()
    await BY.checkpoint()
    expect(await UZ.mirror('BY')).toEqual({ hasMore: false })
    await nodes.BY.running.stop()
    rewritten('entries', 'leaf', `sha256 = '${sha256}'`, '{"v":1,"kind":"unknown"}')
    byHand((database) => database.exec('DELETE FROM log_tiles; DELETE FROM log_head'))
    const grown = new SqliteDatabase(file())
    await growTree(grown)
    grown.close()

    const restarted = await startTestNode(nodes.BY)
    try {
      const { deps, schedule } = restarted.running
      await schedule.stop()
      const last = (await deps.log.checkpoint())!
      const own = backgroundWork(deps, [])
      const entry = { kind: 'unknown', ...documentOf('more'), to: [], effects: [] } as const
      await deps.append({ entries: [entry] })
      expect((await deps.log.frontier()).size).toBeGreaterThan(last.size)
      expect(await own.checkpoint()).toBe(false)
      expect((await deps.log.checkpoint())!.size).toBe(last.size)
      expect(await warnings(await restarted.client('auditor', 'BY.AUDIT'))).toContain('log-altered')

      // Whoever has the log key as well.
      const frontier = await deps.log.frontier()
      const rootHash = rootOf(sha256Sync, frontier)
      const { size } = frontier
      const text = formatCheckpoint({ origin: ORIGIN, size, rootHash, extensions: [] })
      const signatures = [await signNote(text, await deps.logSigner())]
      const note = formatSignedNote({ text, signatures })
      await deps.log.keepCheckpoint({ size, note, signedAt: deps.now().toISOString() })
      const [witness] = await own.witnesses()
      expect(await own.cosign(witness!)).not.toMatchObject({ cosigned: true })
      expect(await UZ.mirror('BY')).toEqual({ error: expect.stringContaining('contradicts') })
      const [fork] = await nodes.UZ.running.deps.witnessed.forks(10)
      expect(fork).toMatchObject({ ...mirrored, second: note })
      const alarms = await nodes.UZ.running.deps.alarms.list(0, 100)
      expect(alarms).toContainEqual(expect.objectContaining({ kind: 'log-forked', peer: 'BY' }))
    } finally {
      await restarted.running.stop()
    }
  })
})

function documentOf(jws: string): { sha256: string; jws: string } {
  return { sha256: digest(jws), jws }
}

function statusOf(payload: object): unknown {
  return (payload as { status: unknown }).status
}
