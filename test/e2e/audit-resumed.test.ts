import { copyFileSync, existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { actsEntry } from '../../src/exchange/log/administrative-entry.ts'
import { auditFile } from '../../src/node/audit-file.ts'
import { SqliteDatabase } from '../../src/node/sqlite-database.ts'
import type { AuditState } from '../../src/storage/audit/audit-database.ts'
import { SAVED_EVERY } from '../../src/storage/audit/walk-log.ts'
import { decisionAt, issue, type Issued } from '../support/changes.ts'
import { certexProcess } from '../support/cli.ts'
import { startTwoNodes, type TwoNodes } from '../support/two-nodes.ts'

let nodes: TwoNodes
let database: string
let state: string
/** Before the place where an audit leaves how far it came. */
let first: Issued

interface Report {
  readonly signatures: number
  readonly entries: number
  readonly findings: readonly { readonly code: string; readonly where: string }[]
}

/** Ends the process as a power cut does, as soon as it has left how far it came. */
const KILLED = `data:text/javascript,${encodeURIComponent(
  `import fs from 'node:fs/promises'
   import { syncBuiltinESMExports } from 'node:module'
   const { rename } = fs
   fs.rename = async (from, to) => {
     await rename(from, to)
     if (String(to).endsWith('.state')) process.kill(process.pid, 'SIGKILL')
   }
   syncBuiltinESMExports()`,
)}`

const audit = (env: Record<string, string> = {}) =>
  certexProcess(['audit', '--database', database, '--state', state, '--json'], { env })

async function resumed(): Promise<Report> {
  const { stdout, stderr } = await audit()
  expect(stdout, stderr).not.toBe('')
  return JSON.parse(stdout) as Report
}

const keptState = () => JSON.parse(readFileSync(state, 'utf8')) as { of: string; state: AuditState }

/** Documents, then acts until an audit leaves how far it came, then documents again. */
beforeAll(async () => {
  nodes = await startTwoNodes()
  const { deps } = nodes.BY.running
  const chamber = await nodes.BY.client('issuer', 'BY.CCI')
  first = await issue(chamber, 'origin-ct1-tractors')
  await decisionAt(nodes.BY, 'UZ', first.sha256)
  const at = `${new Date().toISOString().slice(0, 19)}Z`
  const act = { at, actor: 'user:test', act: 'alarms-seen', subject: 'BY' } as const
  await deps.append({ entries: Array.from({ length: SAVED_EVERY }, () => actsEntry([act])) })
  const second = await issue(chamber, 'origin-ct1-tractors')
  await decisionAt(nodes.BY, 'UZ', second.sha256)
  await Promise.all([nodes.BY.running.stop(), nodes.UZ.running.stop()])
  const source = new SqliteDatabase(join(nodes.BY.data, 'node.sqlite'))
  source.raw.pragma('wal_checkpoint(TRUNCATE)')
  source.raw.pragma('journal_mode = DELETE')
  source.close()
  database = join(nodes.folder, 'copy.sqlite')
  state = join(nodes.folder, 'audit.state')
})
afterAll(() => nodes.close())

/** The database as it was, whatever a test did to it. */
beforeEach(() => copyFileSync(join(nodes.BY.data, 'node.sqlite'), database))

function alter(statement: string): void {
  const altered = new SqliteDatabase(database)
  altered.raw.exec(statement)
  altered.raw.pragma('journal_mode = DELETE')
  altered.close()
}

describe('an audit of a database that is killed in its midst', () => {
  let whole: Report
  it('goes on where it came to: of what it had judged, nothing is judged again', async () => {
    whole = await resumed()
    expect(existsSync(state)).toBe(false)

    const killed = await audit({ NODE_OPTIONS: `--import=${KILLED}` })
    expect(killed.code).not.toBe(0)
    expect(killed.stdout).toBe('')
    const kept = keptState()
    expect(kept.state).toMatchObject({ next: SAVED_EVERY })
    expect(kept.state.judged).toBeGreaterThan(0)
    expect(kept.state.judged).toBeLessThan(whole.signatures)

    // Without CRLs no signature can be judged: those that were judged before the crash are not missed.
    const undecided = ({ findings }: Report) =>
      findings
        .filter(({ code }) => code === 'signature-undecided')
        .map(({ where }) => Number(/^entry (\d+)$/.exec(where)![1]))
    alter('DELETE FROM crls')
    const rest = undecided(await resumed())
    const all = undecided(await resumed())
    expect(rest.length).toBeGreaterThan(0)
    expect(rest).toEqual(all.filter((idx) => idx >= SAVED_EVERY))
    expect(all.length).toBeGreaterThan(rest.length)
  })

  it('comes to the same report, and compares again what is no signature', async () => {
    await audit({ NODE_OPTIONS: `--import=${KILLED}` })
    const kept = readFileSync(state)
    const plain = ({ signatures, entries, findings }: Report) => ({ signatures, entries, findings })
    expect(plain(await resumed())).toEqual(plain(whole))
    expect(existsSync(state)).toBe(false)

    writeFileSync(state, kept)
    alter(`UPDATE certificates SET status = 'annulled' WHERE sha256 = '${first.sha256}'`)
    const { findings, signatures } = await resumed()
    expect(signatures).toBe(whole.signatures)
    expect(findings).toContainEqual(
      expect.objectContaining({
        code: 'differs-from-log',
        detail: expect.stringContaining(first.sha256) as string,
      }),
    )
  })

  it('begins anew in another database and in another log', async () => {
    await audit({ NODE_OPTIONS: `--import=${KILLED}` })
    const kept = keptState()
    // What it says of itself shows whether it was believed.
    const boasting = { ...kept.state, judged: kept.state.judged + 1000 }
    const judgedFrom = async (one: unknown) => {
      writeFileSync(state, JSON.stringify(one))
      return (await resumed()).signatures
    }
    expect(await judgedFrom({ ...kept, state: boasting })).toBe(whole.signatures + 1000)
    expect(await judgedFrom({ of: 'another', state: boasting })).toBe(whole.signatures)
    const root = Buffer.alloc(32).toString('base64')
    expect(await judgedFrom({ ...kept, state: { ...boasting, root } })).toBe(whole.signatures)
  })
})

describe('the progress of an audit', () => {
  it('rises to the end of each step', async () => {
    const told = new Map<string, [number, number][]>()
    const progress = (step: string, done: number, all: number) => {
      told.set(step, [...(told.get(step) ?? []), [done, all]])
    }
    const { entries } = await auditFile(database, {
      witnesses: [],
      save: () => Promise.resolve(),
      progress,
    })
    expect([...told.keys()]).toEqual(['tree', 'documents', 'tables'])
    for (const [step, steps] of told) {
      const done = steps.map(([at]) => at)
      expect(done, step).toEqual(done.toSorted((a, b) => a - b))
      const [last, all] = steps.at(-1)!
      expect(last, step).toBe(all)
    }
    const documents = told.get('documents')!
    expect(documents.length).toBeGreaterThan(3)
    expect(documents.at(-1)).toEqual([entries, entries])
  })
})
