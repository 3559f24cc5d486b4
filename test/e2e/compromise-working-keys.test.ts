import { rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { DEFAULT_POLICY } from '../../src/certificate/default-policy.ts'
import type { Policy } from '../../src/certificate/policy.ts'
import { formatInstant } from '../../src/encoding/time.ts'
import { judgeIncomingTrustList } from '../../src/exchange/incoming/trust-list.ts'
import { joinWork } from '../../src/exchange/join.ts'
import type { EvidencePack } from '../../src/exchange/evidence/pack.ts'
import { publishTrustList } from '../../src/exchange/keep-trust/publish-trust.ts'
import { payloadOf } from '../../src/exchange/registered.ts'
import { fetchedStatusLists } from '../../src/exchange/status-lists/fetch.ts'
import { signStatusList, verifyStatusList } from '../../src/exchange/status-lists/token.ts'
import type { ApiClient } from '../../src/node/api-client.ts'
import { SqliteDatabase } from '../../src/node/sqlite-database.ts'
import { makeTrustList, signTrustList } from '../../src/node/trust-list-maker.ts'
import { packStatusList } from '../../src/status-list/status-list.ts'
import type { NoteSigner } from '../../src/tlog/note-signature.ts'
import { formatVerifierKey } from '../../src/tlog/verifier-key.ts'
import { TrustList } from '../../src/trust/trust-list.ts'
import { contextOf, PARTS } from '../support/audit-parts.ts'
import { decisionAt, issue, type Issued } from '../support/changes.ts'
import { certex, words } from '../support/cli.ts'
import { publishCrls, polled } from '../support/compromise.ts'
import { completePack, judgePack, rootOf } from '../support/evidence.ts'
import { digest, sealOf } from '../support/hostile.ts'
import { noteSigner, signedNote } from '../support/log-world.ts'
import { firstMeeting, newcomer } from '../support/newcomer.ts'
import { nextSecond, shifted } from '../support/notices.ts'
import { type Operator, operatorOf, thumbprintsOf } from '../support/operator.ts'
import { type Peer, peerOf } from '../support/sign-as.ts'
import { answerTo, belief } from '../support/thief.ts'
import { eventually, startTestNode, startTwoNodes, type TestNode } from '../support/two-nodes.ts'

type State = 'BY' | 'UZ'

let folder: string
const nodes = {} as Record<State, TestNode>
const operators = {} as Record<State, Operator>
/** Above every position of its certificates. */
const STATUS_LIST_SIZE = 2 ** 20
/** What is in wrong hands: node keys, what status signers signed, log keys. */
const stolen = {} as Record<State, { node: Peer; token: string; log: NoteSigner<'ed25519'> }>
let certificate: Issued

beforeAll(async () => {
  const started = await startTwoNodes()
  folder = started.folder
  for (const state of ['BY', 'UZ'] as const) {
    nodes[state] = started[state]
    operators[state] = operatorOf(started[state])
  }
  certificate = await traded()
  for (const state of ['BY', 'UZ'] as const) {
    const node = nodes[state]
    const signer = await sealOf(node, 'status-signer')
    const list = packStatusList(STATUS_LIST_SIZE, [])
    const uri = `${node.url}/status/1`
    stolen[state] = {
      node: await peerOf(node),
      token: await signStatusList({ uri, list, signer, signedAt: new Date() }),
      log: await node.running.deps.logSigner(),
    }
  }
})
afterAll(async () => {
  await Promise.all([nodes.BY.running.stop(), nodes.UZ.running.stop()])
  await rm(folder, { recursive: true, force: true })
})

async function traded(): Promise<Issued> {
  const chamber: ApiClient = await nodes.BY.client('issuer', 'BY.CCI')
  const issued = await issue(chamber, 'origin-ct1-tractors')
  const decision = await decisionAt(nodes.BY, 'UZ', issued.sha256)
  expect(decision).toEqual({ outcome: 'accepted', findings: [] })
  return issued
}

const other = (state: State): State => (state === 'BY' ? 'UZ' : 'BY')

const newest = async (at: State) =>
  (await nodes[at].running.deps.trustStore.newest()).find(({ state }) => state === 'BY')!

/** What the witness of Uzbekistan answers to a checkpoint of Belarus's log that a key has signed. */
async function askedWith(signer: NoteSigner<'ed25519'>): Promise<[number, string]> {
  const note = await signedNote({ root: () => new Uint8Array(32) }, 1_000_000n, signer)
  const answer = await fetch(`${nodes.UZ.url}/witness/add-checkpoint`, {
    method: 'POST',
    headers: { 'content-type': 'text/plain' },
    body: `old 0\n\n${note}`,
  })
  const text = await answer.text()
  return [answer.status, /problems\/([a-z-]+)"/.exec(text)?.[1] ?? '']
}

async function restart(state: State, policy: Partial<Policy> = {}): Promise<void> {
  await nodes[state].running.stop()
  nodes[state] = await startTestNode(nodes[state], { policy })
}

const bothRoots = () => [rootOf(nodes.BY), rootOf(nodes.UZ)]

/** What becomes of messages and answers that are signed with the stolen node key of a state. */
const line = async (state: State, peer = stolen[state].node) => [
  await answerTo(peer, nodes[other(state)]),
  await belief(nodes[other(state)], peer),
]
const OPEN = ['200', 'believed']
const SHUT = ['401 unknown-peer', 'HTTP 200, its signature: key-unknown']

/** Why the other node does not believe a token of the stolen status signer; undefined: it does. */
async function refusalOf(state: State, token: string): Promise<string | undefined> {
  const { deps } = nodes[other(state)].running
  const trust = await deps.trust()
  const verified = await verifyStatusList(token, { trust, paths: deps.paths, now: deps.now() })
  // Neither when it is fetched from the address of that node.
  const answering: typeof fetch = async () => new Response(token)
  const lists = fetchedStatusLists({ ...deps, fetch: answering, join: joinWork() })
  const uri = `${nodes[state].url}/status/1`
  expect((await lists.find(uri, state)) === undefined).toBe('refused' in verified)
  return 'refused' in verified ? verified.refused : undefined
}

/** What `certex validate` says of the certificate by the token, in a sentence for people, and answers. */
async function offline(token: string) {
  const [document, list, status] = ['document.jws', 'list.jws', 'status.jws'].map((name) =>
    join(folder, name),
  ) as [string, string, string]
  await writeFile(document, certificate.document)
  await writeFile(list, await (await fetch(`${nodes.BY.url}/trust/list`)).text())
  await writeFile(status, token)
  const crls = join(nodes.BY.keys, 'crls')
  const { stdout, stderr } = await certex(
    words`validate ${document} --trust-list ${list} --crl ${crls} --status-list ${status}
      ${`--anchor=BY=${nodes.BY.rootSha256}`} --json`,
  )
  expect(stdout, stderr).not.toBe('')
  return { said: stderr, ...(JSON.parse(stdout) as { answer: string; reasons: string[] }) }
}

describe('keys that their list ends and removes, without any CRL', () => {
  it('open the line and are believed until then', async () => {
    for (const state of ['BY', 'UZ'] as const) {
      expect(await line(state)).toEqual(OPEN)
      expect(await refusalOf(state, stolen[state].token)).toBeUndefined()
    }
  })

  it('end at once when another takes over in an emergency', async () => {
    for (const purpose of ['node', 'status-signer'])
      await operators.UZ.pki('renew', purpose, '--at-once')
    await operators.UZ.publishList(nodes.BY)
    await restart('UZ')
    await nextSecond()
    expect(await line('UZ')).toEqual(SHUT)
    expect(await refusalOf('UZ', stolen.UZ.token)).toBe('key-ended')
    const { key, keyid } = await nodes.UZ.running.deps.nodeKey()
    expect(keyid).not.toBe(stolen.UZ.node.keyid)
    expect(await line('UZ', { state: 'UZ', key, keyid })).toEqual(OPEN)
    await traded()
  })

  it('are removed with the reason, for good', async () => {
    const former = async (purpose: 'node' | 'status-signer') =>
      (await thumbprintsOf(nodes.UZ, purpose))[0]!
    const remove = [await former('node'), await former('status-signer')]
    await operators.UZ.publishList(nodes.BY, { remove })
    expect(await line('UZ')).toEqual(SHUT)
    expect(await refusalOf('UZ', stolen.UZ.token)).toBe('key-removed')
  })
})

describe('keys that a CRL revokes', () => {
  const revoked = async (
    purpose: 'node' | 'status-signer' | 'trust-list-signer',
    since: string,
  ) => {
    const [x5t] = await thumbprintsOf(nodes.BY, purpose)
    const reason = words`--reason keyCompromise --invalidity-date ${since}`
    await operators.BY.pki('revoke', `--x5t=${x5t!}`, ...reason)
    await publishCrls(nodes.BY)
    await polled(nodes.UZ, nodes.BY)
  }

  it('the node key: no message is taken and no answer believed, whatever the list says', async () => {
    await revoked('node', shifted(await nextSecond(), -60))
    expect(await line('BY')).toEqual(SHUT)
    const { view } = await nodes.UZ.running.deps.trust()
    expect(view.nodes('BY', new Date()).map(({ key }) => key)).toEqual([stolen.BY.node.keyid])
  })

  it('the status signer: its tokens are refused, also where nobody can be asked', async () => {
    expect(await offline(stolen.BY.token)).toMatchObject({ answer: 'usable', said: '' })
    await revoked('status-signer', shifted(await nextSecond(), -60))
    expect(await refusalOf('BY', stolen.BY.token)).toBe('revoked')
    const { said, ...report } = await offline(stolen.BY.token)
    expect(said).toMatch(/status\.jws.*revoked/)
    expect(report).toMatchObject({ answer: 'cannot-tell', reasons: ['status-source-absent'] })
  })

  it('the list signer: no node takes its next list, and the state goes on with another', async () => {
    const thief = { keys: nodes.BY.pki, log: noteSigner('exchange.by/log/1', 'ed25519') }
    const added = { ...nodes.BY.bodies[0]!, id: 'BY.THIEF', name: 'Thief' }
    /** The next list as whoever has the key of the list signer makes it. */
    const stolenList = async () => {
      const before = await newest('BY')
      const list = await makeTrustList({
        pki: thief.keys,
        bodies: [...nodes.BY.bodies, added],
        url: nodes.BY.url,
        now: new Date(),
        validDays: 90,
        previous: { list: TrustList.parse(payloadOf(before.jws)), sha256: before.sha256 },
      })
      const key = formatVerifierKey(thief.log.key)
      const logs = list.logs.some((log) => log.key === key)
        ? list.logs
        : [...list.logs, { origin: thief.log.key.name, key, from: list.issuedAt }]
      return signTrustList({ ...list, logs }, thief.keys, nodes.BY.passphrase)
    }
    const taken = await stolenList()
    for (const state of ['BY', 'UZ'] as const)
      expect(await publishTrustList(nodes[state].running.deps)(taken)).toMatchObject({
        outcome: 'published',
      })

    expect(await askedWith(thief.log)).toEqual([409, ''])

    // It was stolen before it signed the lists that are in force.
    await revoked('trust-list-signer', shifted(await nextSecond(), -3600))
    const forged = await stolenList()
    for (const state of ['BY', 'UZ'] as const)
      expect(await publishTrustList(nodes[state].running.deps)(forged)).toMatchObject({
        outcome: 'refused',
        refusal: { refused: 'signer-not-valid', detail: expect.stringMatching(/^revoked: /) },
      })
    expect(await operators.BY.issueList()).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/revoked for a time before[^]*signer-not-valid: revoked/),
    })

    await operators.BY.pki('renew', 'trust-list-signer')
    for (const purpose of ['node', 'status-signer'])
      await operators.BY.pki('renew', purpose, '--at-once')
    const before = await newest('BY')
    await operators.BY.publishList(nodes.UZ, {
      remove: [
        (await thumbprintsOf(nodes.BY, 'node'))[0]!,
        (await thumbprintsOf(nodes.BY, 'status-signer'))[0]!,
      ],
      endLogs: [formatVerifierKey(thief.log.key)],
      bodies: [{ ...added, scopes: [] }],
    })
    await restart('BY')
    for (const state of ['BY', 'UZ'] as const)
      expect(await newest(state)).toMatchObject({ version: before.version + 1 })
    expect(await line('BY')).toEqual(SHUT)
    expect(await refusalOf('BY', stolen.BY.token)).toBe('revoked')
    await traded()
    const { view } = await nodes.UZ.running.deps.trust()
    expect(view.body('BY.THIEF')!.scopes).toEqual([])
    // It still signs in the second in which it ends.
    await nextSecond()
    const shown = await certex(words`trust show --config ${nodes.UZ.configFile} --state BY`)
    const ended = shown.stdout
      .split('\n')
      .find((row) => row.includes(formatVerifierKey(thief.log.key)))
    expect(ended).toMatch(/ ended$/)
    expect(await askedWith(thief.log)).toEqual([403, 'checkpoint-not-signed'])
  })
})

