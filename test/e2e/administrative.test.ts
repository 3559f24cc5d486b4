import Sqlite from 'better-sqlite3'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { ApiClient } from '../../src/node/api-client.ts'
import { openWorkbench } from '../../src/node/bootstrap.ts'
import { SqliteDatabase } from '../../src/node/sqlite-database.ts'
import { backgroundWork } from '../../src/exchange/background-work.ts'
import { coverRows } from '../../src/exchange/log/cover-rows.ts'
import { verifyAdministrativeLeaves } from '../../src/storage/administrative-check.ts'
import { differencesFromLog } from '../../src/storage/rebuild-differences.ts'
import { freshCertificate, rowsOf } from '../support/hostile.ts'
import { answered, content } from '../support/typed.ts'
import { eventually, startTwoNodes, type TwoNodes } from '../support/two-nodes.ts'

let nodes: TwoNodes
let auditor: ApiClient
let certificate: { type: string; number: string; sha256: string }
beforeAll(async () => {
  nodes = await startTwoNodes()
  auditor = await nodes.BY.client('auditor', 'BY.AUDIT')
  const chamber = await nodes.BY.client('issuer', 'BY.CCI')
  const asked = content(await freshCertificate())
  const issued = await chamber.api.issueCertificate({ body: { certificate: asked } })
  const { sha256 } = answered(issued, 201).body
  certificate = { type: asked.type, number: asked.number, sha256 }
})
afterAll(() => nodes.close())

const params = () => ({ state: 'BY', type: certificate.type, number: certificate.number })
const databaseOf = ({ data }: { readonly data: string }) => join(data, 'node.sqlite')

/** What `certex client disable` does beside the running node. */
async function disable(id: string): Promise<void> {
  const bench = await openWorkbench({
    state: 'BY',
    environment: 'production',
    database: databaseOf(nodes.BY),
    actor: 'user:secret-name',
  })
  const acts = [bench.act('client-disabled', id)]
  await bench.clients.disable(id, new Date().toISOString(), acts)
  await bench.close()
}

describe('an administrative act', () => {
  it('at the command line stands in the log of the running node, under a checkpoint and in the mirror', async () => {
    const { id } = await nodes.BY.client('issuer', 'BY.CCI')
    await disable(id)
    const { body } = answered(await auditor.api.listAdminActs({ query: {} }), 200)
    const act = body.acts.findLast(({ subject }) => subject === id)!
    expect(act).toMatchObject({ act: 'client-disabled', actor: 'user:secret-name' })
    const entry = rowsOf(nodes.BY, 'entries').find(({ idx }) => idx === act.idx)!
    expect(entry).toMatchObject({ kind: 'administrative' })

    const proof = await eventually('its proof', async () => {
      const { status, body: text } = await auditor.get(`/log/proof/${String(entry['sha256'])}`)
      return status === 200 ? String(text) : undefined
    })
    expect(proof).toContain(`index ${act.idx}\n`)
    const { deps } = nodes.UZ.running
    const { logs } = (await deps.trust()).view.list('BY')!
    const log = { state: 'BY', origin: logs[0]!.origin }
    const { mirror } = backgroundWork(deps, [])
    const leaves = await eventually('the mirror has it', async () => {
      await mirror('BY')
      const held = await deps.mirror.leaves(log, 0n, BigInt(act.idx!) + 1n)
      return held.length > act.idx! ? held : undefined
    })
    expect(leaves[act.idx!]).toBe(entry['leaf'])
    for (const secret of [id, 'secret-name', 'client-disabled', certificate.number])
      expect(leaves.join('\n')).not.toContain(secret)
  })

  it('beside documents appended at the same time forks nothing', async () => {
    const chamber = await nodes.BY.client('issuer', 'BY.CCI')
    const gone = await Promise.all([1, 2, 3].map(() => nodes.BY.client('issuer', 'BY.CCI')))
    const issued = [1, 2, 3, 4, 5, 6].map(async () => {
      const asked = content(await freshCertificate())
      return chamber.api.issueCertificate({ body: { certificate: asked } })
    })
    const results = await Promise.all([...issued, ...gone.map(({ id }) => disable(id))])
    for (const result of results) if (result) expect(result.status).toBe(201)
    const database = new SqliteDatabase(databaseOf(nodes.BY))
    expect(await differencesFromLog(database, 'BY')).toEqual([])
    database.close()
  })
})

