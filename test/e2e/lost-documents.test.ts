import { copyFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { parseCertificateId } from '../../src/certificate/certificate-id.ts'
import { dayAt } from '../../src/certificate/day.ts'
import type { CertificatePayload } from '../../src/certificate/payload.ts'
import { auditNode } from '../../src/cli/audit-node.ts'
import { composeEvidence } from '../../src/exchange/evidence/compose.ts'
import { peerLogReader } from '../../src/exchange/delivery/peer-client.ts'
import { decideWaiting } from '../../src/exchange/incoming/decide-waiting.ts'
import { findLost } from '../../src/exchange/incoming/find-lost.ts'
import { receiveMessages } from '../../src/exchange/incoming/receive.ts'
import { WAITS_FOR_ITS_PLACE } from '../../src/exchange/incoming/waiting-changes.ts'
import { askForLost } from '../../src/exchange/log/ask-for-lost.ts'
import { nodeKeyResolver } from '../../src/exchange/node-keys.ts'
import { payloadOf } from '../../src/exchange/registered.ts'
import { validateAll } from '../../src/exchange/validation/validate.ts'
import { currentWarnings } from '../../src/exchange/warnings/warnings.ts'
import { parseJws } from '../../src/jose/parse.ts'
import { auditFile } from '../../src/node/audit-file.ts'
import { backUp } from '../../src/node/backup.ts'
import { readConfig } from '../../src/node/config.ts'
import { type MirrorRestore, restoreFromMirror } from '../../src/node/restore-from-mirror.ts'
import { SqliteDatabase } from '../../src/node/sqlite-database.ts'
import {
  decodeStatusList,
  type EncodedStatusList,
  STATUS_TYPE,
  statusAt,
} from '../../src/status-list/status-list.ts'
import { certex, words } from '../support/cli.ts'
import { digest, forge, rowsOf, sealOf } from '../support/hostile.ts'
import {
  annul,
  atRest,
  databaseOf,
  decided,
  hiding,
  issue,
  type Issued,
  lose,
} from '../support/losing.ts'
import { answered } from '../support/typed.ts'
import {
  eventually,
  startTestNode,
  startTwoNodes,
  type TestNode,
  type TwoNodes,
} from '../support/two-nodes.ts'

let nodes: TwoNodes
let BY: TestNode
let UZ: TestNode
let backup: string
/** Of BY, with its annulment; of another state, which sends another one under its number; and overtaken. */
let own: Issued & { annulment?: string }
/** Annulled behind the backup, one of them issued there as well: their recipient has it all. */
let returning: { readonly of: readonly string[]; readonly documents: readonly string[] }
let first: Issued
let overtaken: Issued
/** Of another state, too: its receipt comes back, and it is annulled before it does itself. */
let awaited: Issued
let second: string
let held: ReturnType<typeof hiding>

beforeAll(async () => {
  nodes = await startTwoNodes()
  ;({ BY, UZ } = nodes)
  held = hiding(UZ)
  backup = join(nodes.folder, 'by.sqlite')
  const chamber = await BY.client('issuer', 'BY.CCI')
  own = await issue(chamber)
  const known = await issue(chamber)
  await decided(BY)
  await backUp(databaseOf(BY), backup)
  const unknown = await issue(chamber)
  for (const one of [own, known, unknown]) await annul(chamber, one)
  const expert = await UZ.client('issuer', 'UZ.EXPERTIZA')
  first = await issue(expert, 'origin-ct1-uz-dried-fruit')
  overtaken = await issue(expert, 'origin-ct1-uz-dried-fruit')
  await annul(expert, overtaken, 'UZ')
  awaited = await issue(expert, 'origin-ct1-uz-dried-fruit')
  await Promise.all([decided(BY), decided(UZ)])
  const annulmentOf = ({ sha256 }: Issued) =>
    String(rowsOf(BY, 'status_changes').find(({ target }) => target === sha256)!['sha256'])
  own = { ...own, annulment: annulmentOf(own) }
  const documents = [annulmentOf(known), annulmentOf(unknown), unknown.sha256]
  returning = { of: [known.sha256, unknown.sha256], documents }
  await atRest(BY, UZ)
  // The receipt of the one that is overtaken comes back, of the other one nothing does.
  const receipt = rowsOf(BY, 'decisions').find(({ sha256 }) => sha256 === first.sha256)!
  held.hide([
    ...documents,
    awaited.sha256,
    own.annulment!,
    first.sha256,
    overtaken.sha256,
    String(receipt['receipt']),
  ])
  await lose(BY)
})
afterAll(async () => {
  await BY.running.stop().catch(() => undefined)
  await UZ.running.stop()
  await rm(nodes.folder, { recursive: true, force: true })
})

const restore = (request: Partial<MirrorRestore> = {}) =>
  restoreFromMirror({
    config: readConfig(BY.configFile, {}),
    from: backup,
    mirrors: ['UZ'],
    roots: [],
    replace: true,
    acceptLoss: true,
    now: () => new Date(),
    actor: 'user:test',
    ...request,
  })

const QUIET = { witnesses: [], save: () => Promise.resolve(), progress: () => undefined }

/** What an audit finds, in a database that somebody has altered if told how. */
async function flaws(alteration = '') {
  const copy = join(nodes.folder, 'audited.sqlite')
  await backUp(databaseOf(BY), copy, 0)
  const database = new SqliteDatabase(copy)
  const guards = database.raw
    .prepare("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'")
    .all() as { name: string; sql: string }[]
  for (const { name } of guards) database.raw.exec(`DROP TRIGGER ${name}`)
  database.raw.exec(alteration)
  for (const guard of guards) database.raw.exec(guard.sql)
  database.raw.pragma('journal_mode = DELETE')
  database.close()
  const { findings } = await auditFile(copy, QUIET)
  return findings.filter(({ where }) => !where.startsWith('clients'))
}

/** What an audit of the running node finds over HTTP. */
async function auditedShown() {
  const { id, privateJwk } = await BY.client('auditor', 'BY.STATE')
  const key = join(nodes.folder, 'auditor.jwk')
  await writeFile(key, JSON.stringify(privateJwk))
  return auditNode({ node: BY.url, client: id, key }, undefined, () => undefined)
}

/** Which lost changes a reader of the certificate of BY is told of beside its state. */
async function readBeside() {
  const chamber = await BY.client('issuer', 'BY.CCI')
  const params = { state: 'BY', type: 'origin.ct1', number: own.number }
  const answer = await chamber.api.getCertificate({ params })
  return answered(answer, 200).body.lostChanges
}

/** What customs is told of the certificate of BY, and whether the list that shows it is signed. */
async function answers() {
  const identity = { state: 'BY', type: 'origin.ct1', number: own.number }
  const [report] = await validateAll(BY.running.deps)([{ subject: { identity } }])
  const { status } = await fetch(`${BY.url}/status/1`)
  return [report!.answer, ...report!.reasons, status]
}

const warned = async () => (await currentWarnings(BY.running.deps)()).map(({ kind }) => kind)
const listed = async (sha256: string) =>
  (await BY.running.deps.lost.list(undefined, 1000)).find((one) => one.sha256 === sha256)
const heldUnder = async ({ number }: Issued) =>
  (await BY.running.deps.certificates.find(
    parseCertificateId({ state: 'UZ', type: 'origin.ct1', number })!,
  ))!.sha256

/** UZ sends a message of before once more. */
async function sendAgain({ sha256 }: Issued) {
  const { seq } = rowsOf(UZ, 'outgoing').find((row) => row['sha256'] === sha256)!
  const message = { seq: Number(seq), document: held.bytesOf(sha256) }
  return receiveMessages(BY.running.deps)('UZ', [message])
}

describe('an own annulment that a restore could not bring back', () => {
  it('lets no status list of before say that its certificate is valid, nor an answer', async () => {
    expect(await restore()).toMatchObject({
      outcome: 'restored',
      lost: { unsettled: 1, changes: 3, taken: 0 },
    })
    BY = await startTestNode(BY)
    expect(await answers()).toEqual(['cannot-tell', 'status-change-lost', 503])
    expect(await readBeside()).toContain(own.annulment)
    expect(await warned()).toContain('changes-unsettled')
    expect(await listed(own.annulment!)).toMatchObject({ awaits: ['change'] })
    const { deps } = BY.running
    const stored = (await deps.certificates.findByDigest(own.sha256))!
    const { complete, missing } = await composeEvidence(deps)(stored)
    expect([complete, missing]).toEqual([
      false,
      expect.arrayContaining([{ what: 'bytes', subject: own.annulment }]),
    ])
  })

  it('comes back from its recipient while the node runs, with the certificate that it is about', async () => {
    const { deps } = BY.running
    const askLog = peerLogReader({ ...deps, node: deps.nodeKey, resolveKey: nodeKeyResolver(deps) })
    const asking = { ...deps, askLog }
    expect(await askForLost(asking)('UZ')).toBe(0)
    const [change, ...others] = returning.documents
    held.show([change!, others[0]!])
    // The other one is about a certificate that is lost still.
    const ask = askForLost(asking)
    expect(await ask('UZ')).toBe(1)
    expect(await ask('UZ')).toBeUndefined()
    held.show([others[1]!])
    expect(await askForLost(asking)('UZ')).toBe(2)
    const rows = rowsOf(BY, 'certificates').filter(({ status }) => status === 'annulled')
    expect(rows.map((row) => String(row['sha256'])).toSorted()).toEqual(returning.of.toSorted())
    expect(await deps.lost.count()).toMatchObject({ unsettled: 0, changes: 1 })
    // One is left, which holds up the list by itself.
    expect(await answers()).toEqual(['cannot-tell', 'status-change-lost', 503])
    expect(await flaws()).toEqual([])
  })

  it('keeps nobody from issuing, and what is issued since is in force', async () => {
    const { sha256 } = await issue(await BY.client('issuer', 'BY.CCI'))
    const jws = (await BY.running.deps.certificates.document(sha256))!
    const [report] = await validateAll(BY.running.deps)([{ subject: { document: jws } }])
    expect(report!.answer).not.toBe('cannot-tell')
    const { uri } = (payloadOf(jws) as { status: { status_list: { uri: string } } }).status
      .status_list
    expect((await fetch(uri)).status).toBe(200)
  })
})

describe('a certificate whose number another one has when it comes again', () => {
  const later = () => join(nodes.folder, 'later.sqlite')

  it('is kept without effect, and the operator is told which of both is in force', async () => {
    const payload = payloadOf(held.bytesOf(first.sha256))
    const iat = Math.floor(Date.now() / 1000) - 1
    second = await forge(await sealOf(UZ, 'UZ.EXPERTIZA.001'), { payload, header: { iat } })
    const entry = { kind: 'certificate', sha256: digest(second), jws: second, to: ['BY'] } as const
    await UZ.running.deps.append({ entries: [{ ...entry, effects: [] }] })
    UZ.running.schedule.wakeDelivery()
    await eventually('the second one', () =>
      BY.running.deps.certificates.findByDigest(digest(second)),
    )
    await backUp(databaseOf(BY), later())

    expect((await sendAgain(first)).receipts).toEqual([])
    await sendAgain(first)
    expect(await heldUnder(first)).toBe(digest(second))
    expect(await listed(first.sha256)).toMatchObject({ late: 'taken', awaits: [] })
    const { certificates } = BY.running.deps
    expect(await certificates.document(first.sha256)).toBe(held.bytesOf(first.sha256))
    const alarms = rowsOf(BY, 'alarms').filter(({ kind }) => kind === 'found-without-effect')
    expect(alarms).toMatchObject([{ peer: 'UZ' }])
    expect(alarms[0]!['detail']).toContain(first.sha256)
    expect(await flaws()).toEqual([])
  })

  it('and one that is overtaken, though its receipt came back, are kept by their bytes', async () => {
    const { received } = await sendAgain(overtaken)
    expect(received).toMatchObject([{ state: 'decided' }])
    const { certificates } = BY.running.deps
    expect(await certificates.document(overtaken.sha256)).toBe(held.bytesOf(overtaken.sha256))
    expect(await certificates.findByDigest(overtaken.sha256)).toBeUndefined()
    expect(await listed(overtaken.sha256)).toMatchObject({ late: 'order' })
    expect(await flaws()).toEqual([])
    expect(await auditedShown()).toMatchObject({ findings: [] })
  })

  it('is not refused its annulment while it may come back, though its receipt did', async () => {
    // Nor does it look into the feed, which has the certificate again.
    await BY.running.schedule.stop()
    held.show([awaited.sha256])
    await annul(await UZ.client('issuer', 'UZ.EXPERTIZA'), awaited, 'UZ')
    const arrived = await eventually('its annulment', () =>
      Promise.resolve(rowsOf(BY, 'inbox').find(({ target }) => target === awaited.sha256)),
    )
    expect(arrived).toMatchObject({ waits_for: `target ${awaited.sha256}` })
    BY.running.schedule.start()
    await sendAgain(awaited)
    await decideWaiting(BY.running.deps)()
    const { certificates } = BY.running.deps
    expect(await certificates.findByDigest(awaited.sha256)).toMatchObject({ status: 'annulled' })
    await decided(UZ)
    expect(await flaws()).toEqual([])
  })

  it('lets every restore from a mirror come to its end, and is still without effect', async () => {
    const { sha256, annulment } = { annulment: '', ...own }
    const reason = 'made again'
    const settle = words`lost settle --config ${BY.configFile} --sha256 ${annulment} --json`
    const unexplained = await certex(settle)
    expect(unexplained.code).toBe(2)
    const settled = await certex([...settle, '--reason', reason])
    expect(JSON.parse(settled.stdout)).toMatchObject({ changes: 0 })
    expect(await answers()).toEqual(['usable', 200])
    expect(await warned()).not.toContain('changes-unsettled')
    expect(rowsOf(BY, 'admin_acts')).toContainEqual(
      expect.objectContaining({ act: 'lost-change-settled', subject: annulment, detail: reason }),
    )
    expect(await flaws()).toEqual([])
    for (const alteration of [
      `DELETE FROM late_documents WHERE reason = 'order'`,
      `DELETE FROM late_documents WHERE reason = 'taken'`,
      `UPDATE late_documents SET reason = 'taken'`,
      `INSERT INTO late_documents VALUES ('${digest(second)}', 'order')`,
      `DELETE FROM settled_changes`,
      `UPDATE settled_changes SET settled_at = '2026-01-01T00:00:00Z'`,
      `INSERT INTO settled_changes VALUES ('x', '2026-01-01T00:00:00Z')`,
    ])
      expect(await flaws(alteration), alteration).not.toEqual([])

    await atRest(BY, UZ)
    const newest = join(nodes.folder, 'newest.sqlite')
    await backUp(databaseOf(BY), newest)
    await BY.running.stop()
    held.show([annulment, first.sha256, overtaken.sha256])
    const restored = await restore({ from: newest })
    expect(restored).toMatchObject({ outcome: 'restored', lost: { changes: 0, taken: 1 } })
    const changed = rowsOf(BY, 'certificates').filter(({ status }) => status === 'annulled')
    const digests = [sha256, overtaken.sha256, awaited.sha256, ...returning.of].toSorted()
    expect(changed.map((row) => String(row['sha256'])).toSorted()).toEqual(digests)
    expect(await flaws()).toEqual([])
  })

  it('takes none either where a mirror gives its bytes back; the annulment settles itself', async () => {
    const restored = await restore({ from: later() })
    expect(restored).toMatchObject({ outcome: 'restored', lost: { changes: 0, taken: 1 } })
    expect(rowsOf(BY, 'settled_changes')).toEqual([])
    expect(rowsOf(BY, 'late_documents')).toEqual([{ sha256: first.sha256, reason: 'taken' }])
    const waiting = rowsOf(BY, 'inbox').filter(({ waits_for: reason }) => reason !== null)
    expect(waiting).toMatchObject([{ sha256: first.sha256, waits_for: WAITS_FOR_ITS_PLACE }])
    expect(await flaws()).toEqual([])
    BY = await startTestNode(BY)
    expect(await heldUnder(first)).toBe(digest(second))
    expect(await answers()).toEqual(['not-usable', 'annulled', 200])
    expect((await listed(first.sha256))?.late).toBe('taken')
  })

  it('gives way also where no database remembers that it was lost', async () => {
    await atRest(BY, UZ)
    await BY.running.stop()
    const restored = await restore()
    expect(restored).toMatchObject({ outcome: 'restored', lost: { taken: 1 } })
    expect(rowsOf(BY, 'late_documents')).toEqual([{ sha256: first.sha256, reason: 'taken' }])
    expect(await flaws()).toEqual([])
  })
})

describe('documents of a log that cannot stand beside each other', () => {
  it('are told as such, and nothing is replaced', async () => {
    const narrow = join(nodes.folder, 'narrow.sqlite')
    await copyFile(backup, narrow)
    const database = new SqliteDatabase(narrow)
    database.raw.exec(
      "CREATE UNIQUE INDEX one_received ON certificates (origin) WHERE origin = 'received'",
    )
    database.raw.pragma('journal_mode = DELETE')
    database.close()
    const before = rowsOf(BY, 'node')
    await expect(restore({ from: narrow })).rejects.toMatchObject({
      name: 'BackupError',
      code: 'places-collide',
    })
    expect(rowsOf(BY, 'node')).toEqual(before)
  })
})

describe('an own certificate that comes back when its body has used its number again', () => {
  const before = () => join(nodes.folder, 'before-displaced.sqlite')
  let displaced: Issued
  let another: string
  let place: { readonly uri: string; readonly idx: number }

  const askUz = () => {
    const { deps } = BY.running
    const askLog = peerLogReader({ ...deps, node: deps.nodeKey, resolveKey: nodeKeyResolver(deps) })
    return askForLost({ ...deps, askLog })('UZ')
  }
  const confirmed = async () => !(await BY.running.deps.log.doubt())
  const listedAs = async () => {
    const token = parseJws(await (await fetch(place.uri)).text())
    if ('malformed' in token) throw new Error(token.malformed)
    const { status_list: encoded } = token.payload as { status_list: EncodedStatusList }
    const list = await decodeStatusList(encoded)
    if ('malformed' in list) throw new Error(list.malformed)
    return statusAt(list, place.idx)
  }
  /** What the customs of its recipient are told of it. */
  const answerAtUz = async () => {
    const identity = { state: 'BY', type: 'origin.ct1', number: displaced.number }
    const [report] = await validateAll(UZ.running.deps)([{ subject: { identity } }])
    return [report!.answer, ...report!.reasons]
  }

  beforeAll(async () => {
    BY = await startTestNode(BY)
    await eventually('its log is confirmed', confirmed)
    await backUp(databaseOf(BY), before())
    displaced = await issue(await BY.client('issuer', 'BY.CCI'))
    const jws = (await BY.running.deps.certificates.document(displaced.sha256))!
    place = (payloadOf(jws) as CertificatePayload).status.status_list
    await decided(BY)
    await atRest(BY, UZ)
    held.hide([displaced.sha256])
    await BY.running.stop()
    expect(await restore({ from: before() })).toMatchObject({ lost: { unsettled: 1 } })
    BY = await startTestNode(BY)
    const settle = words`lost settle --config ${BY.configFile} --rest --changes --reason`
    expect(await certex([...settle, 'its body answers for it'])).toMatchObject({ code: 0 })
    const chamber = await BY.client('issuer', 'BY.CCI')
    const content = payloadOf(jws) as CertificatePayload
    const { status, body } = await chamber.post('/v1/certificates', {
      certificate: content.certificate,
    })
    expect(status, JSON.stringify(body)).toBe(201)
    another = (body as { sha256: string }).sha256
    await eventually('its recipient has refused it', () =>
      Promise.resolve(
        rowsOf(BY, 'outgoing').some(
          ({ sha256, outcome }) => sha256 === another && outcome === 'refused',
        ),
      ),
    )
  }, 60_000)

  it('is withdrawn by the status list in which it stands, as soon as its bytes are here', async () => {
    expect(await listedAs()).toBe(STATUS_TYPE.valid)
    held.show([displaced.sha256])
    expect(await askUz()).toBe(0)
    expect(await listed(displaced.sha256)).toMatchObject({ late: 'taken' })
    const told = await certex(words`lost list --config ${BY.configFile}`)
    expect(told.stdout).toMatch(new RegExp(`${displaced.sha256} .*annuls it at its recipients`))
    expect(await listedAs()).toBe(STATUS_TYPE.invalid)
    const alarms = rowsOf(BY, 'alarms').filter(({ kind }) => kind === 'found-without-effect')
    expect(alarms.map(({ detail }) => detail)).toContainEqual(
      expect.stringMatching(`${displaced.sha256}.* its body annuls it there`),
    )
    expect(await flaws()).toEqual([])
  })

  it('is annulled by its body where it is in force, and nowhere else', async () => {
    expect(await answerAtUz()).toEqual(['usable'])
    const annulment = {
      change: 'annul',
      effectiveFrom: dayAt(new Date(), 180),
      reason: 'Номер выдан второй раз',
      displaced: displaced.sha256,
    }
    const path = `/v1/certificates/BY/origin.ct1/${displaced.number}/status-changes`
    const said = async (body: object) => {
      const answer = await (await BY.client('issuer', 'BY.CCI')).post(path, body)
      return [answer.status, (answer.body as { status?: unknown }).status]
    }
    expect(await said({ ...annulment, displaced: another })).toEqual([404, 404])
    expect(await said({ ...annulment, displaced: own.sha256 })).toEqual([404, 404])
    const chamber = await BY.client('issuer', 'BY.TESTCERT')
    expect((await chamber.post(path, annulment)).status).toBe(404)
    expect(await said(annulment)).toEqual([201, 'annulled'])
    expect(await said(annulment)).toEqual([200, 'annulled'])
    await eventually('it is annulled there', async () => (await answerAtUz())[0] === 'not-usable')
    expect(await answerAtUz()).toEqual(['not-usable', 'annulled'])
    expect(await BY.running.deps.certificates.findByDigest(another)).toMatchObject({
      status: 'issued',
    })
    expect(await flaws()).toEqual([])
  })

  it('stays so after a restore, and when it is brought again', async () => {
    await decided(BY)
    await atRest(BY, UZ)
    const newest = join(nodes.folder, 'displaced.sqlite')
    await backUp(databaseOf(BY), newest)
    await BY.running.stop()
    expect(await restore({ from: newest })).toMatchObject({ lost: { taken: 2 } })
    expect(await flaws()).toEqual([])
    BY = await startTestNode(BY)
    expect(await listedAs()).toBe(STATUS_TYPE.invalid)
    expect(await findAgain()).toBe('taken')
    expect(await flaws()).toEqual([])
    expect(await auditedShown()).toMatchObject({ findings: [] })
  })

  async function findAgain() {
    const { sha256 } = displaced
    const jws = held.bytesOf(sha256)
    return (await findLost(BY.running.deps, 'UZ', [{ sha256, jws }])).get(sha256)?.late
  }
})