describe('a state that meets this one afterwards', () => {
  const newestVersion = async () =>
    (await nodes.BY.running.deps.trustStore.versions('BY')).at(-1)!.version

  it('believes the versions that the revoked list signer made, because the next one names them', async () => {
    const version = await newestVersion()
    expect(await firstMeeting(nodes.BY, nodes.BY.rootSha256)).toEqual({
      polled: { ok: true },
      version,
    })
  })

  it('lets such a version that comes by the feed first wait for the newest list, and takes it then', async () => {
    const { deps } = nodes.BY.running
    const jws = (await deps.trustStore.version('BY', 1))!
    const crls = await deps.trustStore.crls()
    await newcomer(nodes.BY, nodes.BY.rootSha256, fetch, async ({ stores, trust, meet }) => {
      const now = new Date()
      const arrivedAt = formatInstant(now)
      const message = { sha256: digest(jws), jws, sender: 'BY', seq: 1, arrivedAt }
      const judged = async () => {
        const { trustCheckedAt } = await stores.peers.find('BY')
        const known = { policy: DEFAULT_POLICY, trustStore: stores.trustStore }
        return judgeIncomingTrustList(message, known, { trust: await trust(), now, trustCheckedAt })
      }
      for (const crl of crls.filter(({ state }) => state === 'BY'))
        await stores.trustStore.putCrl(crl, arrivedAt)
      expect(await judged()).toEqual({ verdict: 'wait', waitsFor: 'trust list' })
      expect((await meet()).polled).toEqual({ ok: true })
      expect(await judged()).toMatchObject({ verdict: 'decided', outcome: 'accepted' })
    })
  })

  it('believes no other version of that signer, and none that nobody names', async () => {
    const served = await newestVersion()
    const first = await nodes.BY.running.deps.trustStore.version('BY', 1)
    const list = { ...TrustList.parse(payloadOf(first!)), bodies: [] }
    const forged = await signTrustList(list, nodes.BY.pki, nodes.BY.passphrase)
    const inPlaceOf =
      (versions: readonly string[], jws: string): typeof fetch =>
      (url, init) =>
        versions.some((version) => String(url) === `${nodes.BY.url}/trust/list${version}`)
          ? Promise.resolve(new Response(jws))
          : fetch(url, init)
    const meeting = (call: typeof fetch) => firstMeeting(nodes.BY, nodes.BY.rootSha256, call)
    for (const call of [
      inPlaceOf(['/1'], forged),
      // A state that has not gone on yet.
      inPlaceOf([''], (await nodes.BY.running.deps.trustStore.version('BY', served - 1))!),
    ])
      expect(await meeting(call)).toEqual({
        polled: { error: expect.stringMatching(/version 1: signer-not-valid: revoked/) },
        version: undefined,
      })
  })
})

