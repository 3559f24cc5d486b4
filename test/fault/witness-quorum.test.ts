import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { approveTrust, proposeTrust } from '../../src/exchange/keep-trust/four-eyes.ts'
import {
  type AppliedPolicy,
  appliedPolicy,
  NO_STATE,
  readLogPolicy,
} from '../../src/exchange/log/policy.ts'
import { proveEarliest } from '../../src/exchange/log/prove-logged.ts'
import { earliestByQuorum, newestByQuorum } from '../../src/exchange/log/quorum-checkpoints.ts'
import { setAsideQuestion } from '../../src/exchange/log/set-aside-witness.ts'
import { auditDecisions } from '../../src/storage/audit/audit-decisions.ts'
import { auditQuorum } from '../../src/storage/audit/audit-quorum.ts'
import { sqlLogStore } from '../../src/storage/log-store.ts'
import { claimNode, startEpoch } from '../../src/storage/node-store.ts'
import { verifyCosignature } from '../../src/tlog/cosignature.ts'
import { parseLogProof } from '../../src/tlog/proof.ts'
import { quorumReachedAt, witnessesOfQuorum } from '../../src/tlog/quorum.ts'
import { formatSignatureLine } from '../../src/tlog/signed-note.ts'
import { formatVerifierKey, verifierKey } from '../../src/tlog/verifier-key.ts'
import { type OpenDatabase, sqliteEngine } from '../contract/storage-engines.ts'
import { appendTo, noteSigner, ORIGIN, parsedNote, trustOf, utf8 } from '../support/log-world.ts'
import { genuineWitness, type Witnesses, witnessedNode } from '../support/witnessed-node.ts'

let clock = Date.parse('2026-03-02T09:15:00Z')
const now = () => new Date(clock)
const MINUTE = 60_000

const by = noteSigner(ORIGIN, 'ed25519')
const uz = noteSigner('exchange.uz/witness/1', 'cosignature/v1')
const neutral = noteSigner('witness.example/w1', 'cosignature/v1')
const chosen = { name: 'neutral', key: neutral.key, url: 'https://neutral' }
const BOTH = `witness uz ${formatVerifierKey(uz.key)}
witness neutral ${formatVerifierKey(neutral.key)}
group two all uz neutral
quorum two
`

let own: OpenDatabase
let open: OpenDatabase[]
let genuine: Witnesses
beforeEach(async () => {
  clock = Date.parse('2026-03-02T09:15:00Z')
  const engine = sqliteEngine()
  open = await Promise.all([engine.open(), engine.open(), engine.open()])
  own = open[0]!
  await claimNode(own.database, { state: 'BY', environment: 'production', epoch: 'first' })
  genuine = {
    uz: genuineWitness(open[1]!.database, { log: by, signer: uz }, now),
    neutral: genuineWitness(open[2]!.database, { log: by, signer: neutral }, now),
  }
})
afterEach(() => Promise.all(open.map((each) => each.close())))

function policyOf(text: string) {
  const policy = readLogPolicy(utf8.encode(text))
  if ('malformed' in policy) throw new Error(policy.malformed)
  return policy
}

function node(
  witnesses: Witnesses,
  {
    text = undefined as string | undefined,
    lists = trustOf({ BY: [by], UZ: [uz] }),
    further = [chosen],
  } = {},
) {
  const policy = text === undefined ? undefined : policyOf(text)
  const witnessing = { further, policy }
  const made = witnessedNode(own.database, { trust: lists, witnessing, witnesses, signer: by, now })
  const applied = async () => appliedPolicy((await lists()).view, 'BY', witnessing)!
  const proveNow = async (index: bigint) => {
    const [leaf] = await made.log.leaves(index, index + 1n)
    const { sha256 } = JSON.parse(leaf!) as { sha256: string }
    return (await proveEarliest(made.log, await applied())(sha256))!
  }
  return { ...made, applied, proveNow }
}

