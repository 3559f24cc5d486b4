import { existsSync } from 'node:fs'
import { cp, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { ApiClient } from '../../src/node/api-client.ts'
import { backUp as backUpFile, restoreBackup } from '../../src/node/backup.ts'
import { SqliteDatabase } from '../../src/node/sqlite-database.ts'
import { differencesFromLog } from '../../src/storage/rebuild-differences.ts'
import { flawsOf } from '../support/crash.ts'
import { today } from '../support/day.ts'
import { freshCertificate, rowsOf } from '../support/hostile.ts'
import { peerOf, postAs } from '../support/sign-as.ts'
import {
  eventually,
  startTestNode,
  startTwoNodes,
  type TestNode,
  type TwoNodes,
} from '../support/two-nodes.ts'

const kinds = (node: TestNode) => rowsOf(node, 'alarms').map(({ kind }) => kind)

describe('a node whose database was restored from a backup', () => {
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

  async function issue(client: ApiClient, name: string): Promise<string> {
    const { status, body } = await client.post('/v1/certificates', {
      certificate: await freshCertificate(name),
    })
    expect(status, JSON.stringify(body)).toBe(201)
    return (body as { sha256: string }).sha256
  }

  const tractors = () => issue(chamber, 'origin-ct1-tractors')
  const decidedFor = (node: TestNode, sha256: string) =>
    eventually('a decision', () =>
      Promise.resolve(
        rowsOf(node, 'outgoing').some((row) => row['sha256'] === sha256 && row['outcome'] !== null),
      ),
    )
  const databaseOf = ({ data }: TestNode) => join(data, 'node.sqlite')

  async function backUp(node: TestNode): Promise<void> {
    const database = new SqliteDatabase(databaseOf(node))
    await database.raw.backup(`${databaseOf(node)}.backup`)
    database.close()
  }

  async function restore(node: TestNode): Promise<TestNode> {
    for (const suffix of ['', '-wal', '-shm']) await rm(databaseOf(node) + suffix, { force: true })
    await cp(`${databaseOf(node)}.backup`, databaseOf(node))
    return startTestNode(node)
  }

  async function expectSound(node: TestNode): Promise<void> {
    const database = new SqliteDatabase(databaseOf(node))
    expect(flawsOf(database.raw)).toEqual([])
    expect(await differencesFromLog(database, node.state)).toEqual([])
    database.close()
  }

  it('takes a receipt that also decides on what it has forgotten, says so, and goes on', async () => {
    await UZ.running.stop()
    const remembered = await tractors()
    await backUp(BY)
    const forgotten = await tractors()
    UZ = await startTestNode(UZ)
    await decidedFor(BY, forgotten)
    await BY.running.stop()

    BY = await restore(BY)
    await decidedFor(BY, remembered)
    expect(kinds(BY)).toContain('decision-on-unknown-document')
    await decidedFor(BY, await tractors())
    // Under the number of the forgotten one: told at once, the log of BY need not grow.
    expect(kinds(UZ)).toContain('message-number-repeated')
    await expectSound(BY)
  })

  it('is not cut off because it cannot take a late receipt on what it has forgotten', async () => {
    await UZ.running.stop()
    await backUp(BY)
    const forgotten = await tractors()
    const document = await BY.running.deps.certificates.document(forgotten)
    await BY.running.stop()

    const database = new SqliteDatabase(databaseOf(UZ))
    database.raw.exec("DELETE FROM crls WHERE state = 'BY'")
    database.close()
    UZ = await startTestNode(UZ)
    const messages = [{ seq: 1, document }]
    const answer = await postAs(await peerOf(BY), UZ, '/exchange/v1/messages', { messages })
    expect(answer.body).toMatchObject({ received: [{ sha256: forgotten, state: 'received' }] })

    BY = await restore(BY)
    await eventually('it is decided late', () =>
      Promise.resolve(rowsOf(UZ, 'late_receipts').length === 1),
    )
    const expert = await UZ.client('issuer', 'UZ.EXPERTIZA')
    await decidedFor(UZ, await issue(expert, 'origin-ct1-uz-dried-fruit'))
    expect(rowsOf(UZ, 'late_receipts').every(({ delivered_at: at }) => at !== null)).toBe(true)
    expect(kinds(UZ)).toContain('receipt-refused-by-peer')
    await expectSound(UZ)
  })

  it('takes no backup in which an annulment was undone or a receipt exchanged', async () => {
    const certificate = await freshCertificate('origin-ct1-tractors')
    await chamber.post('/v1/certificates', { certificate })
    const { number } = certificate as { number: string }
    const change = { change: 'annul', effectiveFrom: today, reason: 'ошибка' }
    const path = `/v1/certificates/BY/origin.ct1/${number}/status-changes`
    expect((await chamber.post(path, change)).status).toBe(201)
    await BY.running.stop()
    const copy = join(nodes.folder, 'copy')
    await backUpFile(databaseOf(BY), copy)

    const target = join(nodes.folder, 'restored.sqlite')
    const attempt = (from: string) =>
      restoreBackup({ state: 'BY', database: target, from, replace: false, now: new Date() })
    for (const alteration of [
      "UPDATE certificates SET status = 'issued'",
      'DELETE FROM status_changes',
      "UPDATE outgoing SET outcome = 'refused', findings = '[]', decided_at = '2026-01-01T00:00:00Z', receipt = 'x'",
    ]) {
      const altered = `${copy}.altered`
      await cp(copy, altered)
      const database = new SqliteDatabase(altered)
      database.raw.exec(alteration)
      database.raw.pragma('journal_mode = DELETE')
      database.close()
      await expect(attempt(altered), alteration).rejects.toMatchObject({ code: 'contradicts-log' })
      expect(existsSync(target)).toBe(false)
    }
    expect(await attempt(copy)).toMatchObject({ outcome: 'restored' })
  })
})
