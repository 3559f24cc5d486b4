import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { expect } from 'vitest'
import { peerLogReader } from '../../src/exchange/delivery/peer-client.ts'
import { publishCheckpoint } from '../../src/exchange/log/checkpoint.ts'
import { mirrorLog } from '../../src/exchange/log/mirror.ts'
import { nodeKeyResolver } from '../../src/exchange/node-keys.ts'
import type { ApiClient } from '../../src/node/api-client.ts'
import { SqliteDatabase } from '../../src/node/sqlite-database.ts'
import { today } from './day.ts'
import { freshCertificate, rowsOf } from './hostile.ts'
import { eventually, type TestNode } from './two-nodes.ts'

/** A certificate that a test has issued. */
export interface Issued {
  readonly number: string
  readonly sha256: string
}

export const databaseOf = ({ data }: TestNode) => join(data, 'node.sqlite')

export async function issue(client: ApiClient, name = 'origin-ct1-tractors'): Promise<Issued> {
  const certificate = await freshCertificate(name)
  const { status, body } = await client.post('/v1/certificates', { certificate })
  expect(status, JSON.stringify(body)).toBe(201)
  const { number } = certificate as { number: string }
  return { number, sha256: (body as { sha256: string }).sha256 }
}

export async function annul(client: ApiClient, { number }: Issued, state = 'BY'): Promise<void> {
  const path = `/v1/certificates/${state}/origin.ct1/${number}/status-changes`
  const effectiveFrom = today
  const change = { change: 'annul', effectiveFrom, reason: 'Ошибка' }
  const { status, body } = await client.post(path, change)
  expect(status, JSON.stringify(body)).toBe(201)
}

/** Everything that the node sent has its receipt. */
export const decided = (node: TestNode) =>
  eventually('everything is decided', () => {
    const lost = rowsOf(node, 'lost_documents').map(({ sha256 }) => sha256)
    const sent = rowsOf(node, 'outgoing').filter(({ sha256 }) => !lost.includes(sha256))
    return Promise.resolve(sent.every((row) => row['outcome'] !== null))
  })

/** The peer looks into the log of a node until it has all that the node has signed. */
export async function mirrored(node: TestNode, peer: TestNode): Promise<void> {
  const { deps } = peer.running
  const { state, log } = node.running.deps
  const origin = `exchange.${state.toLowerCase()}/log/1`
  const askLog = peerLogReader({ ...deps, node: deps.nodeKey, resolveKey: nodeKeyResolver(deps) })
  await eventually('the mirror is whole', async () => {
    await mirrorLog({ ...deps, askLog })(state)
    const head = await deps.mirror.head({ state, origin })
    const [{ size }, checkpoint] = [await log.frontier(), await log.checkpoint()]
    return head?.frontier.size === size && checkpoint?.size === size
  })
}

/** The node appends nothing more of itself, and its peer holds all that it has signed. */
export async function atRest(node: TestNode, peer: TestNode): Promise<void> {
  const { deps, schedule } = node.running
  await eventually('its log is confirmed', async () => (await deps.log.doubt()) === undefined)
  await schedule.stop()
  await publishCheckpoint(deps)()
  await mirrored(node, peer)
}

/** The database of the node is gone, as a disk goes. */
export async function lose(node: TestNode): Promise<void> {
  await node.running.stop()
  for (const suffix of ['', '-wal', '-shm']) await rm(databaseOf(node) + suffix, { force: true })
}

/** Documents that the database of a node pretends not to have. */
export function hiding(node: TestNode) {
  const rows = new Map<string, string>()
  return {
    hide(sha256s: readonly string[]): void {
      const database = new SqliteDatabase(databaseOf(node))
      const among = `sha256 IN (${sha256s.map((sha256) => `'${sha256}'`).join(', ')})`
      const found = database.raw.prepare(`SELECT * FROM documents WHERE ${among}`).all()
      for (const { sha256, jws } of found as { sha256: string; jws: string }[])
        rows.set(sha256, jws)
      const guard = "SELECT sql FROM sqlite_master WHERE name = 'documents_remain'"
      const sql = String(database.raw.prepare(guard).pluck().get())
      database.raw.exec(
        `DROP TRIGGER documents_remain; DELETE FROM documents WHERE ${among}; ${sql}`,
      )
      database.close()
    },
    show(sha256s: readonly string[]): void {
      const database = new SqliteDatabase(databaseOf(node))
      const insert = database.raw.prepare('INSERT INTO documents (sha256, jws) VALUES (?, ?)')
      for (const sha256 of sha256s) insert.run(sha256, rows.get(sha256))
      database.close()
    },
    bytesOf: (sha256: string) => rows.get(sha256)!,
    get count() {
      return rows.size
    },
  }
}