describe('a witness that the operator has chosen', () => {
  it('is asked beside the listed ones, and nobody else is', async () => {
    await appendTo(own.database, 20)
    const { second, asked, log } = node(genuine)
    expect(await second()).toEqual([{ outcome: 'cosigned' }, { outcome: 'cosigned' }])
    expect(asked.toSorted()).toEqual([
      'http://uz/witness/add-checkpoint',
      'https://neutral/add-checkpoint',
    ])
    const signed = parsedNote((await log.checkpoint())!.note)
    for (const { key } of [uz, neutral])
      expect(await verifyCosignature(signed, key)).toEqual({ at: now() })
    expect(await log.cosignedSize({ state: NO_STATE, ...named(neutral) })).toBe(20n)
  })

  it('is asked once where a trust list names it at the same address', async () => {
    await appendTo(own.database, 20)
    const address = { name: 'uz', key: uz.key, url: 'http://uz/witness' }
    const { second, asked } = node(genuine, { further: [address] })
    await second()
    expect(asked).toEqual(['http://uz/witness/add-checkpoint'])
  })

  it('is asked at its own address also where a third state lists its key as its own', async () => {
    await appendTo(own.database, 20)
    const lists = trustOf({ UZ: [uz], AM: [neutral] })
    const { second, asked, proveNow, applied } = node(genuine, { text: BOTH, lists })
    await second()
    expect(asked).toContain('https://neutral/add-checkpoint')
    expect(asked).toContain('http://am/witness/add-checkpoint')
    expect((await proveNow(3n)).lacks).toBeUndefined()
    expect((await applied()).witnesses.get('neutral')).toMatchObject({ state: NO_STATE })
  })

  it('delays nothing when it is slow, and is named in a warning when it stays behind', async () => {
    await appendTo(own.database, 20)
    let release = () => {}
    const slow: Witnesses = {
      ...genuine,
      neutral: () => new Promise((resolve) => (release = () => resolve(new Response('')))),
    }
    const { second, log, warnings } = node(slow)
    const running = second()
    await expect.poll(() => log.cosignedSize({ state: 'UZ', ...named(uz) })).toBe(20n)
    clock += 16 * MINUTE
    const told = await warnings()
    expect(told.map(({ kind, subject }) => [kind, subject])).toEqual([
      ['witness-behind', 'witness.example/w1'],
    ])
    expect(told[0]!.message.en).toContain('https://neutral')
    release()
    expect(await running).toEqual([
      { outcome: 'cosigned' },
      { outcome: 'failed', error: 'its answer: no signatures' },
    ])
  })

  it('is asked less and less often while it does not answer, and at once when it is there again', async () => {
    await appendTo(own.database, 20)
    const none: Record<string, Witnesses[string]> = {}
    const { second, asked } = node(none, { further: [] })
    for (const seconds of [0, 1, 1, 1, 1, 1, 1]) {
      clock += seconds * 1_000
      await second()
    }
    expect(asked).toHaveLength(3)
    Object.assign(none, genuine)
    expect(await second()).toEqual([undefined])
    expect(await second({ atOnce: true })).toEqual([{ outcome: 'cosigned' }])
  })

  it('may answer with cosignatures of kinds that are not known here', async () => {
    await appendTo(own.database, 20)
    const pq = verifierKey('witness.example/w1', 'ml-dsa-44', new Uint8Array(1312).fill(7))
    const signature = { name: pq.name, keyId: pq.keyId, signature: new Uint8Array(2428).fill(1) }
    const line = formatSignatureLine(signature)
    const { second, log } = node({
      ...genuine,
      neutral: async (body) =>
        new Response(line + (await (await genuine['neutral']!(body)).text())),
    })
    expect(await second()).toEqual([{ outcome: 'cosigned' }, { outcome: 'cosigned' }])
    const { note } = (await log.checkpoint())!
    expect(note).not.toContain(line)
    // Where one stands under a note it stays there and changes nothing.
    const with6 = parsedNote(note + line)
    expect(with6.note.signatures).toContainEqual(signature)
    expect(await verifyCosignature(with6, neutral.key)).toEqual({ at: now() })
  })
})

const named = ({ key }: typeof uz) => ({ name: key.name, keyId: key.keyId })

