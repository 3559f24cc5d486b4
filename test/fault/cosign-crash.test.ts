import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type Sqlite from 'better-sqlite3'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { sha256Sync } from '../../src/crypto/suite.ts'
import { openWorkbench } from '../../src/node/bootstrap.ts'
import type { PreparedState } from '../../src/node/dev-state.ts'
import { SqliteDatabase } from '../../src/node/sqlite-database.ts'
import { sqlLogStore } from '../../src/storage/log-store.ts'
import { parseSignedCheckpoint } from '../../src/tlog/checkpoint.ts'
import { logHashReader } from '../../src/tlog/log-tiles.ts'
import { readFrontier, rootOf } from '../../src/tlog/frontier.ts'
import { encodeBase64 } from '../../src/encoding/base64url.ts'
import { nodeProcess, type NodeProcess } from '../support/crash.ts'
import { faultPoint, type FaultPoint } from '../support/fault-point.ts'
import { eventually, prepareTwoStates } from '../support/two-nodes.ts'

let folder: string
let states: { BY: PreparedState; UZ: PreparedState }
const processes = new Map<'BY' | 'UZ', NodeProcess & ReturnType<typeof faultPoint>>()

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'certex-cosign-crash-'))
  states = await prepareTwoStates(folder)
  for (const state of ['BY', 'UZ'] as const) {
    const fault = faultPoint(join(folder, `fault-${state}`))
    processes.set(state, { ...nodeProcess(states[state], fault.env), ...fault })
  }
  await Promise.all([...processes.values()].map((node) => node.start()))
})
afterAll(async () => {
  await Promise.all([...processes.values()].map((node) => node.kill()))
  await rm(folder, { recursive: true, force: true })
})

function read<T>(state: 'BY' | 'UZ', query: (raw: Sqlite.Database) => T): T {
  const file = join(states[state].data, 'node.sqlite')
  const database = new SqliteDatabase(file, { readOnly: true })
  try {
    return query(database.raw)
  } finally {
    database.close()
  }
}

const column = (state: 'BY' | 'UZ', sql: string) =>
  read(state, (raw) => raw.prepare(sql).pluck().all() as (number | string)[])
const logSize = () => Number(column('BY', 'SELECT count(*) FROM entries')[0])
const cosigned = () => Number(column('BY', 'SELECT max(size) FROM cosignatures')[0] ?? 0)
const isWhole = () => Promise.resolve(cosigned() === logSize())

/** An administrative act is an entry, too: it needs no client. */
async function grow(): Promise<void> {
  const { state, data } = states.BY
  const database = join(data, 'node.sqlite')
  const bench = await openWorkbench({ state, environment: 'production', database })
  await bench.adminActs.record([bench.act('alarms-seen', '0')])
  await bench.close()
}

/** The checkpoints of BY as BY and its witness remember them. */
const signed = () =>
  read('BY', (raw) => raw.prepare('SELECT size, note FROM checkpoints ORDER BY size').all()) as {
    size: number
    note: string
  }[]
const witnessed = () =>
  read('UZ', (raw) => raw.prepare('SELECT n, size, root FROM witnessed ORDER BY n').all()) as {
    n: number
    size: number
    root: string
  }[]

/** What is wrong with the log of BY and with what was said of it. */
async function flaws(before: ReturnType<typeof signed>): Promise<string[]> {
  const found: string[] = []
  const now = signed()
  for (const { size, note } of before)
    if (now.find((one) => one.size === size)?.note !== note) found.push(`lost or altered: ${size}`)
  const file = join(states.BY.data, 'node.sqlite')
  const database = new SqliteDatabase(file, { readOnly: true })
  const log = sqlLogStore(database)
  const root = async (size: number) => {
    const reader = logHashReader(sha256Sync, log, (await log.frontier()).size)
    return encodeBase64(rootOf(sha256Sync, await readFrontier(reader, BigInt(size))))
  }
  for (const { size, note } of now) {
    const parsed = parseSignedCheckpoint(new TextEncoder().encode(note))
    if ('malformed' in parsed || encodeBase64(parsed.checkpoint.rootHash) !== (await root(size)))
      found.push(`a fork: ${size}`)
  }
  let last = 0
  for (const { n, size, root: known } of witnessed()) {
    if (size <= last) found.push(`rolled back: the ${n}-th`)
    if (known !== (await root(size))) found.push(`witnessed another: ${size}`)
    if (!now.some((one) => one.size === size)) found.push(`witnessed and forgotten here: ${size}`)
    last = size
  }
  database.close()
  for (const state of ['BY', 'UZ'] as const)
    for (const table of ['log_forks', 'log_doubts', 'alarms'])
      if (column(state, `SELECT count(*) FROM ${table}`)[0] !== 0) found.push(`${state}: ${table}`)
  return found
}

const FAULTS: readonly (FaultPoint & { readonly fault: string; readonly at: 'BY' | 'UZ' })[] = [
  {
    fault: 'the checkpoint is signed, and nobody was asked to cosign it',
    at: 'BY',
    when: 'after',
    table: 'checkpoints',
  },
  {
    fault: 'the witness has cosigned, and the cosignature is not stored',
    at: 'BY',
    when: 'before',
    table: 'cosignatures',
  },
  {
    fault: 'the witness has stored the checkpoint, and its answer is lost',
    at: 'UZ',
    when: 'after',
    table: 'witnessed',
  },
  {
    fault: 'the witness has checked the checkpoint, and has not stored it',
    at: 'UZ',
    when: 'before',
    table: 'witnessed',
  },
]

describe('a process that is killed between checkpoint and cosignature', () => {
  it.each(FAULTS)(
    'forks, rolls back and loses nothing: $fault',
    { timeout: 240_000 },
    async (one) => {
      await eventually('all is cosigned', isWhole)
      const before = signed()
      const seen = witnessed().length
      const victim = processes.get(one.at)!
      victim.arm(one)
      await grow()
      await eventually('it is killed', () => Promise.resolve(victim.isGone()))
      victim.disarm()

      // The fault is the one that was meant.
      const isSigned = signed().length > before.length
      const isStored = witnessed().length > seen
      expect({ isSigned, isStored, isCosigned: cosigned() === logSize() }).toEqual({
        isSigned: true,
        isStored: one.fault.includes('has cosigned') || one.fault.includes('has stored'),
        isCosigned: false,
      })

      const after = signed()
      await grow()
      await victim.start()
      await eventually('all is cosigned again', isWhole)
      expect(await flaws(after)).toEqual([])
      expect([...processes.values()].flatMap(({ errors }) => errors)).toEqual([])
    },
  )
})
