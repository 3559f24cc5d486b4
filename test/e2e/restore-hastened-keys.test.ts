import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { publishCheckpoint } from '../../src/exchange/log/checkpoint.ts'
import { currentWarnings } from '../../src/exchange/warnings/warnings.ts'
import { auditNode } from '../../src/cli/audit-node.ts'
import { backUp } from '../../src/node/backup.ts'
import { readConfig } from '../../src/node/config.ts'
import { publishDevTrust } from '../../src/node/dev-state.ts'
import { type Keyring, openKeyring } from '../../src/node/keyring.ts'
import { connect } from '../../src/node/restore-sources.ts'
import { SqliteDatabase } from '../../src/node/sqlite-database.ts'
import type { AuditReport } from '../../src/exchange/audit/audit-report.ts'
import { certex, words } from '../support/cli.ts'
import { polled } from '../support/compromise.ts'
import { digest, rowsOf } from '../support/hostile.ts'
import {
  atRest,
  databaseOf,
  decided,
  issue,
  type Issued,
  lose,
  mirrored,
} from '../support/losing.ts'
import { nextSecond } from '../support/notices.ts'
import { operatorOf, thumbprintsOf } from '../support/operator.ts'
import { eventually, prepareTwoStates, startTestNode, type TestNode } from '../support/two-nodes.ts'

let folder: string
/** What lists add waits here for a day, also in what is restored; at its peer it counts at once. */
let BY: TestNode
let UZ: TestNode
let backup: string
/** Of the database of Belarus as it was audited last. */
let copy: string
/** Decided on at once when Belarus had met Uzbekistan. */
let atFirstContact: Issued

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'certex-hastened-'))
  backup = join(folder, 'by.sqlite')
  copy = join(folder, 'audited.sqlite')
  const prepared = await prepareTwoStates(folder)
  const { configFile } = prepared.BY
  const config = JSON.parse(await readFile(configFile, 'utf8')) as { policy?: object }
  const policy = { ...config.policy, trustAdditionDelayHours: 24 }
  await writeFile(configFile, JSON.stringify({ ...config, policy }))
  // Belarus meets Uzbekistan at the second version of its list, which adds the seal of its body.
  UZ = await startTestNode(prepared.UZ)
  await renewSealOf(UZ)
  BY = await startTestNode(prepared.BY)
  await BY.running.schedule.stop()
  UZ = await startTestNode(UZ)
  await polled(BY, UZ)
  await polled(UZ, BY)
  // In the second in which it was renewed the former seal may still sign.
  await nextSecond()
  // Nothing administrative stands in the log between the list and what is decided by it.
  atFirstContact = await fruitDecided()
  await BY.running.stop()
  BY = await startTestNode(BY)
})
afterAll(async () => {
  await BY.running.stop().catch(() => undefined)
  await UZ.running.stop()
  await rm(folder, { recursive: true, force: true })
})

/** The node is stopped: it takes its new key when it starts again. */
async function renewSealOf(node: TestNode): Promise<void> {
  const operator = operatorOf(node)
  await operator.pki('renew', 'document-seal', '--body', 'UZ.EXPERTIZA.001', '--at-once')
  const { file } = await operator.issueList()
  const crls = join(node.keys, 'crls')
  await operator.run(words`trust publish --config ${node.configFile} ${file} --crls ${crls}`)
  await node.running.stop()
}

/** Two persons of the authority let the second list of Belarus count at once. */
async function hasten(): Promise<void> {
  const lists = await BY.running.deps.trustStore.newest()
  const { sha256: subject, version } = lists.find(({ state }) => state === 'BY')!
  expect(version).toBe(2)
  const question = { kind: 'additions', state: 'BY', subject }
  const persons = [await BY.client('authority', 'BY.CCI'), await BY.client('authority', 'BY.CCI')]
  for (const [i, step] of ['proposals', 'approvals'].entries()) {
    const { status, body } = await persons[i]!.post(`/v1/admin/trust-${step}`, question)
    expect(status, JSON.stringify(body)).toBe(201)
  }
  await nextSecond()
}

/** A certificate of Uzbekistan, decided on here under the registry seal. */
async function fruitDecided(): Promise<Issued> {
  const issued = await issue(await UZ.client('issuer', 'UZ.EXPERTIZA'), 'origin-ct1-uz-dried-fruit')
  await decided(UZ)
  return issued
}

const standsStill = async (instead: { idleWork?: undefined } = {}) =>
  (await currentWarnings({ ...BY.running.deps, ...instead })())
    .filter(({ kind }) => kind === 'working-key-unusable')
    .map(({ subject, message }) => [subject, message.en, message.ru] as const)

