import { copyFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { sha256Sync } from '../../src/crypto/suite.ts'
import { formatInstant } from '../../src/encoding/time.ts'
import { mirrorLog } from '../../src/exchange/log/mirror.ts'
import { nodeKeyResolver } from '../../src/exchange/node-keys.ts'
import { peerLogReader } from '../../src/exchange/delivery/peer-client.ts'
import { payloadOf } from '../../src/exchange/registered.ts'
import { backUp } from '../../src/node/backup.ts'
import { readConfig } from '../../src/node/config.ts'
import { openSeal } from '../../src/node/keyring.ts'
import { loadPkiDirectory } from '../../src/node/pki/pki-directory.ts'
import { makeTrustList, signTrustList } from '../../src/node/trust-list-maker.ts'
import {
  formatCheckpoint,
  parseSignedCheckpoint,
  verifyCheckpoint,
} from '../../src/tlog/checkpoint.ts'
import { signNote } from '../../src/tlog/note-signature.ts'
import { formatSignedNote } from '../../src/tlog/signed-note.ts'
import { formatAddCheckpoint } from '../../src/tlog/witness-request.ts'
import { TrustList } from '../../src/trust/trust-list.ts'
import { decisionAt, issue as issueBy } from '../support/changes.ts'
import { certex, words } from '../support/cli.ts'
import { freshCertificate } from '../support/hostile.ts'
import { movingClock } from '../support/reconciling.ts'
import { answered, content } from '../support/typed.ts'
import {
  eventually,
  startTestNode,
  startTwoNodes,
  type TestNode,
  type TwoNodes,
} from '../support/two-nodes.ts'

const HOUR_MS = 3_600_000
const clock = movingClock()
const BY_OPTIONS = { now: clock.now, policy: { trustAdditionDelayHours: 0 } }
const utf8 = new TextEncoder()
let nodes: TwoNodes
beforeAll(async () => {
  nodes = await startTwoNodes({
    now: clock.now,
    policies: { BY: BY_OPTIONS.policy, UZ: { trustAdditionDelayHours: 1 } },
  })
})
afterAll(async () => {
  await nodes.BY.running.stop()
  await nodes.close()
})

const logReader = ({ running: { deps } }: TestNode) =>
  peerLogReader({ ...deps, node: deps.nodeKey, resolveKey: nodeKeyResolver(deps) })

async function issue(): Promise<string> {
  const chamber = await nodes.BY.client('issuer', 'BY.CCI')
  const certificate = content(await freshCertificate())
  return answered(await chamber.api.issueCertificate({ body: { certificate } }), 201).body.sha256
}

async function newestAt(at: 'BY' | 'UZ') {
  const lists = await nodes[at].running.deps.trustStore.newest()
  const { jws, sha256 } = lists.find(({ state }) => state === 'BY')!
  return { sha256, list: TrustList.parse(payloadOf(jws)) }
}

/** The next version of the list of BY with a new seal of its chamber, as it is at both nodes. */
async function addSeal(): Promise<string> {
  const { BY } = nodes
  await certex(
    words`pki add-seal --pki ${BY.keys} --body BY.CCI.001 --passphrase-file ${join(BY.keys, 'passphrase')}`,
  )
  const pki = await loadPkiDirectory(BY.keys)
  const stored = pki.keys.findLast(({ purpose }) => purpose === 'document-seal')!
  const seal = await openSeal(pki, stored, BY.passphrase)
  await publish({ pki })
  return seal.x5tS256
}

async function publish({
  pki,
  change = (list) => list,
}: {
  pki?: Awaited<ReturnType<typeof loadPkiDirectory>>
  change?: (list: TrustList) => TrustList
}) {
  const { BY } = nodes
  const { bodies, url, passphrase } = BY
  const keys = pki ?? (await loadPkiDirectory(BY.keys))
  const previous = await newestAt('BY')
  const now = clock.now()
  const list = change(await makeTrustList({ pki: keys, bodies, url, now, validDays: 30, previous }))
  const publisher = await BY.client('authority', 'BY.CCI')
  const signed = await signTrustList(list, keys, passphrase)
  const answer = await publisher.postBytes('/v1/admin/trust-lists', 'application/jose', signed)
  expect(answer.status).toBe(201)
  const { version } = list
  await eventually('UZ has it', async () => (await newestAt('UZ')).list.version === version)
}

const standingAt = async (x5tS256: string) =>
  (await nodes.UZ.running.deps.trust()).view.key(x5tS256, 'BY')?.key

async function decisions() {
  const auditor = await nodes.UZ.client('auditor', 'UZ.AUDIT')
  return answered(await auditor.api.listTrustDecisions({}), 200).body
}

it('a log that forks freezes what its state adds, until two persons settle it, and no certificate', async () => {
  const { BY, UZ } = nodes
  await issue()
  const signed = await eventually('UZ has cosigned the log of BY', async () => {
    const newest = await UZ.running.deps.witnessed.newest('exchange.by/log/1')
    return newest && parseSignedCheckpoint(utf8.encode(newest.note))
  })
  if ('malformed' in signed) throw new Error(signed.malformed)
  const waiting = await addSeal()
  expect((await decisions()).pending).toMatchObject([{ state: 'BY' }])

  // Somebody with the log key of BY signs another history of the same size.
  const { origin, size } = signed.checkpoint
  const rootHash = sha256Sync(utf8.encode('another history'))
  const text = formatCheckpoint({ origin, size, rootHash, extensions: [] })
  const note = { text, signatures: [await signNote(text, await BY.running.deps.logSigner())] }
  const other = parseSignedCheckpoint(utf8.encode(formatSignedNote(note)))
  if ('malformed' in other) throw new Error(other.malformed)
  const body = formatAddCheckpoint({ oldSize: size, proof: [], signed: other })
  const shown = await fetch(`${UZ.url}/witness/add-checkpoint`, { method: 'POST', body })
  expect(shown.status).toBe(409)

  const { pending, forks } = await decisions()
  expect(forks).toEqual([
    {
      of: 'log',
      state: 'BY',
      origin,
      proof: 'forked',
      sha256: expect.any(String),
      seenAt: expect.any(String),
    },
  ])
  expect(pending).toMatchObject([{ state: 'BY' }])
  expect(pending[0]).not.toHaveProperty('countsFrom')
  const auditor = await UZ.client('auditor', 'UZ.AUDIT')
  const { warnings } = answered(await auditor.api.listWarnings({}), 200).body
  expect(warnings).toContainEqual(
    expect.objectContaining({ kind: 'trust-frozen-by-log', subject: 'BY' }),
  )
  expect(warnings).toContainEqual(
    expect.objectContaining({ kind: 'log-forked', subject: 'BY', at: forks[0]!.seenAt }),
  )
  const fork = forks[0]!.sha256
  const cli = await certex(words`trust show --config ${UZ.configFile} --state BY`)
  expect(cli.stdout).toContain(`the log ${origin} was forked`)
  expect(cli.stdout).toContain(
    `certex trust settle-fork --config ${UZ.configFile} --state BY --fork ${fork}`,
  )
  expect(cli.stdout).toContain('FROZEN')

  // Its delay is over, and it does not count; certificates flow all the same.
  clock.forward(2 * HOUR_MS)
  const sha256 = await issue()
  await eventually('a certificate came', async () => {
    const found = await UZ.running.deps.inbox.find('BY', [sha256])
    return found.get(sha256)?.decision?.outcome === 'accepted'
  })
  expect((await decisions()).pending[0]).not.toHaveProperty('countsFrom')
  expect(await standingAt(waiting)).toMatchObject({ countsFrom: '9999-12-31T23:59:59Z' })

  // What is taken away counts at once all the same.
  const { keys } = (await newestAt('BY')).list
  const removed = keys.find(({ usage, body }) => usage === 'seal' && body === 'BY.CCI.001')!.x5tS256
  const removedAt = formatInstant(clock.now())
  await publish({
    change: (list) => ({
      ...list,
      keys: list.keys.map((key) =>
        key.x5tS256 === removed ? { ...key, removedAt, reason: 'test' } : key,
      ),
    }),
  })
  expect(await standingAt(removed)).toMatchObject({ removedAt })
  expect(await standingAt(waiting)).toMatchObject({ countsFrom: '9999-12-31T23:59:59Z' })

  // One person alone settles nothing.
  const question = { kind: 'fork', state: 'BY', subject: fork } as const
  const [anna, boris] = [
    await UZ.client('authority', 'UZ.STATE'),
    await UZ.client('authority', 'UZ.STATE'),
  ]
  answered(await anna.api.proposeTrustDecision({ body: question }), 201)
  expect((await anna.api.approveTrustDecision({ body: question })).status).toBe(409)
  expect((await decisions()).forks).toHaveLength(1)
  answered(await boris.api.approveTrustDecision({ body: question }), 201)
  expect((await decisions()).forks).toEqual([])
  const { countsFrom } = (await standingAt(waiting))!
  expect(countsFrom! <= formatInstant(clock.now())).toBe(true)

  const settled = answered(await auditor.api.listWarnings({}), 200).body.warnings
  expect(settled.map(({ kind }) => kind)).not.toContain('log-forked')

  // The same log shows its other history again: that is settled.
  await fetch(`${UZ.url}/witness/add-checkpoint`, { method: 'POST', body })
  expect((await decisions()).forks).toEqual([])
})

it('a log that shows an old tree freezes the same, and the command line settles it', async () => {
  const { UZ } = nodes
  const log = { state: 'BY', origin: 'exchange.by/log/1' }
  const mirror = mirrorLog({ ...UZ.running.deps, askLog: logReader(UZ) })
  const mirroredUpTo = (size: bigint) =>
    eventually('the mirror is whole', async () => {
      await mirror('BY')
      const head = await UZ.running.deps.mirror.head(log)
      return head && head.size >= size ? head : undefined
    })
  const sizeOf = async () => (await nodes.BY.running.deps.log.frontier()).size
  const old = join(nodes.folder, 'old.sqlite')
  const { database } = readConfig(nodes.BY.configFile, {})
  await mirroredUpTo(await sizeOf())
  await backUp(database, old)
  const certifier = await nodes.BY.client('issuer', 'BY.TESTCERT')
  const { sha256: withdrawn } = await issueBy(certifier, 'conformity-eaeu-certificate', ['UZ'])
  await decisionAt(nodes.BY, 'UZ', withdrawn)
  await mirroredUpTo(await sizeOf())
  await eventually('UZ has cosigned it', async () => {
    const newest = await UZ.running.deps.witnessed.newest(log.origin)
    return newest && newest.size >= (await sizeOf())
  })

  // Whoever runs the node puts back yesterday's database, as if the certificate had never been.
  await nodes.BY.running.stop()
  // The log may have grown until then, and the schedule of UZ looks as well.
  const { note: before, size } = (await UZ.running.deps.mirror.head(log))!
  for (const suffix of ['-wal', '-shm']) await rm(database + suffix, { force: true })
  await copyFile(old, database)
  const running = await startTestNode(nodes.BY, BY_OPTIONS)
  nodes = { ...nodes, BY: running }
  const { deps } = nodes.BY.running
  expect(await deps.log.indexOf(withdrawn)).toBeUndefined()
  const shown = (await deps.log.checkpoint())!
  expect(shown.size < size).toBe(true)
  expect(await mirror('BY')).toEqual({ error: expect.stringContaining('older') })

  // Both are genuine, and nobody can take either back.
  const auditor = await UZ.client('auditor', 'UZ.AUDIT')
  const { rollbacks } = answered(await auditor.api.listLogForks({}), 200).body
  expect(rollbacks).toMatchObject([{ ...log, size: Number(size), before }])
  const { key } = await deps.logSigner()
  for (const note of [before, rollbacks[0]!.shown]) {
    const signed = parseSignedCheckpoint(utf8.encode(note))
    if ('malformed' in signed) throw new Error(signed.malformed)
    expect(await verifyCheckpoint(signed, [key])).toBe('valid')
  }
  // It goes on from the old tree: what was shown may be a step further than what it began with.
  const shownSize = BigInt(rollbacks[0]!.shown.split('\n')[1]!)
  expect(shownSize >= shown.size && shownSize < size).toBe(true)
  const alarms = await UZ.running.deps.alarms.list(0, 1000)
  expect(alarms).toContainEqual(expect.objectContaining({ kind: 'log-rolled-back', peer: 'BY' }))
  await eventually('BY is told by its witness, and signs nothing more', () => deps.log.doubt())

  const waiting = await addSeal()
  const { forks } = await decisions()
  expect(forks).toMatchObject([{ of: 'log', state: 'BY', proof: 'rolled-back' }])
  clock.forward(2 * HOUR_MS)
  expect(await standingAt(waiting)).toMatchObject({ countsFrom: '9999-12-31T23:59:59Z' })

  const named = words`--config ${UZ.configFile} --state BY --fork ${forks[0]!.sha256}`
  const asked = await certex([...words`trust settle-fork`, ...named, '--as', 'Anna'])
  expect(asked).toMatchObject({ code: 0 })
  expect(asked.stdout).toContain('although its log exchange.by/log/1 was rolled-back')
  expect(await certex([...words`trust approve`, ...named, '--as', 'Anna'])).not.toMatchObject({
    code: 0,
  })
  expect(await certex([...words`trust approve`, ...named, '--as', 'Boris'])).toMatchObject({
    code: 0,
    stdout: expect.stringContaining('what the proof against its log meant was cleared up'),
  })
  await eventually('the key counts', async () => {
    const { countsFrom = '' } = (await standingAt(waiting)) ?? {}
    return countsFrom <= formatInstant(clock.now())
  })
})
