import { copyFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'vitest'
import { coverRows } from '../../src/exchange/cover-rows.ts'
import { publishTrustList } from '../../src/exchange/publish-trust.ts'
import { payloadOf } from '../../src/exchange/registered.ts'
import { SqliteDatabase } from '../../src/node/sqlite-database.ts'
import { makeTrustList, signTrustList } from '../../src/node/trust-list-maker.ts'
import { TILE_WIDTH } from '../../src/tlog/tile.ts'
import { TrustList } from '../../src/trust/trust-list.ts'
import { startFullHistory } from './full-history.ts'
import { rowsOf } from './hostile.ts'
import { eventually, type TestNode } from './two-nodes.ts'

export const STATES = ['BY', 'UZ'] as const
export type State = (typeof STATES)[number]

/** Databases of two nodes after a full history, as files that nobody has open. */
export interface AuditedCopies {
  readonly folder: string
  readonly files: Readonly<Record<State, string>>
  remove(): Promise<void>
}

export async function makeAuditedCopies(): Promise<AuditedCopies> {
  const folder = await mkdtemp(join(tmpdir(), 'certex-audit-'))
  const nodes = await startFullHistory()
  await furtherDays(nodes.BY, nodes.UZ)
  for (const state of STATES) await recordClients(nodes[state])
  await eventually('the logs are signed and cosigned', async () => {
    const sizes = await Promise.all(STATES.map((state) => sizesOf(nodes[state])))
    return sizes.every(([size, signed]) => size === signed)
  })
  await Promise.all(STATES.map((state) => nodes[state].running.stop()))
  const files = Object.fromEntries(
    STATES.map((state) => {
      const file = join(folder, `${state}.sqlite`)
      const source = new SqliteDatabase(join(nodes[state].data, 'node.sqlite'))
      source.raw.pragma('wal_checkpoint(TRUNCATE)')
      source.raw.pragma('journal_mode = DELETE')
      source.close()
      copyFileSync(join(nodes[state].data, 'node.sqlite'), file)
      return [state, file]
    }),
  ) as Record<State, string>
  await nodes.close()
  return { folder, files, remove: () => rm(folder, { recursive: true }) }
}

async function sizesOf({ running }: TestNode): Promise<(bigint | undefined)[]> {
  const { log } = running.deps
  const [frontier, checkpoint] = await Promise.all([log.frontier(), log.checkpoint()])
  return [frontier.size, checkpoint?.size]
}

/** Clients of tests are registered without an act; those of the program with one. */
export async function recordClients({ running, data }: TestNode): Promise<void> {
  const clients = rowsOf({ data }, 'clients') as {
    id: string
    role: string
    party: string
    registered_at: string
  }[]
  await running.deps.adminActs.record(
    clients.map(({ id, role, party, registered_at: at }) => {
      const detail = `${role} for ${party}`
      return { at, actor: 'user:test', act: 'client-added', subject: id, detail }
    }),
  )
}

/** What only some histories have: reads, a report, a forked list, a tile that is full. */
async function furtherDays(BY: TestNode, UZ: TestNode): Promise<void> {
  const { deps } = BY.running
  const [issued] = rowsOf(BY, 'certificates') as { sha256: string }[]
  const document = await deps.certificates.document(issued!.sha256)
  const customs = await BY.client('customs', 'BY.CUSTOMS')
  const context = { officer: 'BY-1', purpose: 'import-control' }
  const request = { context, items: [{ document }] }
  for (let n = 0; n < 2; n++) {
    const { status, body } = await customs.post('/v1/validations', request)
    expect(status, JSON.stringify(body)).toBe(200)
  }
  await coverRows(deps, 'accesses')
  await forkedList(UZ)
  const act = { actor: 'user:test', act: 'alarms-seen', subject: 'BY' } as const
  const at = `${new Date().toISOString().slice(0, 19)}Z`
  for (let n = 0; n < 2 * TILE_WIDTH; n++) await deps.adminActs.record([{ at, ...act }])
}

/** The list signer signs a second list in the place of the newest. */
async function forkedList(node: TestNode): Promise<void> {
  const [first] = await node.running.deps.trustStore.versions(node.state)
  const jws = (await node.running.deps.trustStore.version(node.state, 1))!
  const list = await makeTrustList({
    pki: node.pki,
    bodies: node.bodies,
    url: node.url,
    now: new Date(),
    validDays: 30,
    previous: { list: TrustList.parse(payloadOf(jws)), sha256: first!.sha256 },
  })
  const signed = await signTrustList(list, node.pki, node.passphrase)
  const published = await publishTrustList(node.running.deps)(signed)
  expect(published).toMatchObject({ outcome: 'refused', refusal: { refused: 'fork' } })
}
