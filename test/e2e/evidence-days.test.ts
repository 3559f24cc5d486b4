import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { addDays } from '../../src/certificate/day.ts'
import { type EvidencePack, readEvidencePack } from '../../src/exchange/evidence/pack.ts'
import type { ValidationReport } from '../../src/exchange/validation/validation-report.ts'
import type { ApiClient } from '../../src/node/api-client.ts'
import { formatVerifierKey, verifierKey } from '../../src/tlog/verifier-key.ts'
import { ask, decisionAt, issue, type Issued, pathOf } from '../support/changes.ts'
import { certex, certexProcess, words } from '../support/cli.ts'
import { lacks } from '../support/counterparts.ts'
import { completePack, judgePack, lastDayOf, packOf, rootOf } from '../support/evidence.ts'
import { cutProof, cutVerifierKey, opensslAccepts, rootBy, sha } from '../support/openssl-log.ts'
import { startTwoNodes, type TwoNodes } from '../support/two-nodes.ts'

const DAY_MS = 86_400_000

let nodes: TwoNodes
let folder: string
let sinov: ApiClient
let auditor: ApiClient
let certificate: Issued
/** Of the day of issue, by the clock of this machine. */
let first: EvidencePack
/** After suspension on the third day and resumption on the fifth. */
let resumed: EvidencePack
let annulled: EvidencePack
/** Of a certificate of the first day that was signed and logged on the seventh. */
let late: EvidencePack
let days = 0
const now = () => new Date(Date.now() + days * DAY_MS)
/** The first is that of the first pack. */
const dayOf = (n: number) => addDays(lastDayOf(first), n)
const roots = () => [rootOf(nodes.BY), rootOf(nodes.UZ)]

async function changeOn(day: number, change: string): Promise<void> {
  days = day
  const path = pathOf(nodes.UZ, certificate, '/status-changes')
  const body = { change, effectiveFrom: dayOf(day), reason: 'Решение органа' }
  const answer = await ask(sinov, path, body)
  expect(answer.status, JSON.stringify(answer.body)).toBe(201)
  await decisionAt(nodes.UZ, 'BY', answer.body['sha256'] as string)
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'certex-evidence-'))
  nodes = await startTwoNodes({ now })
  sinov = await nodes.UZ.client('issuer', 'UZ.SINOV')
  auditor = await nodes.UZ.client('auditor', 'UZ.AUDIT')
  certificate = await issue(sinov, 'conformity-uz-certificate', ['BY'])
  await decisionAt(nodes.UZ, 'BY', certificate.sha256)
  first = await completePack(auditor, nodes.UZ, certificate)
  await changeOn(2, 'suspend')
  await changeOn(4, 'resume')
  days = 5
  resumed = await completePack(auditor, nodes.UZ, certificate)
  await changeOn(6, 'annul')
  annulled = await completePack(auditor, nodes.UZ, certificate)
  const second = await issue(sinov, 'conformity-uz-certificate', ['BY'])
  await decisionAt(nodes.UZ, 'BY', second.sha256)
  late = await completePack(auditor, nodes.UZ, second)
})
afterAll(async () => {
  await nodes.close()
  await rm(folder, { recursive: true, force: true })
})

async function judged(pack: EvidencePack, day: number) {
  const { report } = await judgePack(pack, roots(), { day: dayOf(day), now: now() })
  return { answer: report.answer, reasons: report.reasons }
}