describe('a log key that another took over from at once', () => {
  it('signs nothing that counts, though its node held no other for a while', async () => {
    await operators.BY.pki('renew', 'log', '--at-once')
    await nextSecond()
    const { file, ...issued } = await operators.BY.issueList()
    expect(issued, issued.stderr).toMatchObject({ code: 0 })
    await nextSecond()
    const meanwhile = await traded()
    const auditor = await nodes.BY.client('auditor', 'BY.AUDIT')
    const early = await completePack(auditor, nodes.BY, meanwhile)
    await operators.BY.publish(file, nodes.UZ)
    const lists = [await (await fetch(`${nodes.BY.url}/trust/list`)).text()]
    const roots = bothRoots()
    const given = { roots, lists, crls: [], ocsp: [], environment: 'production' } as const
    expect((await judgePack(early, roots, { given })).report.reasons).toEqual(['log-key-unknown'])
    await restart('BY')
    const again = await nodes.BY.client('auditor', 'BY.AUDIT')
    const pack = await completePack(again, nodes.BY, meanwhile)
    const { report } = await judgePack(pack, roots)
    expect(report).toMatchObject({ answer: 'usable', provenBy: { by: 'witness', log: 'BY' } })
  })

  it('is cosigned by no witness any more, and makes no fork of the log', async () => {
    expect(await askedWith(stolen.BY.log)).toEqual([403, 'checkpoint-not-signed'])
    expect(await nodes.UZ.running.deps.witnessed.forks(10)).toEqual([])
  })
})