describe('a policy that needs two witnesses', () => {
  it('has the proof say whom it lacks, and from when on it lacks nobody', async () => {
    await appendTo(own.database, 20)
    const alone = node({ uz: genuine['uz']! }, { text: BOTH })
    await alone.second()
    const { proof, lacks } = await alone.proveNow(3n)
    expect(lacks).toBe('two (1 of 2, without neutral)')
    expect(proof).toContain(uz.key.name)
    clock += 16 * MINUTE
    const [first] = await alone.warnings()
    expect(first).toMatchObject({ kind: 'log-not-witnessed', at: '2026-03-02T09:15:00Z' })
    expect(first!.message.ru).toContain('two (1 of 2, without neutral)')

    await appendTo(own.database, 5)
    await node(genuine, { text: BOTH }).second()
    const whole = await alone.proveNow(3n)
    expect(whole.lacks).toBeUndefined()
    const parsed = parseLogProof(utf8.encode(whole.proof))
    expect('malformed' in parsed ? parsed : parsed.signed.checkpoint.size).toBe(25n)
    expect(await alone.warnings()).toEqual([])
  })

  it('is what an audit with it asks of a database, but for the last minutes', async () => {
    await appendTo(own.database, 20)
    const alone = node({ uz: genuine['uz']! }, { text: BOTH })
    await alone.second()
    const audited = async (text: string) => {
      const found: string[] = []
      const { view } = await trustOf({ BY: [by], UZ: [uz] })()
      const about = { state: 'BY', view, policy: policyOf(text), asOf: now() }
      await auditQuorum(own.database, about, (...given) => found.push(given.join('|')))
      return found
    }
    expect(await audited(BOTH)).toEqual([])
    clock += 16 * MINUTE
    expect(await audited(BOTH)).toEqual([
      'quorum-missing|checkpoint 20|since 2026-03-02T09:15:00Z it lacks two (1 of 2, without neutral)',
    ])
    expect(await audited(BOTH.replace('quorum two', 'quorum uz'))).toEqual([])
    // A row that says so is no cosignature.
    const witness = { state: NO_STATE, ...named(neutral) }
    const line = `\u2014 ${neutral.key.name} ${btoa('x'.repeat(76))}\n`
    const cosignedAt = '2026-03-02T09:15:00Z'
    await alone.log.keepCosignature({ size: 20n, witness, line, cosignedAt })
    expect(await audited(BOTH)).toEqual([
      'quorum-missing|checkpoint 20|it lacks two (1 of 2, without neutral)',
    ])
  })

  it('is a warning where no state is needed for it', async () => {
    const weak = BOTH.replace('group two all', 'group two any')
    expect(await node(genuine, { text: weak }).warnings()).toMatchObject([
      { kind: 'log-policy-weak' },
    ])
    expect(await node(genuine, { text: BOTH }).warnings()).toEqual([])
  })

  it('finds the right checkpoint among any that were cosigned, without reading them all', async () => {
    const log = sqlLogStore(own.database)
    const applied = await node(genuine, { text: BOTH }).applied()
    const states = { uz: 'UZ', neutral: NO_STATE } as const
    const cosigned = new Map<string, Set<number>>([
      ['uz', new Set()],
      ['neutral', new Set()],
    ])
    const seed = fc.sample(fc.tuple(fc.integer({ min: 1, max: 60 }), fc.boolean()), {
      numRuns: 80,
      seed: 7,
    })
    for (let size = 1; size <= 60; size++)
      await log.keepCheckpoint({ size: BigInt(size), note: 'x\n', signedAt: '2026' })
    for (const [size, isUz] of seed) {
      const name = isUz ? 'uz' : 'neutral'
      cosigned.get(name)!.add(size)
      const witness = { state: states[name], ...named(isUz ? uz : neutral) }
      const line = `${name}\n`
      const cosignedAt = '2026-03-02T09:15:00Z'
      await log.keepCosignature({ size: BigInt(size), witness, line, cosignedAt })
    }
    for (const text of [BOTH, BOTH.replace('all', 'any')]) {
      const policy: AppliedPolicy = { ...applied, policy: policyOf(text) }
      const met = Array.from({ length: 61 }, (_, size) => size).filter((size) => {
        const has = (name: string) => (cosigned.get(name)!.has(size) ? 0 : undefined)
        return quorumReachedAt(policy.policy, has) !== undefined
      })
      expect(met.length).toBeGreaterThan(2)
      for (let index = 0; index < 60; index++) {
        const found = await earliestByQuorum(log, policy, BigInt(index))
        expect(found && Number(found.size)).toBe(met.find((size) => size > index))
      }
      expect((await newestByQuorum(log, policy))!.size).toBe(BigInt(met.at(-1)!))
    }
  })

  it('is told at once, however many others there are, where one has never cosigned', async () => {
    await appendTo(own.database, 20)
    const { log, applied } = node(genuine, { text: BOTH })
    for (let size = 1; size <= 500; size++) {
      const witness = { state: 'UZ', ...named(uz) }
      await log.keepCheckpoint({ size: BigInt(size), note: 'x\n', signedAt: '2026' })
      await log.keepCosignature({ size: BigInt(size), witness, line: '', cosignedAt: '2026' })
    }
    let asked = 0
    const counted = {
      ...log,
      cosignedFrom: (...given: Parameters<typeof log.cosignedFrom>) => {
        asked++
        return log.cosignedFrom(...given)
      },
    }
    const policy = await applied()
    expect(await earliestByQuorum(counted, policy, 0n)).toBeUndefined()
    expect(asked).toBe(witnessesOfQuorum(policy.policy).length)
  })
})