describe('the history in a pack', () => {
  it('answers for each day as the changes were in force on it', async () => {
    const answers = []
    for (const day of [0, 1, 2, 3, 4, 5]) answers.push((await judged(resumed, day)).answer)
    expect(answers).toEqual(['usable', 'usable', 'not-usable', 'not-usable', 'usable', 'usable'])
    expect(await judged(resumed, 3)).toMatchObject({ reasons: ['suspended'] })
  })

  it('says of a day after it that it cannot tell', async () => {
    const unknown = { answer: 'cannot-tell', reasons: ['later-than-pack'] }
    expect(await judged(resumed, 6)).toEqual(unknown)
    expect(await judged(first, 3)).toEqual(unknown)
  })

  it('says of a day before the witness saw the document that nothing proves it', async () => {
    const unproven = { answer: 'cannot-tell', reasons: ['not-proven-by-then'] }
    // Days of its validity, all of them.
    for (const day of [0, 2, 5]) expect(await judged(late, day)).toEqual(unproven)
    expect(await judged(late, 6)).toEqual({ answer: 'usable', reasons: [] })
  })

  it('leaves no day on which an annulled certificate is usable', async () => {
    // The last ones lie behind the pack: what ended it for good stands.
    for (const day of [0, 3, 5, 6, 7, 400])
      expect(await judged(annulled, day)).toMatchObject({ answer: 'not-usable' })
  })

  it('is not believed with any of its changes taken out, doubled or put elsewhere', async () => {
    const { statusChanges: all } = annulled
    expect(all).toHaveLength(3)
    const [suspension, resumption, annulment] = all
    const others = [
      [],
      [suspension],
      [resumption],
      [suspension, resumption],
      [resumption, suspension],
      [suspension, resumption, resumption],
      [annulment, suspension, resumption],
    ].map((changes) => changes.filter((change) => change !== undefined))
    for (const statusChanges of others)
      for (const day of [0, 3, 5])
        expect((await judged({ ...annulled, statusChanges }, day)).answer).not.toBe('usable')
    // Nor with the statement of a time before the annulment, or of one before everything.
    for (const { statement } of [resumed, first])
      expect((await judged({ ...annulled, statement }, 5)).answer).not.toBe('usable')
    // A suspension that may have been lifted, for all that is known, speaks against nothing.
    const unlifted = { ...resumed, statusChanges: [suspension!] }
    expect(await judged(unlifted, 5)).toEqual({
      answer: 'cannot-tell',
      reasons: ['pack-not-whole'],
    })
    const { statement: _gone, ...unstated } = annulled
    const without = { ...unstated, statusChanges: [] }
    expect(await judged(without, 5)).toEqual({
      answer: 'cannot-tell',
      reasons: ['pack-statement-missing'],
    })
  })

  it('is the same to the byte for the same state of the node, but for the statement', async () => {
    const { statement: a, ...one } = await packOf(auditor, nodes.UZ, certificate)
    const { statement: b, ...other } = await packOf(auditor, nodes.UZ, certificate)
    expect(JSON.stringify(one)).toBe(JSON.stringify(other))
    expect([a, b]).not.toContain(undefined)
  })
})

/** Whatever in the process wants a connection or the engine of a database, fails. */
const CUT_OFF = `data:text/javascript,${encodeURIComponent(
  `import net from 'node:net'
   const cut = () => { throw new Error('cut off') }
   net.Socket.prototype.connect = cut
   globalThis.fetch = cut
   process.dlopen = cut`,
)}`