/** The newest registry seal and node key of Belarus wait, and the warnings say how that ends. */
async function expectKeysToWait(): Promise<void> {
  const waiting = await Promise.all(
    (['registry-seal', 'node'] as const).map(async (of) => (await thumbprintsOf(BY, of)).at(-1)!),
  )
  const told = await standsStill()
  // Whoever asks without the keys in hand is told the same.
  expect(await standsStill({ idleWork: undefined })).toEqual(told)
  expect(told.map(([subject]) => subject)).toEqual(waiting)
  for (const [, en, ru] of told) {
    for (const message of [en, ru]) {
      expect(message).toContain('certex trust hasten --state BY --version 2')
      expect(message).not.toContain('pki renew')
    }
    expect(en).toContain('No new key is needed')
  }
}

/** Changes the copy as nothing that runs may. */
function alter(statement: string): void {
  const database = new SqliteDatabase(copy)
  const guards = database.raw.prepare("SELECT name FROM sqlite_master WHERE type = 'trigger'")
  for (const name of guards.pluck().all() as string[]) database.raw.exec(`DROP TRIGGER ${name}`)
  database.raw.exec(statement)
  database.raw.pragma('journal_mode = DELETE')
  database.close()
}

async function audited(): Promise<AuditReport & { readonly text: string }> {
  await rm(copy, { force: true })
  await backUp(databaseOf(BY), copy)
  const { stdout } = await certex(words`audit --database ${copy} --json`)
  const { stdout: text } = await certex(words`audit --database ${copy} --language en`)
  return { ...(JSON.parse(stdout) as AuditReport), text }
}

/** The same of the running node, asked over HTTP. */
async function auditedShown() {
  const auditor = await BY.client('auditor', 'BY.STATE')
  const key = join(folder, 'auditor.jwk')
  await writeFile(key, JSON.stringify(auditor.privateJwk))
  return auditNode({ node: BY.url, client: auditor.id, key }, undefined, () => undefined)
}

/** Of every delay there is the act by which the node began it. */
const DELAYS_ACTED = `INSERT INTO admin_acts (at, actor, act, subject, detail)
  SELECT '2026-03-02T09:00:00Z', 'node', 'additions-delayed', state, sha256 || '; from ' || additions_from
  FROM trust_list_delays`

const faults = ({ findings }: AuditReport) =>
  findings.filter(({ where }) => !/^(?:clients|exchange_archive) /.test(where))

