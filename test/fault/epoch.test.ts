import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { ApiClient } from '../../src/node/api-client.ts'
import { backUp, restoreBackup } from '../../src/node/backup.ts'
import { SqliteDatabase } from '../../src/node/sqlite-database.ts'
import { differencesFromLog } from '../../src/storage/rebuild-differences.ts'
import { flawsOf } from '../support/crash.ts'
import { today } from '../support/day.ts'
import { freshCertificate, rowsOf } from '../support/hostile.ts'
import {
  eventually,
  startTestNode,
  startTwoNodes,
  type TestNode,
  type TwoNodes,
} from '../support/two-nodes.ts'

const databaseOf = ({ data }: TestNode) => join(data, 'node.sqlite')
const alarmsOf = (node: TestNode, kind: string) =>
  rowsOf(node, 'alarms').filter((alarm) => alarm['kind'] === kind)

describe('after a node was restored from a backup', () => {
  let nodes: TwoNodes
  let BY: TestNode
  let UZ: TestNode
  let chamber: ApiClient
  beforeEach(async () => {
    nodes = await startTwoNodes()
    ;({ BY, UZ } = nodes)
    chamber = await BY.client('issuer', 'BY.CCI')
  })
  afterEach(async () => {
    await BY.running.stop().catch(() => undefined)
    await UZ.running.stop().catch(() => undefined)
    await rm(nodes.folder, { recursive: true, force: true })
  })

  async function issue(client = chamber, name = 'origin-ct1-tractors') {
    const certificate = await freshCertificate(name)
    const { status, body } = await client.post('/v1/certificates', { certificate })
    expect(status, JSON.stringify(body)).toBe(201)
    const { number } = certificate as { number: string }
    return { number, sha256: (body as { sha256: string }).sha256 }
  }

  async function annul({ number }: { number: string }): Promise<string> {
    const path = `/v1/certificates/BY/origin.ct1/${number}/status-changes`
    const change = { change: 'annul', effectiveFrom: today, reason: 'Ошибка' }
    const { status, body } = await chamber.post(path, change)
    expect(status, JSON.stringify(body)).toBe(201)
    return (body as { sha256: string }).sha256
  }

  const decided = (node: TestNode) =>
    eventually('everything is decided', () =>
      Promise.resolve(
        rowsOf(node, 'outgoing').every((row) => row['outcome'] !== null && row['received_at']),
      ),
    )

  async function restored(node: TestNode, from: string): Promise<TestNode> {
    await node.running.stop()
    const request = { state: node.state, database: databaseOf(node), from }
    expect(await restoreBackup({ ...request, replace: true, now: new Date() })).toMatchObject({
      outcome: 'restored',
    })
    return startTestNode(node)
  }

  /** Starts it again: then it looks into every feed. */
  async function again(node: TestNode): Promise<TestNode> {
    await node.running.stop()
    return startTestNode(node)
  }

  async function expectSound(): Promise<void> {
    for (const node of [BY, UZ]) {
      const database = new SqliteDatabase(databaseOf(node))
      expect(flawsOf(database.raw)).toEqual([])
      expect(await differencesFromLog(database, node.state)).toEqual([])
      database.close()
    }
  }

  const followed = (node: TestNode, peer: TestNode) =>
    eventually('the feed is followed to its end', async () => {
      const { epoch, lastSeq } = await peer.running.deps.outbox.feedHead(node.state)
      const { feed } = await node.running.deps.peers.find(peer.state)
      return feed?.epoch === epoch && feed.seq === lastSeq
    })

  it('it pulls what had been delivered since, and everything is there again', async () => {
    const before = await issue()
    await decided(BY)
    await followed(UZ, BY)
    const backup = join(nodes.folder, 'uz.sqlite')
    await backUp(databaseOf(UZ), backup)
    const since = [await issue(), await issue()]
    const change = await annul(before)
    await decided(BY)

    UZ = await restored(UZ, backup)
    await followed(UZ, BY)
    const status = Object.fromEntries(
      rowsOf(UZ, 'certificates').map((row) => [row['sha256'], row['status']]),
    )
    expect(status).toEqual({
      [before.sha256]: 'annulled',
      [since[0]!.sha256]: 'issued',
      [since[1]!.sha256]: 'issued',
    })
    // It has forgotten its receipts as well and decides again: the first decision stands.
    await eventually('the new receipts have come', () =>
      Promise.resolve(alarmsOf(BY, 'decided-again').length > 0),
    )
    expect(alarmsOf(BY, 'contradicting-receipt')).toEqual([])
    for (const sha256 of [...since.map((each) => each.sha256), change])
      expect(await BY.running.deps.outbox.delivery('UZ', sha256)).toMatchObject({
        decision: { outcome: 'accepted' },
      })
    await issue()
    await decided(BY)
    await expectSound()
  })

  it('its peers follow its feed from the beginning, tell an operator once, and tell it their decisions again', async () => {
    const expert = await UZ.client('issuer', 'UZ.EXPERTIZA')
    const certificate = await issue(expert, 'origin-ct1-uz-dried-fruit')
    await decided(UZ)
    BY = await again(BY)
    await followed(BY, UZ)
    const backup = join(nodes.folder, 'uz.sqlite')
    await backUp(databaseOf(UZ), backup)
    const lost = await issue(expert, 'origin-ct1-uz-dried-fruit')
    await decided(UZ)
    const { feed: before } = await BY.running.deps.peers.find('UZ')
    const inbox = rowsOf(BY, 'inbox')
    await BY.running.stop()

    UZ = await restored(UZ, backup)
    await eventually('it is served', () => fetch(`${UZ.url}/ready`).then(({ ok }) => ok))
    BY = await startTestNode(BY)
    await followed(BY, UZ)
    const { feed: after } = await BY.running.deps.peers.find('UZ')
    expect(after!.epoch).not.toBe(before!.epoch)
    expect(after!.seq).toBe(before!.seq - 1)
    BY = await again(BY)
    expect(alarmsOf(BY, 'feed-restarted')).toMatchObject([{ peer: 'UZ' }])
    expect(alarmsOf(BY, 'sequence-gap')).toEqual([])
    expect(rowsOf(BY, 'inbox')).toEqual(inbox)
    expect(rowsOf(BY, 'late_receipts').map(({ sha256 }) => sha256)).toContain(
      rowsOf(UZ, 'outgoing').find(({ sha256 }) => sha256 === certificate.sha256)!['receipt'],
    )
    expect(await BY.running.deps.certificates.findByDigest(lost.sha256)).toBeDefined()

    // What it issues now has the place in the feed that the lost one had.
    const expertAgain = await UZ.client('issuer', 'UZ.EXPERTIZA')
    const next = await issue(expertAgain, 'origin-ct1-uz-dried-fruit')
    await decided(UZ)
    expect(await BY.running.deps.certificates.findByDigest(next.sha256)).toBeDefined()
    await expectSound()
  })

  it('it gets a decision that it had been told of and has forgotten', async () => {
    const expert = await UZ.client('issuer', 'UZ.EXPERTIZA')
    await BY.running.stop()
    const { sha256 } = await issue(expert, 'origin-ct1-uz-dried-fruit')
    const backup = join(nodes.folder, 'uz.sqlite')
    await backUp(databaseOf(UZ), backup)
    BY = await startTestNode(BY)
    await decided(UZ)
    const decision = (await UZ.running.deps.outbox.delivery('BY', sha256))!.decision
    BY = await again(BY)
    await followed(BY, UZ)
    await BY.running.stop()
    await UZ.running.stop()

    // Of that time it only knows that the message was taken.
    const database = new SqliteDatabase(backup)
    database.raw.exec("UPDATE outgoing SET received_at = '2026-01-01T00:00:00Z'")
    database.raw.pragma('journal_mode = DELETE')
    database.close()
    UZ = await restored(UZ, backup)
    BY = await startTestNode(BY)
    const delivery = await eventually('the decision', async () => {
      const found = await UZ.running.deps.outbox.delivery('BY', sha256)
      return found?.decision && found
    })
    expect(delivery.decision).toEqual(decision)
    await expectSound()
  })

  it('client systems start its events again, and know by their ids what they have had', async () => {
    interface Page {
      readonly events: readonly { id: string; document: string }[]
      readonly next: string
    }
    const read = async (client: ApiClient, after?: string) =>
      client.get(`/v1/events${after === undefined ? '' : `?after=${after}`}`)
    const kept = await issue()
    await decided(BY)
    const backup = join(nodes.folder, 'by.sqlite')
    await backUp(databaseOf(BY), backup)
    const known = (await read(chamber)).body as Page
    const lost = await issue()
    await decided(BY)
    const { next } = (await read(chamber)).body as Page

    BY = await restored(BY, backup)
    chamber = await BY.client('issuer', 'BY.CCI')
    const gone = await read(chamber, next)
    expect(gone).toMatchObject({ status: 410, body: { restart: expect.any(String) as string } })
    const { restart } = gone.body as { restart: string }
    const other = await issue()
    await decided(BY)
    const { events } = (await read(chamber, restart)).body as Page
    expect(events.slice(0, known.events.length)).toEqual(known.events)
    expect(events.map(({ document }) => document)).toContain(kept.sha256)
    expect(events.map(({ document }) => document)).not.toContain(lost.sha256)
    const news = events.filter(({ id }) => !known.events.some((event) => event.id === id))
    expect(news.map(({ document }) => document)).toEqual([other.sha256, other.sha256])
  })
})