describe('a fresh process without network and database', () => {
  const anchorOf = ({ state, rootSha256 }: { state: string; rootSha256: string }) =>
    `--anchor=${state}=${rootSha256}`
  async function validate(pack: unknown, rest: readonly string[]) {
    const file = join(folder, 'pack.json')
    await writeFile(file, typeof pack === 'string' ? pack : JSON.stringify(pack))
    const env = { NODE_OPTIONS: `--import=${CUT_OFF}` }
    return certexProcess([...words`validate ${file}`, ...rest], { cwd: folder, env })
  }
  const both = () => roots().map(anchorOf)

  it('answers for the day that is asked about, in both languages', async () => {
    const usable = await validate(first, [...both(), '--at', dayOf(0)])
    expect(usable, usable.stderr).toMatchObject({ code: 0 })
    expect(usable.stdout).toContain('USABLE')
    expect(usable.stdout).toContain('exchange.by/witness/1')
    expect(usable.stdout).toContain('Decision of BY: accepted, ')
    const later = await validate(first, [...both(), '--at', dayOf(400), '--language', 'ru'])
    expect(later).toMatchObject({ code: 3 })
    expect(later.stdout).toContain('УСТАНОВИТЬ НЕЛЬЗЯ')
    expect(later.stdout).toContain('[later-than-pack: ')
  })

  it('cannot judge a witness whose root nobody gave, and says so', async () => {
    const one = await validate(first, [anchorOf(rootOf(nodes.UZ)), '--at', dayOf(0)])
    expect(one).toMatchObject({ code: 3 })
    expect(one.stdout).toContain('witness-not-judged')
    const swapped = { state: 'BY', rootSha256: rootOf(nodes.UZ).rootSha256 }
    const wrong = await validate(first, [swapped, rootOf(nodes.UZ)].map(anchorOf))
    expect(wrong).toMatchObject({ code: 3 })
  })

  it('is cut off indeed', async () => {
    const env = { NODE_OPTIONS: `--import=${CUT_OFF}` }
    const config = words`--config ${nodes.BY.configFile}`
    expect((await certexProcess(['status', ...config], { env })).stderr).toContain('cut off')
    const called = await certexProcess(words`call getHealth --node ${nodes.BY.url}`, { env })
    expect(called.code).not.toBe(0)
  })

  it('believes nothing without roots, and shows those of the pack to be compared', async () => {
    const alone = await validate(first, ['--at', dayOf(0)])
    expect(alone).toMatchObject({ code: 3 })
    expect(alone.stdout).toContain('CANNOT TELL')
    expect(alone.stdout).toContain('NO_CERTIFICATE_CHAIN_FOUND')
    for (const { state, rootSha256 } of roots()) {
      const hex = Buffer.from(rootSha256, 'base64url').toString('hex').toUpperCase()
      expect(alone.stderr).toContain(`\n  ${state} ${hex.match(/../g)!.join(':')}\n`)
    }
    expect(alone.stderr).toContain('A fingerprint copied from here proves nothing.')
    // No key of it counts: neither for the log nor for the witness nor for the statement.
    for (const [pack, day] of [
      [first, 0],
      [resumed, 4],
      [annulled, 6],
    ] as const) {
      const { report, refused } = await judgePack(pack, [], { day: dayOf(day), now: now() })
      expect(report.answer).toBe('cannot-tell')
      expect(report.reasons).toContain('no-anchor')
      expect(report.evidence).toMatchObject({ trustLists: [], pack: { asOf: undefined } })
      expect(report.provenBy).toBeUndefined()
      expect(refused.map(({ refused: why }) => why)).toEqual(
        pack.trustLists.map(() => 'state-not-pinned'),
      )
    }
    // One root of two shows the other; the pack of a state whose root is missing is not refused either.
    const uz = await validate(first, [anchorOf(rootOf(nodes.UZ)), '--at', dayOf(0)])
    expect(uz.stderr).toMatch(/given for BY \(--anchor\)[^]*\n {2}BY [^]*in person/)
    expect(uz.stderr).not.toMatch(/\n {2}UZ /)
    const by = await validate(first, [anchorOf(rootOf(nodes.BY)), '--at', dayOf(0)])
    expect(by).toMatchObject({ code: 3 })
  })

  it('answers that it cannot be read where a pack is cut short, altered or none', async () => {
    const text = JSON.stringify(first)
    const ofPack = ['--at', dayOf(0)]
    const { document: _gone, ...without } = first
    const cases: [unknown, string[], RegExp][] = [
      ['{"schema":"evidence/1"}', both(), /it is no evidence pack: state: /],
      [without, both(), /it is no evidence pack: document: /],
      [text.slice(0, text.length >> 1), [], /it is no evidence pack: The text is not JSON/],
      [text.slice(0, 30), ofPack, /it is no evidence pack: The text is not JSON/],
      ['', [...ofPack, ...both()], /it is no evidence pack: The text is not JSON/],
      ['', [], /it is not a JWS in compact serialization/],
      [certificate.document.slice(0, 900), ofPack, /it is no evidence pack: /],
      [{ payload: 'e30', signature: 'AAAA' }, [], /it is not a JWS in compact serialization/],
      [{ payload: 'e30', signature: 'AAAA' }, ofPack, /it is no evidence pack: schema: /],
    ]
    for (const [content, options, why] of cases) {
      const file = join(folder, 'unreadable.json')
      await writeFile(file, typeof content === 'string' ? content : JSON.stringify(content))
      const ran = await certex(['validate', file, ...options, '--json'])
      expect(ran, String(why)).toMatchObject({ code: 1 })
      const report = JSON.parse(ran.stdout) as ValidationReport
      expect(report).toMatchObject({
        answer: 'not-usable',
        indication: 'TOTAL-FAILED',
        subIndication: 'FORMAT_FAILURE',
        reasons: ['malformed'],
        stoppedBy: 'form',
      })
      expect(report.checks[0]!.detail).toMatch(why)
    }
  })

  it('asks for more witnesses than there are, and for options that go together', async () => {
    const { key: by } = await nodes.BY.running.deps.witnessSigner()
    const policy = join(folder, 'two.policy')
    const neutral = verifierKey('witness.example/w1', 'cosignature/v1', new Uint8Array(32).fill(1))
    const lines = [`by ${formatVerifierKey(by)}`, `neutral ${formatVerifierKey(neutral)}`]
    const witnesses = lines.map((line) => `witness ${line}\n`).join('')
    await writeFile(policy, `${witnesses}group two all by neutral\nquorum two\n`)
    const quorum = await validate(first, [...both(), '--at', dayOf(0), '--policy', policy])
    expect(quorum).toMatchObject({ code: 3 })
    expect(quorum.stdout).toContain('[witness-quorum-missing: two (1 of 2, without neutral)]')
    expect(await validate(certificate.document, [...both(), '--at', dayOf(0)])).toMatchObject({
      code: 2,
    })
    expect(await validate(first, [...both(), '--at', '1 March'])).toMatchObject({ code: 2 })
  })
})