describe('a node whose keys were renewed at once and hastened after its last backup', () => {
  const withheld = digest('never sent')
  const restore = () => words`restore --config ${BY.configFile} --from ${backup} --mirror UZ`

  beforeAll(async () => {
    await issue(await BY.client('issuer', 'BY.CCI'))
    await decided(BY)
    await backUp(databaseOf(BY), backup)
    const operator = operatorOf(BY)
    for (const purpose of ['registry-seal', 'node'])
      await operator.pki('renew', purpose, '--at-once')
    await operator.publishList(UZ)
    await BY.running.stop()
    BY = await startTestNode(BY)
  })

  it('is told before that the list waits, which version, and how it is hastened', async () => {
    await nextSecond()
    await expectKeysToWait()
    await hasten()
    expect(await standsStill()).toEqual([])
  })

  it('restores from a mirror, refused first, though its new keys wait and the old have ended', async () => {
    await issue(await BY.client('issuer', 'BY.CCI'))
    await decided(BY)
    await fruitDecided()
    await atRest(BY, UZ)
    const { deps } = BY.running
    await deps.append({
      entries: [
        { kind: 'certificate', sha256: withheld, jws: 'never sent', to: ['UZ'], effects: [] },
      ],
    })
    await publishCheckpoint(deps)()
    await mirrored(BY, UZ)
    await lose(BY)

    const refused = await certex(restore())
    expect(refused).toMatchObject({ code: 1, stderr: expect.stringContaining(withheld) })
    const restored = await certex([...restore(), '--accept-loss'])
    expect(restored, restored.stderr).toMatchObject({ code: 0 })
    expect(restored.stdout).toMatch(
      /hastened since the backup waits again[^]*until 2\S+Z: certex trust hasten .*--state BY --version 2\n/,
    )
  })

  it('is told again what waits', async () => {
    BY = await startTestNode(BY)
    await expectKeysToWait()
  })

  it('passes an audit that counts what it cannot tell without the lost acts', async () => {
    const before = await audited()
    expect(faults(before)).toEqual([])
    expect(before.lost).toMatchObject({ documents: 1, signatures: 1 })
    expect(before.text).toMatch(/1 .*may have hastened/)
  })

  it('goes on when it was hastened again, and what was signed before that is no fault', async () => {
    // What was signed in the second from which the keys count again would count.
    await nextSecond()
    await hasten()
    expect(await standsStill()).toEqual([])
    await eventually('the log is confirmed', async () => !(await BY.running.deps.log.doubt()))
    await fruitDecided()
    const after = await audited()
    expect(faults(after)).toEqual([])
    expect(after.lost).toMatchObject({ documents: 1, signatures: 1 })

    expect(await auditedShown()).toMatchObject({
      findings: [],
      lost: { documents: 1, signatures: 1 },
    })

    // Who has lost no acts has no excuse.
    alter(`DELETE FROM lost_documents WHERE kind = 'administrative'; ${DELAYS_ACTED}`)
    const { stdout } = await certex(words`audit --database ${copy} --json`)
    const { findings, lost } = JSON.parse(stdout) as AuditReport
    expect(findings).toContainEqual(
      expect.objectContaining({
        code: 'signature-invalid',
        detail: expect.stringMatching(/^receipt .*: registration: key-pending$/),
      }),
    )
    expect(lost).not.toHaveProperty('signatures')
  })

  describe('asks the peer, when it is lost again,', () => {
    const connected = async (nodeKeys: Keyring['nodeKeys']) => {
      const config = readConfig(BY.configFile, {})
      const request = { config, mirrors: ['UZ'], roots: [], now: () => new Date() }
      return connect(copy, { ...keyring, nodeKeys }, request)
    }
    let keyring: Keyring
    beforeAll(async () => {
      keyring = await openKeyring(BY.keys, BY.passphrase)
      await audited()
    })

    it('under no key that has ended, and says which one it needs', async () => {
      const former = keyring.nodeKeys.slice(0, 1)
      await expect(connected(former)).rejects.toMatchObject({
        name: 'SourceUnusable',
        message: expect.stringMatching(
          new RegExp(`^UZ: no node key .*: ${former[0]!.x5tS256} is ended\\. Put the key that`),
        ),
      })
    })

    it('though it has lost the root by which its own keys are judged', async () => {
      alter(`DELETE FROM trust_pins WHERE state = 'BY'`)
      const line = await connected(keyring.nodeKeys)
      expect(line.sources.map(({ peer }) => peer)).toEqual(['UZ'])
      line.close()
    })
  })
})

describe('a node that has no backup, and had met its peer at a later version of its list', () => {
  const indexOf = (digest: unknown) =>
    rowsOf(BY, 'entries').find(({ sha256 }) => sha256 === digest)!['idx']
  const itsSignature = () =>
    expect.objectContaining({
      code: expect.stringMatching(/^signature-(?:invalid|undecided)$/) as string,
      where: `entry ${String(indexOf(atFirstContact.sha256))}`,
      detail: expect.stringContaining('key-pending') as string,
    }) as unknown

  beforeAll(async () => {
    await atRest(BY, UZ)
    await lose(BY)
    const roots = [BY, UZ].flatMap(({ state, rootSha256 }) => ['--root', `${state}=${rootSha256}`])
    const restored = await certex([
      ...words`restore --config ${BY.configFile} --mirror UZ --without-backup --accept-loss`,
      ...roots,
    ])
    expect(restored, restored.stderr).toMatchObject({ code: 0 })
    await publishDevTrust(BY, [UZ])
    BY = await startTestNode(BY)
  })

  it('passes an audit, which cannot tell since when the keys of that list counted', async () => {
    // The restore lets it wait, and no act that is lost stands before what was decided then.
    const lists = rowsOf(BY, 'trust_list_delays').filter(({ state }) => state === 'UZ')
    expect(lists).toHaveLength(1)
    const [list, decision] = [indexOf(lists[0]!['sha256']), indexOf(atFirstContact.sha256)]
    const between = rowsOf(BY, 'entries').filter(
      ({ idx, kind }) => kind === 'administrative' && idx! > list! && idx! < decision!,
    )
    expect(between).toEqual([])

    const report = await audited()
    expect(faults(report)).toEqual([])
    expect(report.lost!.signatures).toBeGreaterThan(1)
    expect(await auditedShown()).toMatchObject({
      findings: [],
      lost: { signatures: report.lost!.signatures },
    })
  })

  it('has no excuse where an act says that they were to wait', async () => {
    await BY.running.stop()
    const database = new SqliteDatabase(databaseOf(BY))
    database.raw.exec(DELAYS_ACTED)
    database.close()
    BY = await startTestNode(BY)
    expect((await audited()).findings).toContainEqual(itsSignature())
    const shown = await auditedShown()
    expect('findings' in shown && shown.findings).toContainEqual(itsSignature())
  })
})
