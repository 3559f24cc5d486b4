import { generateKeyPairSync } from 'node:crypto'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { JWK } from 'jose'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { apiClient } from '../../src/node/api-client.ts'
import { openWorkbench } from '../../src/node/bootstrap.ts'
import type { PreparedState } from '../../src/node/dev-state.ts'
import { SqliteDatabase } from '../../src/node/sqlite-database.ts'
import { differencesFromLog } from '../../src/storage/rebuild-differences.ts'
import { flawsOf, nodeProcess, type NodeProcess, seededRandom } from '../support/crash.ts'
import { type Load, startLoad } from '../support/load.ts'
import { eventually, prepareTwoStates } from '../support/two-nodes.ts'

const SEED = Number(process.env['CERTEX_CRASH_SEED'] ?? Date.now() % 1_000_000)
const CHAOS_MS = 14_000
const CLIENTS = 32

describe(`two nodes that are killed again and again (CERTEX_CRASH_SEED=${SEED})`, () => {
  const random = seededRandom(SEED)
  let folder: string
  let BY: PreparedState
  let UZ: PreparedState
  const processes: NodeProcess[] = []

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'certex-crash-'))
    ;({ BY, UZ } = await prepareTwoStates(folder))
    // Every other time the documents come both ways at once.
    if (SEED % 2 === 0) await followFeed(UZ)
  })
  afterAll(async () => {
    await Promise.all(processes.map((node) => node.kill()))
    await rm(folder, { recursive: true, force: true })
  })

  async function followFeed({ configFile }: PreparedState): Promise<void> {
    const config = JSON.parse(await readFile(configFile, 'utf8')) as { peers: { pull?: true }[] }
    for (const peer of config.peers) peer.pull = true
    await writeFile(configFile, JSON.stringify(config))
  }

  const open = ({ data }: PreparedState) => new SqliteDatabase(join(data, 'node.sqlite'))

  function hasMet(node: PreparedState): boolean {
    const database = open(node)
    const met = database.raw
      .prepare(
        'SELECT 1 FROM peers WHERE trust_checked_at IS NOT NULL AND last_heard_at IS NOT NULL',
      )
      .get()
    database.close()
    return met !== undefined
  }

  async function chamber() {
    const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
    const privateJwk = privateKey.export({ format: 'jwk' }) as JWK
    const { d: _, ...jwk } = privateJwk
    const bench = await openWorkbench({
      state: 'BY',
      environment: 'production',
      database: join(BY.data, 'node.sqlite'),
    })
    const client = { id: 'chamber', role: 'issuer', party: 'BY.CCI', jwk } as const
    await bench.clients.register(client, new Date().toISOString())
    await bench.close()
    return apiClient({ url: BY.url, clientId: client.id, privateJwk })
  }

  /** Kills one node or both at random moments and starts them again. */
  async function chaos(until: number, load: Load): Promise<number> {
    const sleep = (most: number) => new Promise((resolve) => setTimeout(resolve, random() * most))
    let kills = 0
    while (Date.now() < until || kills < 3 || load.broken() === 0) {
      await sleep(1500)
      const die = random()
      const victims = die < 0.5 ? [0] : die < 0.8 ? [1] : [0, 1]
      await Promise.all(
        victims.map(async (victim) => {
          await sleep(100)
          await processes[victim]!.kill()
          await sleep(300)
          await processes[victim]!.start()
        }),
      )
      kills += victims.length
    }
    return kills
  }

  it(
    'lose nothing acknowledged, do nothing twice, leave nothing half',
    { timeout: 240_000 },
    async () => {
      console.log(`CERTEX_CRASH_SEED=${SEED}`)
      const client = await chamber()
      processes.push(nodeProcess(BY), nodeProcess(UZ))
      await Promise.all(processes.map((node) => node.start()))
      await eventually('the nodes have met', () => Promise.resolve([BY, UZ].every(hasMet)))
      const load = startLoad(client, CLIENTS, random)
      const kills = await chaos(Date.now() + CHAOS_MS, load)
      await load.issued(21)
      await load.stop()

      const [by, uz] = [open(BY), open(UZ)]
      const column = (database: SqliteDatabase, query: string) =>
        database.raw.prepare(query).pluck().all() as string[]
      await eventually('everything is delivered and decided', () =>
        Promise.resolve(
          column(by, 'SELECT seq FROM outgoing WHERE received_at IS NULL OR outcome IS NULL')
            .length === 0 &&
            column(uz, 'SELECT sha256 FROM inbox WHERE waits_for IS NOT NULL').length === 0 &&
            column(uz, 'SELECT sha256 FROM late_receipts WHERE delivered_at IS NULL').length === 0,
        ),
      )
      expect(await Promise.all(processes.map((node) => node.stop()))).toEqual([0, 0])

      const issued = load.attempts.flatMap((attempt) => attempt.issued ?? [])
      const annulled = load.attempts.flatMap((attempt) => attempt.annulled ?? [])
      console.log(
        `${kills} kills, ${load.attempts.length} attempts, ${issued.length} acknowledged, ` +
          `${annulled.length} annulled, ${load.broken()} requests broken`,
      )
      expect(kills).toBeGreaterThanOrEqual(3)
      expect(load.broken()).toBeGreaterThan(0)
      expect(issued.length).toBeGreaterThan(20)
      expect(load.surprises.slice(0, 5)).toEqual([])
      expect(processes.flatMap(({ errors }) => errors)).toEqual([])

      for (const [database, state] of [
        [by, 'BY'],
        [uz, 'UZ'],
      ] as const) {
        expect(flawsOf(database.raw)).toEqual([])
        expect(await differencesFromLog(database, state)).toEqual([])
      }

      // Every acknowledged document is on both sides, byte for byte, with one decision.
      const documents = (database: SqliteDatabase) =>
        new Map(
          database.raw.prepare('SELECT sha256, jws FROM documents').raw().all() as [
            string,
            string,
          ][],
        )
      const [atBY, atUZ] = [documents(by), documents(uz)]
      const decisions = new Map(
        uz.raw.prepare('SELECT sha256, outcome FROM decisions').raw().all() as [string, string][],
      )
      const wrong = [...issued, ...annulled].filter(
        ({ sha256, document }) =>
          atBY.get(sha256) !== document ||
          atUZ.get(sha256) !== document ||
          decisions.get(sha256) !== 'accepted',
      )
      expect(wrong).toEqual([])
      const isAnnulled = "SELECT sha256 FROM certificates WHERE status = 'annulled' ORDER BY 1"
      expect(column(uz, isAnnulled)).toEqual(column(by, isAnnulled))
      expect(column(by, isAnnulled).length).toBeGreaterThanOrEqual(annulled.length)

      // What was not acknowledged is on both sides or on none, and each number once.
      const certificates = 'SELECT sha256 FROM certificates ORDER BY number'
      expect(column(uz, certificates)).toEqual(column(by, certificates))
      const numbers = new Set(column(by, 'SELECT number FROM certificates'))
      const strangers = [...numbers].filter(
        (number) => !load.attempts.some((attempt) => attempt.number === number),
      )
      expect(strangers).toEqual([])
      expect(numbers.size).toBeGreaterThanOrEqual(issued.length)

      // Decisions and the signed receipts that carry them are the same on both sides.
      const decided = 'SELECT sha256, outcome, findings, decided_at AS at, receipt FROM outgoing'
      const decisionsOf = 'SELECT sha256, outcome, findings, at, receipt FROM decisions'
      const sorted = (database: SqliteDatabase, query: string) =>
        database.raw.prepare(`${query} ORDER BY sha256`).all()
      expect(sorted(by, decided)).toEqual(sorted(uz, decisionsOf))
      const receipts =
        "SELECT jws FROM entries JOIN documents USING (sha256) WHERE kind = 'receipt' ORDER BY 1"
      expect(column(by, receipts)).toEqual(column(uz, receipts))
      for (const database of [by, uz])
        expect(column(database, 'SELECT kind FROM alarms')).toEqual([])
      by.close()
      uz.close()
    },
  )
})
