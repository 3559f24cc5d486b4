import { existsSync, readFileSync } from 'node:fs'
import { copyFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { sha256Sync } from '../../src/crypto/suite.ts'
import { formatInstant } from '../../src/encoding/time.ts'
import { acceptReceipt } from '../../src/exchange/delivery/accept-receipts.ts'
import type { Append, NewStep } from '../../src/exchange/journal.ts'
import { findLost } from '../../src/exchange/incoming/find-lost.ts'
import { askWitness } from '../../src/exchange/log/cosign.ts'
import { heldDocuments, heldLeaves, heldLogs } from '../../src/exchange/log/held-for-peer.ts'
import { publishCheckpoint } from '../../src/exchange/log/checkpoint.ts'
import { validateAll } from '../../src/exchange/validation/validate.ts'
import { currentWarnings } from '../../src/exchange/warnings/warnings.ts'
import { parsedCheckpoint } from '../../src/exchange/log/history.ts'
import { listedWitnesses, settleDoubt } from '../../src/exchange/log/witnesses.ts'
import { auditFile } from '../../src/node/audit-file.ts'
import { auditNode } from '../../src/cli/audit-node.ts'
import { restoredText } from '../../src/cli/restore-text.ts'
import { backUp, restoreBackup } from '../../src/node/backup.ts'
import { readConfig } from '../../src/node/config.ts'
import { publishDevTrust } from '../../src/node/dev-state.ts'
import { type MirrorRestore, restoreFromMirror } from '../../src/node/restore-from-mirror.ts'
import { SqliteDatabase } from '../../src/node/sqlite-database.ts'
import { auditDatabase } from '../../src/storage/audit/audit-database.ts'
import { differencesFromLog } from '../../src/storage/rebuild-differences.ts'
import { sqlAdminActs } from '../../src/storage/admin-acts.ts'
import { parseSignedCheckpoint } from '../../src/tlog/checkpoint.ts'
import { proveConsistency, verifyConsistency } from '../../src/tlog/consistency.ts'
import { logHashReader } from '../../src/tlog/log-tiles.ts'
import { trustView } from '../../src/trust/trust-view.ts'
import type { Trust } from '../../src/trust/trust.ts'
import { createPathCache } from '../../src/x509/path-cache.ts'
import { certex, words } from '../support/cli.ts'
import { digest, freshCertificate, rowsOf } from '../support/hostile.ts'
import {
  annul,
  atRest as restOf,
  databaseOf,
  decided,
  hiding,
  issue,
  type Issued,
  lose as loseDisk,
  mirrored as mirroredBy,
} from '../support/losing.ts'
import {
  eventually,
  startTestNode,
  startTwoNodes,
  type TestNode,
  type TwoNodes,
} from '../support/two-nodes.ts'

const ORIGIN = 'exchange.by/log/1'

let nodes: TwoNodes
let BY: TestNode
let UZ: TestNode
let backup: string

beforeAll(async () => {
  nodes = await startTwoNodes()
  ;({ BY, UZ } = nodes)
  backup = join(nodes.folder, 'by.sqlite')
})
afterAll(async () => {
  await BY.running.stop().catch(() => undefined)
  await UZ.running.stop()
  await rm(nodes.folder, { recursive: true, force: true })
})

const atRest = () => restOf(BY, UZ)
const mirrored = () => mirroredBy(BY, UZ)
const lose = () => loseDisk(BY)

const restore = (request: Partial<MirrorRestore> = {}) =>
  restoreFromMirror({
    config: readConfig(BY.configFile, {}),
    from: backup,
    mirrors: ['UZ'],
    roots: [],
    replace: false,
    acceptLoss: false,
    now: () => new Date(),
    actor: 'user:test',
    ...request,
  })

/** What must be the same to the byte, whoever put it together. */
const TABLES = [
  'entries',
  'certificates',
  'status_changes',
  'decisions',
  'trust_lists',
  'recipients',
  'log_tiles',
] as const

function snapshot(node: TestNode): Record<string, unknown[]> {
  const tables = Object.fromEntries(TABLES.map((table) => [table, rowsOf(node, table)]))
  const outgoing = rowsOf(node, 'outgoing').map(({ received_at: _, ...row }) => row)
  const inbox = rowsOf(node, 'inbox').map(({ arrived_at: _, ...row }) => row)
  return { ...tables, outgoing, inbox }
}

function epochIn(mark: string): string {
  return (JSON.parse(readFileSync(mark, 'utf8')) as { epoch: string }).epoch
}

const sorted = (rows: readonly unknown[]) => rows.map((row) => JSON.stringify(row)).toSorted()

const alarmsOf = (node: TestNode) => rowsOf(node, 'alarms').map(({ kind }) => kind)
const LOG_ALARMS = ['log-forked', 'log-rolled-back', 'log-origin-changed', 'message-withheld']

/** Changes something in the database of UZ as a node would that lies, and puts it back. */
async function lying(alter: string, undo: string, work: () => Promise<void>): Promise<void> {
  const database = new SqliteDatabase(databaseOf(UZ))
  database.raw.exec(alter)
  try {
    await work()
  } finally {
    database.raw.exec(undo)
    database.close()
  }
}

async function audited(node: TestNode) {
  const copy = join(nodes.folder, 'audited.sqlite')
  await backUp(databaseOf(node), copy, 0)
  return auditFile(copy, QUIET)
}

const QUIET = { witnesses: [], save: () => Promise.resolve(), progress: () => undefined }

function checkpointIn(note: string) {
  const signed = parseSignedCheckpoint(new TextEncoder().encode(note))
  if ('malformed' in signed) throw new Error(signed.malformed)
  return signed.checkpoint
}

/** The newest checkpoint of BY before it was lost. */
let before: string

/** BY, started again, signs behind the checkpoint of before, and a witness cosigns that. */
async function signedOn(): Promise<void> {
  const { log } = BY.running.deps
  const old = checkpointIn(before)
  const after = await eventually('a new checkpoint', async () => {
    const checkpoint = await log.checkpoint()
    const isNew = (await log.doubt()) === undefined && checkpoint && checkpoint.size > old.size
    return isNew ? checkpoint : undefined
  })
  const next = checkpointIn(after.note)
  const reader = logHashReader(sha256Sync, log, next.size)
  const proof = await proveConsistency(sha256Sync, reader, old.size, next.size)
  const claim = { oldSize: old.size, newSize: next.size, proof }
  const roots = { oldRootHash: old.rootHash, newRootHash: next.rootHash }
  expect(verifyConsistency(sha256Sync, { ...claim, ...roots })).toBe(true)
  await eventually('it is cosigned', async () => {
    const cosigned = await log.cosignedCheckpoint()
    return cosigned && cosigned.size >= next.size
  })
}

/** UZ has followed the feed of BY to its end, as it does by itself every ten minutes. */
async function followed(): Promise<void> {
  UZ.running.schedule.wakePull('BY')
  await eventually('the feed is followed to its end', async () => {
    const { epoch, lastSeq } = await BY.running.deps.outbox.feedHead('UZ')
    const { feed } = await UZ.running.deps.peers.find('BY')
    return feed?.epoch === epoch && feed.seq === lastSeq
  })
}

describe('a node that lost its disk, with an old backup and the mirror of its peer', () => {
  let annulled: Issued
  let fruit: Issued
  let lost: Record<string, unknown[]>
  /** Of the attempt that was cut off. */
  let epoch: string

  beforeAll(async () => {
    let chamber = await BY.client('issuer', 'BY.CCI')
    annulled = await issue(chamber)
    await decided(BY)
    await backUp(databaseOf(BY), backup)
    await issue(chamber)
    await annul(chamber, annulled)
    const expert = await UZ.client('issuer', 'UZ.EXPERTIZA')
    fruit = await issue(expert, 'origin-ct1-uz-dried-fruit')
    await Promise.all([decided(BY), decided(UZ)])
    chamber = await BY.client('issuer', 'BY.CCI')
    await issue(chamber)
    await BY.running.deps.adminActs.record([
      { at: formatInstant(new Date()), actor: 'user:test', act: 'alarms-seen', subject: 'BY' },
    ])
    await decided(BY)
    await atRest()
    before = (await BY.running.deps.log.checkpoint())!.note
    lost = snapshot(BY)
    await lose()
  })

  it('takes no leaf that its own log has not signed, and none that is missing', async () => {
    const altered = `UPDATE mirrored_bundles SET leaves = replace(leaves, '"certificate"', '"Certificate"') WHERE state = 'BY'`
    const undo = `UPDATE mirrored_bundles SET leaves = replace(leaves, '"Certificate"', '"certificate"') WHERE state = 'BY'`
    await lying(altered, undo, async () => {
      await expect(restore()).rejects.toMatchObject({ code: 'altered', index: expect.any(BigInt) })
    })
    const shorter = `CREATE TABLE kept AS SELECT * FROM mirrored_bundles WHERE state = 'BY';
      UPDATE mirrored_bundles SET leaves = substr(leaves, 1, length(leaves) - 300) WHERE state = 'BY'`
    const whole = `UPDATE mirrored_bundles SET leaves = (SELECT leaves FROM kept WHERE kept.n = mirrored_bundles.n)
      WHERE state = 'BY'; DROP TABLE kept`
    await lying(shorter, whole, async () => {
      await expect(restore()).rejects.toMatchObject({ name: 'RestoreRefused' })
    })
    expect(existsSync(databaseOf(BY))).toBe(false)
  })

  it('keeps nothing of a peer that lies and then does not answer', async () => {
    const forged = `UPDATE mirrored_bundles SET leaves = replace(leaves, '"certificate"', '"unknown"') WHERE state = 'BY'`
    const undo = `ALTER TABLE gone RENAME TO mirrored_bundles;
      UPDATE mirrored_bundles SET leaves = replace(leaves, '"unknown"', '"certificate"') WHERE state = 'BY'`
    await lying(forged, undo, async () => {
      let goDark = () => {
        const database = new SqliteDatabase(databaseOf(UZ))
        database.raw.exec('ALTER TABLE mirrored_bundles RENAME TO gone')
        database.close()
        goDark = () => undefined
      }
      const progress: MirrorRestore['progress'] = (step, done, all) => {
        if (step === 'entries' && done === all) goDark()
      }
      await expect(restore({ progress })).rejects.toMatchObject({ code: 'unproven' })
    })
    expect(existsSync(`${databaseOf(BY)}.restoring`)).toBe(false)
  })

  it('takes no checkpoint that its own log has not signed, and no altered document', async () => {
    const size = `CREATE TABLE kept AS SELECT * FROM mirrors;
      UPDATE mirrors SET whole_note = replace(whole_note, char(10) || size || char(10), char(10) || (size + 1) || char(10))`
    const undo = `UPDATE mirrors SET whole_note = (SELECT whole_note FROM kept WHERE kept.state = mirrors.state); DROP TABLE kept`
    await lying(size, undo, async () => {
      await expect(restore()).rejects.toMatchObject({ code: 'not-signed' })
    })
    const guard = rowsOf(UZ, 'sqlite_master').find(({ name }) => name === 'documents_stay')
    const jws = `DROP TRIGGER documents_stay; UPDATE documents SET jws = jws || 'A' WHERE sha256 = '${fruit.sha256}'`
    const back = `UPDATE documents SET jws = substr(jws, 1, length(jws) - 1) WHERE sha256 = '${fruit.sha256}'; ${String(guard!['sql'])}`
    await lying(jws, back, async () => {
      await expect(restore()).rejects.toMatchObject({
        code: 'document-altered',
        message: expect.stringContaining(fruit.sha256),
      })
    })
    expect(existsSync(databaseOf(BY))).toBe(false)
  })

  it('refuses a backup of another history, and says from which entry on', async () => {
    const other = join(nodes.folder, 'other.sqlite')
    await copyFile(backup, other)
    const database = new SqliteDatabase(other)
    const size = database.raw.prepare('SELECT count(*) FROM entries').pluck().get() as number
    const at = '2026-03-02T09:15:00Z'
    await sqlAdminActs(database).record([
      { at, actor: 'user:test', act: 'alarms-seen', subject: 'elsewhere' },
    ])
    database.raw.pragma('journal_mode = DELETE')
    database.close()
    await expect(restore({ from: other })).rejects.toMatchObject({
      code: 'contradiction',
      index: BigInt(size),
      message: expect.stringContaining(`part at entry ${size}`),
    })
    expect(existsSync(databaseOf(BY))).toBe(false)
  })

  it('goes on where an attempt before it was cut off', async () => {
    let cut = true
    const progress = (step: string) => {
      if (cut && step === 'documents') throw new Error('cut off')
    }
    await expect(restore({ progress })).rejects.toThrow('cut off')
    cut = false
    expect(existsSync(databaseOf(BY))).toBe(false)
    // A restore of the backup alone is another matter, and touches nothing of it.
    const alone = { state: 'BY', database: databaseOf(BY), from: backup, replace: false }
    await restoreBackup({ ...alone, now: new Date() })
    await rm(databaseOf(BY))
    const staged = new SqliteDatabase(`${databaseOf(BY)}.restoring`, { readOnly: true })
    const entries = staged.raw.prepare('SELECT count(*) FROM entries').pluck().get()
    staged.close()
    expect(entries).toBe(lost['entries']!.length)
    epoch = epochIn(`${databaseOf(BY)}.restoring.json`)
  })

  it('has its log back to the byte, and every document that was between the two', async () => {
    const ran = await certex(
      words`restore --config ${BY.configFile} --from ${backup} --mirror UZ --json`,
    )
    expect(ran.code, ran.stderr).toBe(0)
    const told = JSON.parse(ran.stdout) as { lost: object; documents: number }
    expect(told.lost).toMatchObject({ documents: 0, unsettled: 0 })

    const now = snapshot(BY)
    for (const table of Object.keys(lost)) {
      const rows = sorted(now[table]!)
      for (const row of sorted(lost[table]!)) expect(rows, table).toContain(row)
    }
    // What is new is the restore itself.
    expect(now['entries']!.length).toBeGreaterThan(lost['entries']!.length)
    expect(rowsOf(BY, 'admin_acts').map(({ act }) => act)).toContain('restored')
    expect(existsSync(`${databaseOf(BY)}.restoring.json`)).toBe(false)
    expect(rowsOf(BY, 'node')).toMatchObject([{ epoch }])
  })

  it('signs on behind the last cosigned checkpoint, and its peer has nothing to complain of', async () => {
    const cosigned = rowsOf(UZ, 'cosignatures').at(-1)!['size'] as number
    BY = await startTestNode(BY)
    await signedOn()
    // Its witness cosigns the log of its peer again, behind what it had cosigned.
    await eventually('it remembers what it cosigned', () =>
      Promise.resolve(
        rowsOf(BY, 'witness_recalls').length > 1 &&
          rowsOf(BY, 'witnessed').some(({ size }) => (size as number) >= cosigned),
      ),
    )
    await mirrored()
    await followed()
    const { missing, misnumbered } = await UZ.running.deps.mirror.compare(
      { state: 'BY', origin: ORIGIN },
      100,
    )
    expect([missing, misnumbered]).toEqual([[], []])
    expect(alarmsOf(UZ).filter((kind) => LOG_ALARMS.includes(String(kind)))).toEqual([])
    expect(alarmsOf(UZ)).not.toContain('sequence-gap')
    expect(alarmsOf(UZ).filter((kind) => kind === 'own-log-read')).toHaveLength(1)
  })

  it('goes on issuing, in a status list that nobody had before', async () => {
    const chamber = await BY.client('issuer', 'BY.CCI')
    const { sha256 } = await issue(chamber)
    await decided(BY)
    const uris = Object.fromEntries(
      rowsOf(BY, 'certificates').map((row) => [row['sha256'], String(row['status_uri'])]),
    )
    expect(uris[annulled.sha256]).toMatch(/\/status\/1$/)
    expect(uris[sha256]).toMatch(/\/status\/\d{9}$/)
  })

  it('passes an audit, which tells of the acts whose records are gone', async () => {
    const { findings, lost: told } = await audited(BY)
    expect(findings.filter(({ where }) => !where.startsWith('clients'))).toEqual([])
    expect(told.documents).toBe(0)
    expect(told.administrative).toBeGreaterThan(0)
  })
})

describe('a node that has no backup, and whose last documents nobody had received', () => {
  const roots = () => [BY, UZ].map(({ state, rootSha256 }) => ({ state, rootSha256 }))
  const withheld = digest('never sent')
  let lost: Record<string, unknown[]>

  beforeAll(async () => {
    await atRest()
    const { deps } = BY.running
    await deps.append({
      entries: [
        { kind: 'certificate', sha256: withheld, jws: 'never sent', to: ['UZ'], effects: [] },
      ],
    })
    await publishCheckpoint(deps)()
    await mirrored()
    before = (await deps.log.checkpoint())!.note
    lost = snapshot(BY)
    await lose()
  })

  it('needs the roots that its operator has compared, and a word that there is no backup', async () => {
    await expect(restore({ from: undefined })).rejects.toThrow(/no root is pinned for UZ/)
    const silent = await certex(words`restore --config ${BY.configFile} --mirror UZ`)
    expect([silent.code, silent.stderr]).toEqual([2, expect.stringContaining('--without-backup')])
  })

  it('replaces nothing before somebody has seen what would be lost', async () => {
    const root = roots().flatMap(({ state, rootSha256 }) => ['--root', `${state}=${rootSha256}`])
    const command = words`restore --config ${BY.configFile} --mirror UZ --without-backup ${root}`
    const refused = await certex(command)
    expect(refused.code).toBe(1)
    expect(refused.stderr).toMatch(new RegExp(`entry \\d+: certificate ${withheld} to UZ \\d+`))
    expect(existsSync(databaseOf(BY))).toBe(false)

    const accepted = await restore({ from: undefined, roots: roots(), acceptLoss: true })
    expect(accepted).toMatchObject({
      outcome: 'restored',
      lost: { documents: 1, unsettled: 1 },
      log: { beyond: undefined },
    })
  })

  it('has every entry of its log, and what its peer had of the documents', async () => {
    const now = snapshot(BY)
    for (const table of ['entries', 'decisions', 'trust_lists', 'outgoing', 'inbox']) {
      const rows = sorted(now[table]!)
      for (const row of sorted(lost[table]!)) expect(rows, table).toContain(row)
    }
    const certificates = (tables: Record<string, unknown[]>) => sorted(tables['certificates']!)
    expect(certificates(now)).toEqual(certificates(lost))
    const database = new SqliteDatabase(databaseOf(BY))
    expect(await differencesFromLog(database, 'BY')).toEqual([])
    database.close()
  })

  it('signs nothing before its peer is pinned again, whoever starts it too early', async () => {
    await publishDevTrust(BY, [])
    const before = rowsOf(BY, 'checkpoints')
    BY = await startTestNode(BY)
    const { deps, schedule } = BY.running
    await deps.logSigner()
    for (let i = 0; i < 2; i++) {
      await settleDoubt(deps)
      expect(await publishCheckpoint(deps)()).toBe(false)
    }
    const warnings = await currentWarnings(deps)()
    const warning = warnings.find(({ kind }) => kind === 'log-unconfirmed')
    expect(warning!.message.en).toContain('No trust list of UZ is believed here yet')
    await schedule.stop()
    await BY.running.stop()
    expect(rowsOf(BY, 'checkpoints')).toEqual(before)
  })

  it('lists what is lost, to the operator and to those who watch over the node', async () => {
    await publishDevTrust(BY, [UZ])
    BY = await startTestNode(BY)
    const told = await certex(words`lost list --config ${BY.configFile} --json`)
    const entry = {
      kind: 'certificate',
      sha256: withheld,
      to: { UZ: expect.any(Number) as number },
    }
    const list = JSON.parse(told.stdout) as { administrative: number; lost: { kind: string }[] }
    expect(list).toMatchObject({ documents: 1 })
    expect(list.lost).toHaveLength(1 + list.administrative)
    const read = await certex(words`lost list --config ${BY.configFile}`)
    expect(read.stdout).toContain(withheld)
    expect(read.stdout).toContain(`behind ${list.administrative} administrative entries`)
    const auditor = await BY.client('auditor', 'BY.AUDIT')
    const { status, body } = await auditor.get('/v1/lost-documents?limit=1000')
    expect(status).toBe(200)
    const page = body as { documents: number; administrative: number; lost: { kind: string }[] }
    expect(page.documents).toBe(1)
    expect(page.administrative).toBe(list.administrative)
    expect(page.administrative).toBeGreaterThan(5)
    expect(page.lost).toHaveLength(1 + page.administrative)
    expect(page.lost.filter(({ kind }) => kind !== 'administrative')).toMatchObject([entry])
  })

  it('signs on, and holds up nothing at the message that is lost', async () => {
    await signedOn()
    await followed()
    await mirrored()
    const { missing } = await UZ.running.deps.mirror.compare({ state: 'BY', origin: ORIGIN }, 100)
    expect(missing).toMatchObject([{ sha256: withheld }])
    expect(alarmsOf(UZ).filter((kind) => LOG_ALARMS.includes(String(kind)))).toEqual([])
    expect(await BY.running.deps.outbox.backlog('UZ')).toMatchObject({ waiting: 0 })
  })

  /** What customs is told of a certificate of BY by its number. */
  async function answerFor(number: string): Promise<unknown[]> {
    const identity = { state: 'BY', type: 'origin.ct1', number }
    const [report] = await validateAll(BY.running.deps)([{ subject: { identity } }])
    return [report!.answer, report!.reasons]
  }

  const listOfBefore = async () => (await fetch(`${BY.url}/status/1`)).status

  it('issues under no number that a lost certificate may have borne', async () => {
    const chamber = await BY.client('issuer', 'BY.CCI')
    const certificate = (await freshCertificate()) as { number: string; type: string }
    const send = async () => {
      const { status, body } = await chamber.post('/v1/certificates', { certificate })
      return [status, (body as { type?: string }).type?.replace(/^.*\//, '')]
    }
    expect(await send()).toEqual([409, 'numbers-unsettled'])
    const warned = async () =>
      (await currentWarnings(BY.running.deps)())
        .map(({ kind }) => kind)
        .includes('numbers-unsettled')
    expect(await warned()).toBe(true)
    const { type, number } = certificate
    expect(await answerFor(number)).toEqual(['cannot-tell', ['not-found-lost']])
    expect(await listOfBefore()).toBe(503)
    const config = BY.configFile
    const settle = words`lost settle --config ${config} --sha256 ${withheld} --type ${type} --number ${number}`
    const settled = await certex(settle)
    expect([settled.code, settled.stdout]).toEqual([0, expect.stringContaining('None is left')])
    expect(await send()).toEqual([409, 'certificate-exists'])
    expect(await warned()).toBe(false)
    expect(await answerFor(number)).toEqual(['cannot-tell', ['not-found-lost']])
    const another = (await freshCertificate()) as { number: string }
    expect(await answerFor(another.number)).toEqual(['not-usable', ['not-found-feed-complete']])
    expect(await listOfBefore()).toBe(200)

    await issue(chamber)
    await decided(BY)
    await followed()
  })

  it('passes an audit that counts what is lost; an altered list of it is found', async () => {
    const { findings, lost: told } = await audited(BY)
    expect(findings.filter(({ where }) => !where.startsWith('clients'))).toEqual([])
    expect(told).toEqual({ documents: 1, administrative: expect.any(Number) })
    const auditor = await BY.client('auditor', 'BY.STATE')
    const key = join(nodes.folder, 'auditor.jwk')
    await writeFile(key, JSON.stringify(auditor.privateJwk))
    const asked = { node: BY.url, client: auditor.id, key }
    const byNode = await auditNode(asked, undefined, () => undefined)
    expect(byNode).toMatchObject({ findings: [], lost: told })

    const [shown] = rowsOf(BY, 'certificates')
    const kept = `sha256 = '${String(shown!['sha256'])}'`
    const first = 'sha256 = (SELECT min(sha256) FROM lost_documents)'
    const altered = join(nodes.folder, 'altered.sqlite')
    for (const alteration of [
      // A document that somebody took away and calls lost.
      `DELETE FROM documents WHERE ${kept}; INSERT INTO lost_documents
         SELECT sha256, idx, kind, (SELECT epoch FROM node) FROM entries WHERE ${kept}`,
      `DELETE FROM documents WHERE ${kept}; INSERT INTO lost_documents
         SELECT sha256, idx, kind, 'another' FROM entries WHERE ${kept}`,
      `DELETE FROM lost_documents WHERE ${first}`,
      `UPDATE lost_documents SET idx = idx + 1000 WHERE ${first}`,
      `UPDATE lost_documents SET kind = 'unknown' WHERE ${first}`,
      `UPDATE lost_documents SET epoch = 'another' WHERE ${first}`,
      `UPDATE lost_documents SET sha256 = 'x' WHERE ${first}`,
      `DELETE FROM lost_numbers`,
      `UPDATE lost_numbers SET type = 'origin.ct2'`,
      `UPDATE lost_numbers SET folded_number = folded_number || '7'`,
      `UPDATE lost_numbers SET settled_at = '2026-01-01T00:00:00Z'`,
      `INSERT INTO lost_numbers VALUES ('x', NULL, NULL, '2026-01-01T00:00:00Z')`,
    ]) {
      await copyFile(join(nodes.folder, 'audited.sqlite'), altered)
      const database = new SqliteDatabase(altered)
      const guards = database.raw.prepare("SELECT name FROM sqlite_master WHERE type = 'trigger'")
      for (const name of guards.pluck().all() as string[]) database.raw.exec(`DROP TRIGGER ${name}`)
      database.raw.exec(alteration)
      database.raw.pragma('journal_mode = DELETE')
      const report = await auditDatabase(database, {
        ...QUIET,
        paths: createPathCache(),
      })
      database.close()
      expect(report === 'no-node' ? [] : report.findings, alteration).not.toEqual(findings)
    }
  })
})

describe('a node of whose documents its peer has not all', () => {
  let hidden: Issued
  let receipt: string
  let fruit: Issued
  /** Of UZ, with its annulment; another whose annulment BY has; what UZ decided of one of BY. */
  let late: { certificate: Issued; annulment: string; overtaken: string; receipt: string }
  let answered: Issued
  let held: ReturnType<typeof hiding>

  const lostKinds = async () =>
    (await BY.running.deps.lost.list(undefined, 1000))
      .filter(({ kind }) => kind !== 'administrative')
      .map(({ kind, sha256 }) => `${kind} ${sha256}`)

  beforeAll(async () => {
    hidden = await issue(await BY.client('issuer', 'BY.CCI'))
    const expert = await UZ.client('issuer', 'UZ.EXPERTIZA')
    fruit = await issue(expert, 'origin-ct1-uz-dried-fruit')
    await Promise.all([decided(BY), decided(UZ)])
    const receiptOf = (document: string) =>
      String(rowsOf(BY, 'decisions').find(({ sha256 }) => sha256 === document)!['receipt'])
    receipt = receiptOf(fruit.sha256)
    await annul(await BY.client('issuer', 'BY.CCI'), hidden)
    answered = await issue(await BY.client('issuer', 'BY.CCI'))
    await decided(BY)
    const told = rowsOf(BY, 'outgoing').find(({ sha256 }) => sha256 === answered.sha256)
    const certificate = await issue(expert, 'origin-ct1-uz-dried-fruit')
    const twice = await issue(expert, 'origin-ct1-uz-dried-fruit')
    for (const one of [certificate, twice]) await annul(expert, one, 'UZ')
    await decided(UZ)
    const ofCertificate = ({ target }: Record<string, unknown>) => target === certificate.sha256
    const annulment = String(rowsOf(UZ, 'status_changes').find(ofCertificate)!['sha256'])
    const overtaken = twice.sha256
    late = { certificate, annulment, overtaken, receipt: String(told!['receipt']) }
    await atRest()
    held = hiding(UZ)
    held.hide([hidden.sha256, receipt, certificate.sha256, annulment, overtaken, late.receipt])
    // Of the annulment alone its decision comes back.
    held.hide([receiptOf(certificate.sha256), receiptOf(overtaken)])
    await lose()
  })

  it('asks again what an attempt gave up that did not come to its end', async () => {
    const mark = `${databaseOf(BY)}.restoring.json`
    const now = () => {
      if (existsSync(`${databaseOf(BY)}.restoring`) && !existsSync(mark)) throw new Error('cut off')
      return new Date()
    }
    await expect(restore({ acceptLoss: true, now })).rejects.toThrow('cut off')
    expect(await restore()).toMatchObject({ outcome: 'would-lose', documents: held.count + 1 })
  })

  it('decides anew on what it had received, where its receipt is lost', async () => {
    expect(await restore({ acceptLoss: true })).toMatchObject({ outcome: 'restored' })
    held.show([late.certificate.sha256, late.annulment, late.overtaken, late.receipt])
    BY = await startTestNode(BY)
    expect(await lostKinds()).toEqual(
      expect.arrayContaining([`certificate ${hidden.sha256}`, `receipt ${receipt}`]),
    )
    const decision = await eventually('a receipt', () =>
      Promise.resolve(rowsOf(BY, 'decisions').find(({ sha256 }) => sha256 === fruit.sha256)),
    )
    expect(decision).toMatchObject({ sender: 'UZ', outcome: 'accepted' })
    expect(decision['receipt']).not.toBe(receipt)
    expect((await BY.running.deps.certificates.findByDigest(fruit.sha256))!.origin).toBe('received')
    expect(await BY.running.deps.certificates.findByDigest(hidden.sha256)).toBeUndefined()
  })

  it('takes what comes in after all for what it was, and what comes behind it', async () => {
    const { deps } = BY.running
    const expert = await UZ.client('issuer', 'UZ.EXPERTIZA')
    const behind = await issue(expert, 'origin-ct1-uz-dried-fruit')
    await eventually('what came behind it', () => deps.certificates.findByDigest(behind.sha256))
    expect(await deps.certificates.findByDigest(late.certificate.sha256)).toMatchObject({
      status: 'annulled',
      origin: 'received',
    })
    expect(await acceptReceipt(deps)('UZ', held.bytesOf(late.receipt))).toMatchObject({
      outcome: 'known',
    })
    const message = rowsOf(BY, 'outgoing').find(({ sha256 }) => sha256 === answered.sha256)
    expect(message).toMatchObject({ outcome: 'accepted', receipt: late.receipt })
    const found = [late.certificate.sha256, late.annulment, late.receipt]
    const lost = (await lostKinds()).join(' ')
    expect(found.filter((sha256) => lost.includes(sha256))).toEqual([])
    const waiting = rowsOf(BY, 'inbox').filter(({ waits_for: reason }) => reason !== null)
    expect(waiting).toMatchObject([{ sha256: late.overtaken }])
    const outcomes = rowsOf(BY, 'decisions').filter(({ sha256 }) => found.includes(String(sha256)))
    expect(outcomes.map(({ outcome }) => outcome)).toEqual(['accepted', 'accepted'])

    // So does a change before another of the same certificate: rows are only added.
    const place = { sha256: late.annulment, index: 0, at: before, kind: 'status-change' } as const
    const listed = () => Promise.resolve([{ ...place, standing: 'lost' as const }])
    const written: NewStep[] = []
    const append: Append = (step) => {
      written.push(step)
      return Promise.resolve('duplicate')
    }
    const earlier = [{ sha256: late.annulment, jws: held.bytesOf(late.annulment) }]
    const pretending = { ...deps, append, lost: { ...deps.lost, listed } }
    expect([...(await findLost(pretending, 'UZ', earlier)).values()]).toMatchObject([
      { standing: 'late', late: 'order' },
    ])
    expect(written.flatMap(({ effects }) => effects)).toMatchObject([{ effect: 'late' }])

    // What was overtaken waits for the restore that puts it into its place.
    expect(alarmsOf(BY)).toContain('found-late')
    expect(lost).toContain(`certificate ${late.overtaken}`)
    expect(
      (await audited(BY)).findings.filter(({ where }) => !where.startsWith('clients')),
    ).toEqual([])
  })

  it('finds later what a peer has after all, and what became of it', async () => {
    await atRest()
    await BY.running.stop()
    const lately = join(nodes.folder, 'lately.sqlite')
    await backUp(databaseOf(BY), lately)
    held.show([hidden.sha256, receipt])
    // What had been given up before needs nobody's word again.
    expect(await restore({ from: lately, replace: true })).toMatchObject({ outcome: 'restored' })
    BY = await startTestNode(BY)
    expect(await BY.running.deps.certificates.findByDigest(hidden.sha256)).toMatchObject({
      status: 'annulled',
    })
    const lost = (await lostKinds()).join(' ')
    for (const sha256 of [hidden.sha256, receipt, late.overtaken])
      expect(lost).not.toContain(sha256)
    const overtaken = await BY.running.deps.certificates.findByDigest(late.overtaken)
    expect(overtaken).toMatchObject({ status: 'annulled', origin: 'received' })
    const { findings } = await audited(BY)
    expect(findings.filter(({ where }) => !where.startsWith('clients'))).toEqual([])
  })

  it('is restored over that time again, though it had decided anew meanwhile', async () => {
    await atRest()
    const decisions = sorted(rowsOf(BY, 'decisions'))
    await BY.running.stop()
    const again = await restore({ replace: true, acceptLoss: true })
    expect(again).toMatchObject({ outcome: 'restored' })
    expect(sorted(rowsOf(BY, 'decisions'))).toEqual(decisions)
    const reason = words`lost settle --config ${BY.configFile} --rest --reason asked`
    expect((await certex(reason)).code).toBe(0)
    BY = await startTestNode(BY)
  })
})

describe('a node whose last entries nobody mirrored', () => {
  let last: Issued
  /** It stands in what is restored, in force. */
  let annulled: Record<string, unknown>

  it('is told that what it signed cannot be continued, before anything is replaced', async () => {
    await atRest()
    await UZ.running.schedule.stop()
    const { deps } = BY.running
    const chamber = await BY.client('issuer', 'BY.CCI')
    last = await issue(chamber)
    annulled = rowsOf(BY, 'certificates').find(
      ({ origin, status, sha256 }) =>
        origin === 'issued' && status === 'issued' && sha256 !== last.sha256,
    )!
    await annul(chamber, { number: String(annulled['number']), sha256: '' })
    await publishCheckpoint(deps)()
    const { size } = (await deps.log.checkpoint())!
    for (const witness of await listedWitnesses(deps)) await askWitness(deps)(witness)
    await BY.running.stop()
    const outcome = await restore({ replace: true, acceptLoss: false })
    expect(outcome).toMatchObject({ outcome: 'would-lose', log: { beyond: { peer: 'UZ', size } } })
  })

  it('issues under no number that one of them may have borne', async () => {
    const restored = await restore({ replace: true, acceptLoss: true })
    // The database that stood there has the certificate, and names it.
    const id = { type: 'origin.ct1', number: last.number }
    const replaced = { sha256: last.sha256, kind: 'certificate', id }
    expect(restored).toMatchObject({
      outcome: 'restored',
      lost: { unsettled: 2 },
      replacedDocuments: [
        { ...replaced, to: { UZ: expect.any(Number) } },
        { kind: 'status-change', id: { number: annulled['number'] } },
      ],
    })
    const { replacedDocuments } = restored as unknown as { replacedDocuments: { sha256: string }[] }
    const change = replacedDocuments[1]!
    const said = restoredText('BY', restored as Parameters<typeof restoredText>[1])
    expect(said).toMatch(`origin.ct1 ${last.number}, ${last.sha256}, to UZ `)
    const config = BY.configFile
    const acts = await certex(words`admin-acts --config ${config} --json`)
    expect(acts.stdout).toContain('under a checkpoint that UZ shows, are lost')
    BY = await startTestNode(BY)
    // Nobody cosigns it any more.
    const { findings } = await audited(BY)
    const others = findings.filter(({ where }) => !where.startsWith('clients'))
    expect(others.filter(({ code }) => code !== 'entries-unproven')).toEqual([])
    const chamber = await BY.client('issuer', 'BY.CCI')
    const certificate = await freshCertificate()
    const send = async () => (await chamber.post('/v1/certificates', { certificate })).status
    expect(await send()).toBe(409)
    const settle = words`lost settle --config ${config} --rest --reason asked`
    expect((await certex(settle)).stdout).toContain('2 are settled')
    const { lost } = BY.running.deps
    const about = { sha256: String(annulled['sha256']) }
    expect(await lost.changesOf(about)).toContain(change.sha256)
    const made = words`lost settle --config ${config} --sha256 ${change.sha256}`
    expect((await certex([...made, '--reason', 'annulled again'])).code).toBe(0)
    expect(await lost.changesOf(about)).not.toContain(change.sha256)
    expect(await send()).toBe(201)
    const again = { ...certificate, number: last.number }
    expect((await chamber.post('/v1/certificates', { certificate: again })).status).toBe(409)
  })

  it('signs nothing any more, though its witness has forgotten what it had cosigned', async () => {
    const [beyond] = rowsOf(BY, 'unproven_checkpoints')
    expect(beyond).toMatchObject({ state: 'BY', origin: ORIGIN })
    const before = rowsOf(BY, 'checkpoints').length
    const forgetful = { ...BY.running.deps, witnessing: { further: [], policy: undefined } }
    const nobody = {
      ...forgetful,
      trust: async () => ({ view: trustView([]) }) as unknown as Trust,
    }
    await settleDoubt(nobody)
    expect(await publishCheckpoint(BY.running.deps)()).toBe(false)
    expect(rowsOf(BY, 'checkpoints')).toHaveLength(before)
    // It shows the checkpoint to the witness that had cosigned it.
    const { signatures } = parsedCheckpoint(String(beyond!['note'])).note
    const by = signatures.find(({ name }) => name.startsWith('exchange.uz/'))!
    const keyId = by.keyId.toString(16).padStart(8, '0')
    const witness = encodeURIComponent(`${by.name}+${keyId}`)
    const authority = await BY.client('authority', 'BY.MFA')
    const { body } = await authority.get(`/log/checkpoint?witness=${witness}`)
    expect(body).toBe(beyond!['note'])
  })
})

describe('what a peer gives back', () => {
  it('is for the state whose log and documents they are, and for nobody else', async () => {
    const { deps } = UZ.running
    const [document] = rowsOf(BY, 'certificates')
    const sha256 = String(document!['sha256'])
    const own = await heldDocuments(deps)('BY', [sha256])
    expect(own.documents.map((one) => one.sha256)).toEqual([sha256])
    expect(await heldDocuments(deps)('KZ', [sha256])).toEqual({ documents: [], left: [] })
    expect(await heldLeaves(deps)('BY', ORIGIN, 0n, 2)).toHaveLength(2)
    expect(await heldLeaves(deps)('KZ', ORIGIN, 0n, 2)).toEqual([])
    expect(await heldLogs(deps)('KZ')).toEqual([])

    const receipts = rowsOf(UZ, 'decisions').map(({ receipt }) => String(receipt))
    expect((await heldDocuments(deps)('BY', receipts)).documents).toHaveLength(
      new Set(receipts).size,
    )
    expect((await heldDocuments(deps)('KZ', receipts)).documents).toEqual([])
  })
})
