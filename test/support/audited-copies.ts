import { copyFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'vitest'
import { clientAddedDetail } from '../../src/exchange/client-added.ts'
import { coverEveryTable } from '../../src/exchange/log/cover-rows.ts'
import { mirrorLog } from '../../src/exchange/log/mirror.ts'
import { nodeKeyResolver } from '../../src/exchange/node-keys.ts'
import { peerLogReader } from '../../src/exchange/delivery/peer-client.ts'
import { formatInstant } from '../../src/encoding/time.ts'
import { publishTrustList } from '../../src/exchange/keep-trust/publish-trust.ts'
import { payloadOf } from '../../src/exchange/registered.ts'
import { SqliteDatabase } from '../../src/node/sqlite-database.ts'
import { makeTrustList, signTrustList } from '../../src/node/trust-list-maker.ts'
import { formatCheckpoint } from '../../src/tlog/checkpoint.ts'
import { signNote } from '../../src/tlog/note-signature.ts'
import { formatSignatureLine, formatSignedNote } from '../../src/tlog/signed-note.ts'
import { TILE_WIDTH } from '../../src/tlog/tile.ts'
import type { AdminAct } from '../../src/trust/admin-act.ts'
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
  await furtherNotes(nodes.BY)
  for (const state of STATES) await coverEveryTable(nodes[state].running.deps)
  await eventually('the logs are signed and cosigned', async () => {
    const sizes = await Promise.all(STATES.map((state) => sizesOf(nodes[state])))
    await lookAtEachOther(nodes)
    const isTold = STATES.every((state) =>
      ['cosignatures', 'witnessed', 'addressed'].every((table) => hasRows(nodes[state], table)),
    )
    return isTold && sizes.every(([size, signed]) => size === signed)
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

/** Each mirrors the log of the other, as it does by itself every half minute. */
async function lookAtEachOther(nodes: Record<State, TestNode>): Promise<void> {
  for (const [state, peer] of [STATES, STATES.toReversed()] as [State, State][]) {
    const { deps } = nodes[state].running
    const askLog = peerLogReader({ ...deps, node: deps.nodeKey, resolveKey: nodeKeyResolver(deps) })
    await mirrorLog({ ...deps, askLog })(peer)
  }
}

/** What only a log key that changed and a log that forked leave behind. */
async function furtherNotes({ running: { deps } }: TestNode): Promise<void> {
  const signer = await deps.logSigner()
  const checkpoint = await eventually('a checkpoint', () => deps.log.checkpoint())
  const { size } = checkpoint
  const [text] = checkpoint.note.split('\n\n')
  const again = await signNote(`${text}\n`, signer)
  const signedAt = checkpoint.signedAt
  const { keyId } = signer.key
  await deps.log.keepSignature({ size, keyId, line: formatSignatureLine(again), signedAt })

  const origin = signer.key.name
  const notes = await Promise.all(
    [1, 2].map(async (byte) => {
      const rootHash = new Uint8Array(32).fill(byte)
      const forked = formatCheckpoint({ origin, size: 7n, rootHash, extensions: [] })
      return formatSignedNote({ text: forked, signatures: [await signNote(forked, signer)] })
    }),
  )
  const [first, second] = notes as [string, string]
  const fork = { state: deps.state, origin, foundAt: signedAt, first, second, proof: [] }
  await deps.witnessed.keepFork(fork)

  const rootHash = new Uint8Array(32)
  const larger = formatCheckpoint({ origin, size: 9n, rootHash, extensions: [] })
  const before = formatSignedNote({ text: larger, signatures: [await signNote(larger, signer)] })
  const rollback = { state: deps.state, origin, foundAt: signedAt, size: 9n, before, shown: first }
  await deps.witnessed.keepRollback(rollback)
}

function hasRows(node: TestNode, table: string): boolean {
  return rowsOf(node, table).length > 0
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
    jwk: string
    person: string | null
    registered_at: string
  }[]
  const acts = clients.map(
    async ({ id, role, party, jwk, person, registered_at: at }): Promise<AdminAct> => {
      const key = JSON.parse(jwk) as Record<string, unknown>
      const detail = await clientAddedDetail({ role, party, jwk: key, person: person ?? undefined })
      return { at, actor: 'user:test', act: 'client-added', subject: id, detail }
    },
  )
  // The entry is dated by the first of them.
  const now = { at: formatInstant(new Date()), actor: 'user:test', subject: 'BY' } as const
  await running.deps.adminActs.record([
    { ...now, act: 'alarms-seen' },
    ...(await Promise.all(acts)),
  ])
}

/** What only some histories have: reads, a report, a forked list, a tile that is full. */
async function furtherDays(BY: TestNode, UZ: TestNode): Promise<void> {
  const { deps } = BY.running
  const seen = { actor: 'user:test', act: 'alarms-seen', subject: 'BY' } as const
  const [issued] = rowsOf(BY, 'certificates') as { sha256: string }[]
  const document = await deps.certificates.document(issued!.sha256)
  const customs = await BY.client('customs', 'BY.CUSTOMS')
  const context = { officer: 'BY-1', purpose: 'import-control' }
  const request = { context, items: [{ document }] }
  for (let n = 0; n < 2; n++) {
    const { status, body } = await customs.post('/v1/validations', request)
    expect(status, JSON.stringify(body)).toBe(200)
  }
  await coverEveryTable(deps)
  await forkedList(UZ)
  const at = formatInstant(new Date())
  for (let n = 0; n < 2 * TILE_WIDTH; n++) await deps.adminActs.record([{ at, ...seen }])
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