describe('the record of who read what', () => {
  it('names the officer, can be asked by client, officer and time, and the leaf that covers it', async () => {
    const reader = await nodes.BY.client('authority', 'BY.ECONOMY')
    const since = `${new Date(Date.now() - 1000).toISOString().slice(0, 19)}Z`
    answered(await reader.api.getCertificate({ params: params() }), 200)
    const authority = await nodes.BY.client('authority', 'BY.ECONOMY')
    const asked = async (query: Record<string, string>) =>
      answered(await authority.api.searchAccesses({ query }), 200).body
    // By then it may stand behind an entry already.
    const uncovered = (accesses: Awaited<ReturnType<typeof asked>>['accesses']) =>
      accesses.map(({ idx: _, ...access }) => access)
    const [own] = uncovered((await asked({ client: reader.id, from: since })).accesses)
    expect(own).toMatchObject({
      operation: 'getCertificate',
      certificate: certificate.sha256,
      context: { officer: 'Test', purpose: 'test' },
    })
    expect((await asked({ client: reader.id, to: since })).accesses).toEqual([])
    const byOfficer = await asked({ client: reader.id, officer: 'Test' })
    expect(uncovered(byOfficer.accesses)).toEqual([own])
    expect((await asked({ client: reader.id, officer: 'Other' })).accesses).toEqual([])

    await coverRows(nodes.BY.running.deps, 'accesses')
    const [covered] = (await asked({ client: reader.id })).accesses
    expect(rowsOf(nodes.BY, 'entries')[covered!.idx!]).toMatchObject({ kind: 'administrative' })
    const listed = await auditor.api.listAccesses({ params: params(), query: {} })
    expect(answered(listed, 200).body.accesses.find(({ client }) => client === reader.id)).toEqual(
      (({ certificate: _, ...access }) => access)(covered!),
    )
  })

  it.each(['?from=yesterday', '?after=17', '?officer=', '?by=me', '?to=2026-03-02'])(
    'refuses %s',
    async (query) => {
      expect((await auditor.get(`/v1/accesses${query}`)).status).toBe(400)
    },
  )
})

describe('in a copy of the database', () => {
  let folder: string
  let file: string
  beforeEach(async () => {
    const reader = await nodes.BY.client('authority', 'BY.ECONOMY')
    answered(await reader.api.getCertificate({ params: params() }), 200)
    await coverRows(nodes.BY.running.deps, 'accesses')
    folder = await mkdtemp(join(tmpdir(), 'certex-copy-'))
    file = join(folder, 'copy.sqlite')
    const source = new Sqlite(databaseOf(nodes.BY), { readonly: true })
    await source.backup(file)
    source.close()
  })
  afterEach(() => rm(folder, { recursive: true }))

  async function differences(): Promise<readonly string[]> {
    const database = new SqliteDatabase(file)
    const found: string[] = []
    await verifyAdministrativeLeaves(database, (one) => found.push(one))
    expect(await differencesFromLog(database, 'BY')).toEqual(found)
    database.close()
    return found
  }

  it('nothing differs', async () => {
    expect(await differences()).toEqual([])
  })

  it.each([
    ['an act that somebody else did', "UPDATE admin_acts SET actor = 'user:nobody' WHERE n = 3"],
    ['an act that was not', 'DELETE FROM admin_acts WHERE n = (SELECT max(n) FROM admin_acts)'],
    [
      'an act that nobody did',
      "INSERT INTO admin_acts (at, actor, act, subject) VALUES ('2026-01-01T00:00:00Z', 'user:b', 'client-added', 'x')",
    ],
    ['a reader', "UPDATE accesses SET context = json_set(context, '$.officer', 'Another')"],
    ['the time of a reading', "UPDATE accesses SET at = '2020-01-01T00:00:00Z' WHERE n = 1"],
    ['a reading that was not', 'DELETE FROM accesses WHERE n = 1'],
  ])('%s is found', async (_, statement) => {
    const database = new Sqlite(file)
    for (const name of database
      .prepare("SELECT name FROM sqlite_master WHERE type = 'trigger'")
      .pluck()
      .all())
      database.exec(`DROP TRIGGER ${String(name)}`)
    expect(database.prepare(statement).run().changes).toBeGreaterThan(0)
    database.close()
    expect((await differences()).length).toBeGreaterThan(0)
  })
})