describe.skipIf(lacks('openssl'))('openssl and SHA-256 alone', () => {
  it('verify leaf, tree, log and witness of a pack', () => {
    const proof = cutProof(first.document.proof!)
    const digest = sha(Buffer.from(first.document.jws)).toString('base64url')
    expect(JSON.parse(proof.leaf.toString())).toMatchObject({ kind: 'certificate', sha256: digest })
    expect(rootBy(proof)).toBe(proof.root)

    const lists = first.trustLists.map(
      ({ jws }) =>
        JSON.parse(Buffer.from(jws.split('.')[1]!, 'base64url').toString()) as {
          state: string
          logs: { origin: string; key: string }[]
        },
    )
    const keyOf = (state: string, type: number) =>
      lists
        .findLast((list) => list.state === state)!
        .logs.map(({ key }) => cutVerifierKey(key))
        .find((key) => key.type === type)!
    const lineOf = ({ keyId }: { keyId: string }) =>
      proof.signatures.find((line) => line.keyId === keyId)!.bytes
    const log = keyOf('UZ', 1)
    const note = Buffer.from(proof.noteText)
    expect(opensslAccepts(log.publicKey, lineOf(log), note)).toBe(true)

    const witness = keyOf('BY', 4)
    const stamped = lineOf(witness)
    const time = stamped.readBigUInt64BE(0)
    const cosigned = (at: bigint) => Buffer.from(`cosignature/v1\ntime ${at}\n${proof.noteText}`)
    expect(opensslAccepts(witness.publicKey, stamped.subarray(8), cosigned(time))).toBe(true)
    expect(opensslAccepts(witness.publicKey, stamped.subarray(8), cosigned(time - 1n))).toBe(false)
  })

  it('find the time of the witness to be the proven one', async () => {
    const { report } = await judgePack(first, roots(), { day: dayOf(0) })
    const { signatures } = cutProof(first.document.proof!)
    const [, witness] = signatures
    const seconds = Number(witness!.bytes.readBigUInt64BE(0))
    expect(Date.parse(report.instants.proven!) / 1000).toBe(seconds)
    expect(report.provenBy).toMatchObject({ by: 'witness', state: 'BY', log: 'UZ' })
    expect(witness!.name).toBe('exchange.by/witness/1')
  })
})

describe('the command that gets a pack', () => {
  it('writes what the node answers, and records who read it', async () => {
    days = 0
    const key = join(folder, 'key.jwk')
    const { id, privateJwk } = await nodes.BY.client('customs', 'BY.CUSTOMS')
    await writeFile(key, JSON.stringify(privateJwk))
    const out = join(folder, 'got.json')
    const identity = words`--state UZ --type ${certificate.type} --number ${certificate.number}`
    const options = words`--node ${nodes.BY.url} --client ${id} --key ${key} --out ${out}`
    const unnamed = await certexProcess(['evidence', ...identity, ...options])
    expect(unnamed.code).not.toBe(0)
    const person = words`--officer ${'Каримов А.'} --purpose ${'контроль'}`
    const got = await certexProcess(['evidence', ...identity, ...options, ...person])
    expect(got, got.stderr).toMatchObject({ code: 0 })
    const pack = readEvidencePack(new Uint8Array(await readFile(out)))
    // The node that received it proves it by its own log; the witness is the issuing state.
    expect(pack).toMatchObject({ state: 'BY', document: { jws: certificate.document } })
    const read = await nodes.BY.running.deps.accesses.of(certificate.sha256, 0, 100)
    expect(read.filter(({ operation }) => operation === 'getEvidence')).toHaveLength(1)
  })
})