describe('a witness that lies', () => {
  const lie = async () => new Response('999\n', { status: 409 })
  const told = async ({ log }: ReturnType<typeof node>) => (await log.doubt())?.answers.length

  async function doubted(witnesses: Witnesses) {
    await appendTo(own.database, 20)
    const made = node(witnesses)
    await made.second()
    expect(await made.log.doubt()).toMatchObject({ reason: 'contradicted' })
    return made
  }
  const setAside = async (
    { persons }: ReturnType<typeof node>,
    signer = uz,
    state = 'UZ',
    approver = 'user:boris',
  ) => {
    const witness = { state, ...named(signer) }
    const question = setAsideQuestion(witness, { self: 'BY', epoch: 'first' })
    const first = await proposeTrust(persons)(question, { actor: 'user:anna' })
    const second = await approveTrust(persons)(question, { actor: approver })
    return [first.outcome, second.outcome]
  }

  it('is set aside by two persons, not by one, and the log is signed again for good', async () => {
    const made = await doubted({ ...genuine, uz: lie })
    expect(await setAside(made, uz, 'UZ', 'user:Anna')).toEqual(['proposed', 'same-person'])
    await made.second()
    expect(await told(made)).toBeDefined()
    expect(await setAside(made)).toEqual(['already-proposed', 'approved'])
    for (let i = 0; i < 4; i++) {
      clock += 10 * MINUTE
      await appendTo(own.database, 1)
      await made.second()
    }
    // It goes on to lie every time; the operators are told, and nothing waits for it.
    expect(await made.log.doubt()).toBeUndefined()
    expect((await made.log.checkpoint())!.size).toBe((await made.log.frontier()).size)
    expect(await made.log.cosignedSize({ state: NO_STATE, ...named(neutral) })).toBe(
      (await made.log.frontier()).size,
    )
    clock += 24 * 60 * MINUTE
    await appendTo(own.database, 1)
    await made.second()
    const details = await made.details()
    expect(details).toHaveLength(2)
    expect(details[1]).toContain('Two persons have set its claim aside')
  })

  it('is named in the record of administrative acts, which an audit compares', async () => {
    const made = await doubted({ ...genuine, uz: lie })
    await setAside(made)
    const acts = await own.database.query<{ act: string; subject: string; detail: string }>({
      sql: 'SELECT act, subject, detail FROM admin_acts ORDER BY n DESC LIMIT 2',
      parameters: [],
    } as never)
    const key = `exchange.uz/witness/1+${uz.key.keyId.toString(16).padStart(8, '0')}@first`
    expect(acts).toEqual([
      { act: 'witness-set-aside', subject: 'UZ', detail: `${key}; proposed by user:anna` },
      { act: 'witness-set-aside-proposed', subject: 'UZ', detail: key },
    ])
    const found: string[] = []
    await auditDecisions(own.database, (...given) => found.push(given.join(' ')))
    expect(found).toEqual([])
  })

  it('cannot be set aside before it lies, nor for another witness or another epoch', async () => {
    await appendTo(own.database, 20)
    const quiet = node(genuine)
    await quiet.second()
    expect(await setAside(quiet)).toEqual(['unknown-subject', 'not-proposed'])
    const made = node({ ...genuine, uz: lie })
    await appendTo(own.database, 1)
    await made.second()
    expect(await setAside(made, neutral, NO_STATE)).toEqual(['unknown-subject', 'not-proposed'])
    const witness = { state: 'UZ', ...named(uz) }
    const before = setAsideQuestion(witness, { self: 'BY', epoch: 'zeroth' })
    expect(await proposeTrust(made.persons)(before, { actor: 'user:anna' })).toEqual({
      outcome: 'unknown-subject',
    })
  })

  it('counts again once a database was restored: it may have seen more than is here', async () => {
    const made = await doubted({ ...genuine, uz: lie })
    await setAside(made)
    clock += 10 * MINUTE
    await made.second()
    await made.second()
    expect(await made.log.doubt()).toBeUndefined()
    const at = now().toISOString().replace('.000', '')
    await startEpoch(own.database, 'second', [
      { at, actor: 'operator', act: 'restored', subject: 'second' },
    ])
    for (let i = 0; i < 3; i++) {
      clock += 10 * MINUTE
      await made.second()
    }
    expect(await made.log.doubt()).toMatchObject({ reason: 'restored' })
    expect(await told(made)).toBe(2)
  })

  it('is not got rid of by one person who takes it out of the configuration', async () => {
    await doubted({ ...genuine, neutral: lie })
    const without = node(genuine, { further: [] })
    for (let i = 0; i < 3; i++) {
      clock += 10 * MINUTE
      await without.second()
    }
    expect(await without.log.doubt()).toBeDefined()
    expect(await setAside(without, neutral, NO_STATE)).toEqual(['proposed', 'approved'])
    await without.second()
    expect(await without.log.doubt()).toBeUndefined()
  })

  it('does not take the word of another witness with it', async () => {
    const made = await doubted({ uz: lie, neutral: lie })
    await setAside(made)
    clock += 10 * MINUTE
    await made.second()
    expect(await made.log.doubt()).toBeDefined()
    expect(await setAside(made, neutral, NO_STATE)).toEqual(['proposed', 'approved'])
    await made.second()
    expect(await made.log.doubt()).toBeUndefined()
  })
})