describe('a log and a witness key that took over at once', () => {
  const packOf = async (issued: Issued) =>
    completePack(await nodes.BY.client('auditor', 'BY.AUDIT'), nodes.BY, issued)
  const provenBy = { by: 'witness', log: 'BY', state: 'UZ' }
  let early: EvidencePack

  it('count on at once under a later list with an ordinary addition, which waits', async () => {
    await operators.UZ.pki('renew', 'witness', '--at-once')
    await nextSecond()
    await operators.UZ.publishList(nodes.BY)
    await restart('UZ')
    early = await packOf(await traded())

    for (const state of ['BY', 'UZ'] as const) await restart(state, { trustAdditionDelayHours: 24 })
    await nextSecond()
    for (const state of ['BY', 'UZ'] as const) {
      const branch = { ...nodes[state].bodies[0]!, id: `${state}.BRANCH`, name: 'New branch' }
      await operators[state].publishList(nodes[other(state)], { bodies: [branch] })
    }
    const { report } = await judgePack(await packOf(await traded()), bothRoots())
    expect(report).toMatchObject({ answer: 'usable', provenBy })
    const { size } = await nodes.BY.running.deps.log.frontier()
    await eventually('the mirror has it', async () => {
      const log = { state: 'BY', origin: stolen.BY.log.key.name }
      const head = await nodes.UZ.running.deps.mirror.head(log)
      return head && head.frontier.size >= size
    })
    for (const state of ['BY', 'UZ'] as const) await restart(state)
  })

  it('prove what they proved, also by the newest lists', async () => {
    const lists = await Promise.all(
      [nodes.BY, nodes.UZ].map(async ({ url }) => (await fetch(`${url}/trust/list`)).text()),
    )
    const given = { roots: bothRoots(), crls: [], ocsp: [], environment: 'production' } as const
    const [before, after] = await Promise.all(
      [[], lists].map((more) =>
        judgePack(early, bothRoots(), { given: { ...given, lists: more } }),
      ),
    )
    expect(after!.report).toMatchObject({ answer: 'usable', provenBy })
    expect(after!.report.instants.proven).toBe(before!.report.instants.proven)
  })
})

describe('a node key that another took over from at once', () => {
  it('serves on until the list that says so is published', async () => {
    const [before] = (await thumbprintsOf(nodes.UZ, 'node')).slice(-1)
    await operators.UZ.pki('renew', 'node', '--at-once')
    const { file, ...issued } = await operators.UZ.issueList({ remove: [before!] })
    expect(issued, issued.stderr).toMatchObject({ code: 0 })
    await nextSecond()
    const { keyid } = await nodes.UZ.running.deps.nodeKey()
    expect(keyid).toBe(before)
    await traded()
    await operators.UZ.publish(file, nodes.BY)
    await restart('UZ')
    await traded()
  })
})

describe('an audit of either node afterwards', () => {
  it('finds no fault with lists that were continued, nor with what was signed before they came', async () => {
    const removed = (await thumbprintsOf(nodes.UZ, 'node')).at(-2)!
    for (const { data } of [nodes.BY, nodes.UZ]) {
      const { stdout, stderr } = await certex(
        words`audit --database ${join(data, 'node.sqlite')} --json`,
      )
      expect(stdout, stderr).not.toBe('')
      const { findings } = JSON.parse(stdout) as { findings: Record<'code' | 'where', string>[] }
      const inArchive = findings.filter(({ where }) => where.startsWith('exchange_archive '))
      expect(inArchive.length).toBeGreaterThan(0)
      for (const finding of inArchive)
        expect(finding).toMatchObject({
          code: 'signature-undecided',
          detail: `the signature holds, but by now node key ${removed} does not`,
        })
      // Clients of a test are registered without an act.
      const others = findings.filter(({ where }) => !/^(?:clients|exchange_archive) /.test(where))
      expect(others).toEqual([])
    }
  })

  it('finds out what was altered of those that nobody can judge', async () => {
    const copy = join(folder, 'copy.sqlite')
    const live = new SqliteDatabase(join(nodes.BY.data, 'node.sqlite'), { readOnly: true })
    live.raw.prepare('VACUUM INTO ?').run(copy)
    live.close()
    const database = new SqliteDatabase(copy)
    const told = async () => {
      const found: string[] = []
      const context = await contextOf(database, nodes.BY.running.deps.paths)
      await PARTS.archive(database, context, (code, where) => found.push(`${code}: ${where}`))
      return found
    }
    const undecided = await told()
    expect(undecided).toContainEqual(expect.stringMatching(/^signature-undecided: /))
    const triggers = database.raw
      .prepare("SELECT name FROM sqlite_master WHERE type = 'trigger'")
      .pluck()
    for (const name of triggers.all() as string[]) database.raw.exec(`DROP TRIGGER ${name}`)
    const status = `replace(response, '"status":20', '"status":21')`
    database.raw.exec(`UPDATE exchange_archive SET response = ${status}`)
    expect(await told()).toEqual(
      expect.arrayContaining(
        undecided.map((one) => one.replace('signature-undecided', 'record-differs')),
      ),
    )
    expect((await told()).some((one) => one.startsWith('signature-undecided'))).toBe(false)
    database.close()
  })
})
