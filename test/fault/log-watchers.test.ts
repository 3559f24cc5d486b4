import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { sha256Sync } from '../../src/crypto/suite.ts'
import {
  completenessOf,
  proveMirrored,
  tellIncomplete,
} from '../../src/exchange/log/completeness.ts'
import { ONLY_LISTED_WITNESSES } from '../../src/exchange/log/policy.ts'
import { mirrorLog } from '../../src/exchange/log/mirror.ts'
import { NoKeyInForce } from '../../src/exchange/key-in-force.ts'
import { warningsOfLog } from '../../src/exchange/warnings/of-log.ts'
import { addCheckpoint } from '../../src/exchange/log/witness.ts'
import { sqlLogStore } from '../../src/storage/log-store.ts'
import { logForkSubject } from '../../src/trust/trust-decisions.ts'
import { formatInstant } from '../../src/encoding/time.ts'
import { formatCheckpoint, verifyCheckpoint } from '../../src/tlog/checkpoint.ts'
import { verifyConsistency } from '../../src/tlog/consistency.ts'
import { verifyCosignature } from '../../src/tlog/cosignature.ts'
import { encodeEntryBundle } from '../../src/tlog/entry-bundle.ts'
import { appendLeaves, EMPTY_FRONTIER, rootOf } from '../../src/tlog/frontier.ts'
import { leafHash } from '../../src/tlog/merkle.ts'
import { parseLogProof, provesInclusion } from '../../src/tlog/proof.ts'
import { signNote } from '../../src/tlog/note-signature.ts'
import { formatSignatureLine, formatSignedNote } from '../../src/tlog/signed-note.ts'
import { formatAddCheckpoint } from '../../src/tlog/witness-request.ts'
import { type OpenDatabase, rows, sqliteEngine } from '../contract/storage-engines.ts'
import {
  appendTo,
  type AskLog,
  noteSigner,
  ORIGIN,
  parsedNote,
  shownLog,
  signedNote,
  trustOf,
  utf8,
  watcher,
} from '../support/log-world.ts'
import { entry, naiveTree } from '../unit/tlog/trees.ts'

let clock = Date.parse('2026-03-02T09:15:00Z')
const now = () => new Date(clock)
const MINUTE = 60_000

const by = noteSigner(ORIGIN, 'ed25519')
const am = noteSigner(ORIGIN, 'ed25519')
const witness = noteSigner('exchange.uz/witness/1', 'cosignature/v1')
const HONEST = naiveTree(entry)
const REWRITTEN = naiveTree((index) => entry(index < 10 ? index : index + 1000))
const LOG = { state: 'BY', origin: ORIGIN }
const honestLeaves = (count: number) =>
  Array.from({ length: count }, (_, i) => new TextDecoder().decode(entry(i)))

let source: OpenDatabase
let own: OpenDatabase
beforeEach(async () => {
  clock = Date.parse('2026-03-02T09:15:00Z')
  const engine = sqliteEngine()
  ;[source, own] = await Promise.all([engine.open(), engine.open()])
})
afterEach(() => Promise.all([source.close(), own.close()]))

const BY_ALONE: Parameters<typeof trustOf>[0] = { BY: [by] }

/** Node UZ over its database; `askLog`: how it reads the log of BY. */
function uz(askLog: AskLog, { lists = BY_ALONE, bytesADay = 2 ** 26 } = {}) {
  const most = { witnessedBytesADay: bytesADay, mirroredBytesADay: bytesADay }
  const deps = { ...watcher(own.database, trustOf(lists), now), ...most, askLog }
  const add = addCheckpoint({ ...deps, witnessSigner: async () => witness })
  const raw = (body: string) => add(utf8.encode(body))
  const ask = Object.assign(
    (note: string, oldSize = 0n, proof: Uint8Array[] = []) =>
      raw(formatAddCheckpoint({ oldSize, proof, signed: parsedNote(note) })),
    { raw },
  )
  return { ...deps, ask, look: () => mirrorLog(deps)('BY') }
}

/** The log of BY in its database, with so many entries and a checkpoint. */
async function logOf(count: number) {
  const shown = shownLog(source.database, by, now)
  await appendTo(source.database, count)
  await shown.publish()
  const grow = async (more: number, options = {}) => {
    await appendTo(source.database, more, options)
    await shown.publish()
  }
  return { ...shown, grow }
}

/** A log whose node shows whatever leaves it wants. */
async function logOfLeaves(leaves: readonly string[], signer = by) {
  const hashes = leaves.map((leaf) => leafHash(sha256Sync, utf8.encode(leaf)))
  const { frontier } = appendLeaves(sha256Sync, EMPTY_FRONTIER, hashes)
  const note = await signedNote(HONEST, frontier.size, signer, rootOf(sha256Sync, frontier))
  const ask: AskLog = async (_, uri) => {
    const body = uri.endsWith('/checkpoint')
      ? utf8.encode(note)
      : uri.includes('/entries/')
        ? encodeEntryBundle(leaves.map((leaf) => utf8.encode(leaf)))
        : new Uint8Array(Buffer.concat(hashes))
    return { ok: true, body, keep: async () => undefined }
  }
  return ask
}

const leaf = (seq: number, sha256 = `document ${seq}`) =>
  `{"v":1,"kind":"certificate","sha256":"${sha256}","to":{"UZ":${seq}},"at":"2026-03-02T09:15:00Z"}`

const arrive = (sha256: string, seq: number, at = '2026-03-02T09:15:00Z') =>
  rows(
    own.database,
    'INSERT INTO inbox (sha256, sender, seq, arrived_at) VALUES (?, ?, ?, ?)',
    sha256,
    'BY',
    seq,
    at,
  )

/** Of the node that looks. */
const ownLog = () => ({
  state: 'UZ',
  log: sqlLogStore(own.database),
  witnessing: ONLY_LISTED_WITNESSES,
})

const nobody: AskLog = async () => ({ ok: false, error: 'no answer', keep: async () => undefined })

describe('the witness', () => {
  it('cosigns one history of an origin, whoever else lists it', async () => {
    const { ask, told } = uz(nobody, { lists: { AM: [am], BY: [by] } })
    const first = await ask(await signedNote(HONEST, 20n, by))
    expect(first.answer).toBe('cosigned')
    const forked = await signedNote(REWRITTEN, 20n, am)
    for (let i = 0; i < 3; i++) expect((await ask(forked)).answer).toBe('log-unknown')
    expect(await told()).toEqual(['log-origin-claimed'])
  })

  it('cosigns one history of an origin under a key that two states list', async () => {
    const { ask } = uz(nobody, { lists: { AM: [by], BY: [by] } })
    expect((await ask(await signedNote(HONEST, 20n, by))).answer).toBe('cosigned')
    expect(await ask(await signedNote(REWRITTEN, 20n, by), 20n)).toEqual({
      answer: 'conflict',
      size: 20n,
    })
    expect((await rows(own.database, 'SELECT state FROM witnessed'))[0]).toEqual({ state: 'BY' })
  })

  it('leaves an origin to the state whose name it bears, even before that state has a list', async () => {
    const squatted = await signedNote(REWRITTEN, 20n, am)
    const before = uz(nobody, { lists: { AM: [am] } })
    expect((await before.ask(squatted)).answer).toBe('log-unknown')
    expect(await before.told()).toEqual(['log-origin-claimed'])
    const { ask } = uz(nobody, { lists: { AM: [am], BY: [by] } })
    expect((await ask(squatted)).answer).toBe('log-unknown')
    expect((await ask(await signedNote(HONEST, 20n, by))).answer).toBe('cosigned')
  })

  it('leaves an origin that bears no state’s name to the first that had it witnessed', async () => {
    const [first, second] = [0, 1].map(() => noteSigner('log.example/1', 'ed25519'))
    const { ask } = uz(nobody, { lists: { AM: [first!], BY: [second!] } })
    expect((await ask(await signedNote(HONEST, 20n, first!))).answer).toBe('cosigned')
    expect((await ask(await signedNote(HONEST, 20n, second!))).answer).toBe('log-unknown')
  })

  it('cosigns nothing of a log any more that has signed two histories', async () => {
    const { ask, witnessed } = uz(nobody)
    await ask(await signedNote(HONEST, 12n, by))
    expect((await ask(await signedNote(REWRITTEN, 12n, by), 12n)).answer).toBe('conflict')
    for (const tree of [HONEST, REWRITTEN]) {
      const note = await signedNote(tree, 20n, by)
      const answer = await ask(note, 12n, tree.consistency(12, 20))
      expect(answer.answer).toBe('not-consistent')
    }
    expect(await witnessed.newest(ORIGIN)).toMatchObject({ size: 12n })

    // Two persons clear it up: what continues what was cosigned is cosigned again, and nothing else.
    await rows(
      own.database,
      "INSERT INTO trust_approvals VALUES ('fork', 'BY', ?, 'one', 'then', 'another')",
      logForkSubject(LOG),
    )
    for (const [tree, expected] of [
      [REWRITTEN, 'not-consistent'],
      [HONEST, 'cosigned'],
    ] as const) {
      const answer = await ask(await signedNote(tree, 20n, by), 12n, tree.consistency(12, 20))
      expect(answer.answer).toBe(expected)
    }
  })

  it('keeps no note of more than a few kilobytes', async () => {
    const { ask, witnessed } = uz(nobody)
    const text = formatCheckpoint({
      origin: ORIGIN,
      size: 20n,
      rootHash: HONEST.root(20),
      extensions: ['x'.repeat(120_000)],
    })
    const note = formatSignedNote({ text, signatures: [await signNote(text, by)] })
    const body = `old 0\n\n${note}`
    expect(await ask.raw(body)).toMatchObject({ answer: 'malformed' })
    expect(await witnessed.newest(ORIGIN)).toBeUndefined()
  })

  it('keeps so much of a log in a day, and tells that there was more', async () => {
    const { ask, witnessed, told } = uz(nobody, { bytesADay: 1000 })
    let size = 0
    const next = async () => {
      const proof = size === 0 ? [] : HONEST.consistency(size, size + 1)
      const { answer } = await ask(
        await signedNote(HONEST, BigInt(size + 1), by),
        BigInt(size),
        proof,
      )
      if (answer === 'cosigned') size++
      return answer
    }
    const answers: string[] = []
    while (answers.length < 12) answers.push(await next())
    expect(size).toBeGreaterThan(2)
    expect(answers.slice(size)).toEqual(Array.from({ length: 12 - size }, () => 'too-many'))
    expect(await told()).toEqual(['log-grows-too-fast'])
    expect(await witnessed.newest(ORIGIN)).toMatchObject({ size: BigInt(size) })
    clock += 24 * 60 * MINUTE
    expect(await next()).toBe('cosigned')
  })

  it('counts what it keeps, not what is brought: however often at once', async () => {
    const { ask } = uz(nobody)
    const note = await signedNote(HONEST, 7n, by)
    const answers = await Promise.all(Array.from({ length: 40 }, () => ask(note)))
    const outcomes = new Set(answers.map(({ answer }) => answer))
    expect(outcomes).toEqual(new Set(['cosigned', 'conflict']))
    const [counted] = await rows(own.database, 'SELECT bytes FROM peer_log_bytes')
    const [kept] = await rows(
      own.database,
      'SELECT count(*) AS n, sum(length(note) + length(cosignature)) AS bytes FROM witnessed',
    )
    expect(kept).toEqual({ n: 1, ...counted })
  })

  it('answers what is true after its signature, whatever another process did meanwhile', async () => {
    const deps = watcher(own.database, trustOf({ BY: [by] }), now)
    const other = uz(nobody)
    await other.ask(await signedNote(HONEST, 12n, by))
    /** What happens while the signature is being made. */
    const askWhile = async (note: string, oldSize: bigint, meanwhile: () => Promise<unknown>) => {
      const sign = async (data: Uint8Array) => {
        await meanwhile()
        return witness.sign(data)
      }
      const add = addCheckpoint({ ...deps, witnessSigner: async () => ({ ...witness, sign }) })
      const proof = oldSize === 20n ? HONEST.consistency(20, 30) : []
      return add(utf8.encode(formatAddCheckpoint({ oldSize, proof, signed: parsedNote(note) })))
    }
    const overtaken = await askWhile(await signedNote(HONEST, 12n, by), 12n, async () =>
      other.ask(await signedNote(HONEST, 20n, by), 12n, HONEST.consistency(12, 20)),
    )
    expect(overtaken).toEqual({ answer: 'conflict', size: 20n })
    const forked = await askWhile(await signedNote(HONEST, 30n, by), 20n, async () =>
      other.ask(await signedNote(REWRITTEN, 20n, by), 20n),
    )
    expect(forked.answer).toBe('not-consistent')
    expect(await deps.witnessed.newest(ORIGIN)).toMatchObject({ size: 20n })
    const again = await askWhile(await signedNote(HONEST, 20n, by), 20n, async () => undefined)
    expect(again.answer).toBe('not-consistent')
  })

  it('finds a fork at any size that it cosigned before', async () => {
    const { ask, witnessed, told } = uz(nobody)
    await ask(await signedNote(HONEST, 12n, by))
    await ask(await signedNote(HONEST, 20n, by), 12n, HONEST.consistency(12, 20))
    const second = await signedNote(REWRITTEN, 12n, by)
    expect((await ask(second)).answer).toBe('conflict')
    expect(await witnessed.forks(10)).toMatchObject([{ second, proof: [] }])
    expect(await told()).toEqual(['log-forked'])
  })

  it('keeps what the log signed, not what others put under it, and a few proofs of a fork', async () => {
    const { ask, witnessed, told } = uz(nobody)
    await ask(await signedNote(HONEST, 20n, by))
    const second = await signedNote(REWRITTEN, 20n, by)
    for (let i = 0; i < 12; i++) {
      const line = { name: ORIGIN, keyId: i, signature: new Uint8Array(3000) }
      await ask(second + formatSignatureLine(line), 20n)
    }
    expect((await witnessed.forks(100)).map((fork) => fork.second)).toEqual([second])
    for (let i = 0; i < 12; i++)
      await ask(await signedNote(HONEST, 20n, by, sha256Sync(Uint8Array.of(i))), 20n)
    expect(await witnessed.forks(100)).toHaveLength(8)
    expect(await told()).toHaveLength(8)
  })

  it.each([2n ** 53n + 1n, 2n ** 63n - 1n])('refuses a size of %s', async (size) => {
    const { ask, witnessed } = uz(nobody)
    const note = await signedNote(HONEST, size, by, HONEST.root(5))
    expect((await ask(note)).answer).toBe('malformed')
    expect(await witnessed.newest(ORIGIN)).toBeUndefined()
  })

  it('says that it has no key, while no trust list names one of it', async () => {
    const deps = watcher(own.database, trustOf({ BY: [by] }), now)
    const witnessSigner = () => Promise.reject(new NoKeyInForce('none'))
    const signed = parsedNote(await signedNote(HONEST, 5n, by))
    const body = formatAddCheckpoint({ oldSize: 0n, proof: [], signed })
    const answer = await addCheckpoint({ ...deps, witnessSigner })(utf8.encode(body))
    expect(answer.answer).toBe('no-key')
    expect(await deps.witnessed.newest(ORIGIN)).toBeUndefined()
  })

  it('believes no key that has ended', async () => {
    const { ask } = uz(nobody)
    const ended = trustOf({ BY: [by] }, '2026-01-01T00:00:00Z')
    const add = addCheckpoint({
      ...watcher(own.database, ended, now),
      witnessSigner: async () => witness,
    })
    const note = await signedNote(HONEST, 5n, by)
    const body = formatAddCheckpoint({ oldSize: 0n, proof: [], signed: parsedNote(note) })
    expect((await add(utf8.encode(body))).answer).toBe('log-unknown')
    expect((await ask(note)).answer).toBe('cosigned')
  })
})

describe('what trust lists add', () => {
  it('counts for witness and mirror no sooner than it counts here: keys and addresses', async () => {
    const trust = async () => {
      const known = await trustOf({ BY: [by] })()
      const waiting = known.view.logs('BY').map((log) => ({ ...log, countsFrom: LATER }))
      const nodes = (_: string, at: Date) =>
        at.getTime() < Date.parse(LATER) ? [] : known.view.nodes('BY', at)
      return { ...known, view: { ...known.view, logs: () => waiting, nodes } }
    }
    const LATER = '2026-03-02T09:30:00Z'
    const { ask: askLog, log } = await logOf(5)
    const deps = {
      ...watcher(own.database, trust, now),
      askLog,
      witnessSigner: async () => witness,
    }
    const signed = parsedNote((await log.checkpoint())!.note)
    const body = utf8.encode(formatAddCheckpoint({ oldSize: 0n, proof: [], signed }))
    expect((await addCheckpoint(deps)(body)).answer).toBe('log-unknown')
    expect(await mirrorLog(deps)('BY')).toEqual({ error: 'no trust list of BY names its node' })
    clock += 16 * MINUTE
    expect(await mirrorLog(deps)('BY')).toEqual({ hasMore: false })
    expect((await addCheckpoint(deps)(body)).answer).toBe('cosigned')
  })
})

describe('witness and mirror of one node', () => {
  it('tell each other what they saw, when the mirror comes after the witness', async () => {
    const { ask } = await logOf(20)
    const node = uz(ask)
    expect((await node.ask(await signedNote(HONEST, 20n, by))).answer).toBe('cosigned')
    expect(await node.look()).toEqual({ error: expect.stringContaining('contradicts') })
    expect(await node.told()).toEqual(['log-forked'])
  })

  it('prove a fork between different sizes to whoever has the key of the log alone', async () => {
    const { ask } = await logOf(300)
    const node = uz(ask)
    await node.ask(await signedNote(HONEST, 20n, by))
    expect(await node.look()).toEqual({ error: expect.stringContaining('contradicts') })
    const [fork] = await node.witnessed.forks(10)
    await expectFork(fork!)
  })

  it('tell each other what they saw, when the witness comes after the mirror', async () => {
    const { ask } = await logOf(300)
    const node = uz(ask)
    expect(await node.look()).toEqual({ hasMore: false })
    expect((await node.ask(await signedNote(HONEST, 20n, by))).answer).toBe('not-consistent')
    expect(await node.told()).toEqual(['log-forked'])
    await expectFork((await node.witnessed.forks(10))[0]!)
    expect(await node.witnessed.newest(ORIGIN)).toBeUndefined()
  })

  it('cosign no branch that the mirror refutes, though it continues what was cosigned', async () => {
    const node = uz(await logOfLeaves(honestLeaves(20)))
    await node.ask(await signedNote(HONEST, 8n, by))
    expect(await node.look()).toEqual({ hasMore: false })
    const forged = await signedNote(REWRITTEN, 13n, by)
    const answer = await node.ask(forged, 8n, REWRITTEN.consistency(8, 13))
    expect(answer.answer).toBe('not-consistent')
    expect(await node.witnessed.newest(ORIGIN)).toMatchObject({ size: 8n })
    await expectFork((await node.witnessed.forks(10))[0]!)
  })

  it('keep a checkpoint that came with a wrong proof until the log shows more', async () => {
    const node = uz(await logOfLeaves(honestLeaves(20)))
    await node.ask(await signedNote(HONEST, 12n, by))
    const forged = await signedNote(REWRITTEN, 13n, by)
    expect((await node.ask(forged, 12n, HONEST.consistency(12, 13))).answer).toBe('not-consistent')
    // Anybody can send an honest checkpoint with a wrong proof as well.
    const honest = await signedNote(HONEST, 14n, by)
    expect((await node.ask(honest, 12n, HONEST.consistency(12, 13))).answer).toBe('not-consistent')
    expect(await node.told()).toEqual([])
    expect(await node.witnessed.unproven(LOG)).toHaveLength(2)
    expect(await node.look()).toEqual({ hasMore: false })
    expect(await node.witnessed.unproven(LOG)).toEqual([])
    const [fork, ...others] = await node.witnessed.forks(10)
    expect(fork).toMatchObject({ first: forged })
    expect(others).toEqual([])
    await expectFork(fork!)
  })

  const branches = [
    ['a size between two that were cosigned', 13, 0n],
    ['an old size of its own history', 13, 8n],
    ['an old size that is larger', 13, 20n],
  ] as const
  it.each(branches)('prove a branch by the leaves, brought with %s', async (_, size, oldSize) => {
    const node = uz(await logOfLeaves(honestLeaves(20)))
    await node.ask(await signedNote(HONEST, 20n, by))
    expect(await node.look()).toEqual({ hasMore: false })
    // What is older and honest leaves nothing behind.
    expect((await node.ask(await signedNote(HONEST, BigInt(size), by), oldSize)).answer).not.toBe(
      'cosigned',
    )
    expect(await node.witnessed.unproven(LOG)).toEqual([])
    expect(await node.witnessed.forks(10)).toEqual([])
    const forged = await signedNote(REWRITTEN, BigInt(size), by)
    await node.ask(forged, oldSize)
    await expectFork((await node.witnessed.forks(10))[0]!)
    expect(await node.told()).toContain('log-forked')
  })

  it('keep a branch that is longer than what the log has shown, until it shows more', async () => {
    const node = uz(await logOfLeaves(honestLeaves(20)))
    await node.ask(await signedNote(HONEST, 20n, by))
    await node.look()
    const ahead = await signedNote(REWRITTEN, 25n, by)
    expect((await node.ask(ahead, 10n, REWRITTEN.consistency(10, 25))).answer).toBe('conflict')
    expect(await node.witnessed.unproven(LOG)).toMatchObject([{ size: 25n }])
    const after = uz(await logOfLeaves(honestLeaves(30)))
    expect(await after.look()).toEqual({ hasMore: false })
    await expectFork((await after.witnessed.forks(10))[0]!)
  })

  it('take an older checkpoint of another history for a fork, not for a backup', async () => {
    const honest = await logOfLeaves(honestLeaves(20))
    await uz(honest).look()
    const forged = await signedNote(REWRITTEN, 13n, by)
    const node = uz(async (peer, uri, max) => {
      const answer = await honest(peer, uri, max)
      return uri.endsWith('/checkpoint') && answer.ok
        ? { ...answer, body: utf8.encode(forged) }
        : answer
    })
    for (let i = 0; i < 2; i++)
      expect(await node.look()).toEqual({ error: expect.stringContaining('contradicts') })
    expect((await node.told()).filter((kind) => kind === 'log-forked')).toHaveLength(1)
    expect(await node.witnessed.rollbacks(9)).toEqual([])
    await expectFork((await node.witnessed.forks(10))[0]!)
  })

  async function expectFork(fork: { first: string; second: string; proof: readonly Uint8Array[] }) {
    const [first, second] = [parsedNote(fork.first), parsedNote(fork.second)]
    for (const signed of [first, second])
      expect(await verifyCheckpoint(signed, [by.key])).toBe('valid')
    const [oldRootHash, ...proof] = fork.proof
    expect(oldRootHash).not.toEqual(first.checkpoint.rootHash)
    const { size: newSize, rootHash: newRootHash } = second.checkpoint
    const claim = { oldSize: first.checkpoint.size, newSize, newRootHash, proof }
    expect(verifyConsistency(sha256Sync, { ...claim, oldRootHash: oldRootHash! })).toBe(true)
  }
})

describe('the mirror', () => {
  it('blames nobody when another process was faster', async () => {
    const log = await logOf(20)
    await uz(log.ask).look()
    await log.grow(1)
    let first = true
    const slow: AskLog = async (peer, uri, max) => {
      const answer = await log.ask(peer, uri, max)
      if (first && uri.endsWith('checkpoint')) {
        first = false
        await log.grow(5)
        const other = watcher(own.another, trustOf({ BY: [by] }), now)
        await mirrorLog({ ...other, askLog: log.ask })('BY')
      }
      return answer
    }
    const node = uz(slow)
    expect(await node.look()).not.toHaveProperty('error')
    expect(await node.look()).toEqual({ hasMore: false })
    expect(await node.told()).toEqual([])
    expect(await node.witnessed.forks(10)).toEqual([])
  })

  it('blames nobody for one damaged tile', async () => {
    const log = await logOf(10)
    await uz(log.ask).look()
    await log.grow(290)
    const damaged: AskLog = async (peer, uri, max) => {
      const answer = await log.ask(peer, uri, max)
      if (answer.ok && uri.includes('tile/0/000')) answer.body[32 * 11]! ^= 1
      return answer
    }
    const node = uz(damaged)
    expect(await node.look()).toEqual({ error: 'its tiles are not those of its checkpoint' })
    expect(await node.told()).toEqual([])
    expect(await node.witnessed.forks(10)).toEqual([])
  })

  it.each(['tile/0/', 'tile/entries/'])('takes a cut %s for an error of the peer', async (cut) => {
    const log = await logOf(10)
    await uz(log.ask).look()
    await log.grow(3)
    const short: AskLog = async (peer, uri, max) => {
      const answer = await log.ask(peer, uri, max)
      return answer.ok && uri.includes(cut) ? { ...answer, body: answer.body.slice(0, 5) } : answer
    }
    expect(await uz(short).look()).toHaveProperty('error')
  })

  it('tells that a log was rolled back, once, and keeps the answer that shows it', async () => {
    const log = await logOf(10)
    const old = await log.log.checkpoint()
    await log.grow(5)
    await uz(log.ask).look()
    let kept = 0
    const rolledBack: AskLog = async (peer, uri, max) => {
      const answer = await log.ask(peer, uri, max)
      const keep = async () => void kept++
      return uri.endsWith('checkpoint')
        ? { ok: true, body: utf8.encode(old!.note), keep }
        : { ...answer, keep }
    }
    const node = uz(rolledBack)
    for (let i = 0; i < 3; i++)
      expect(await node.look()).toEqual({ error: expect.stringContaining('older') })
    expect(await node.told()).toEqual(['log-rolled-back'])
    expect(await node.witnessed.forks(10)).toEqual([])
    expect(kept).toBe(1)
  })

  it('refuses sizes that no database counts, and leaves that no row holds', async () => {
    const huge = await signedNote(HONEST, 2n ** 53n + 1n, by, HONEST.root(5))
    const ask: AskLog = async () => ({
      ok: true,
      body: utf8.encode(huge),
      keep: async () => undefined,
    })
    expect(await uz(ask).look()).toEqual({ error: expect.stringContaining('9007199254740993') })
    const long = await logOfLeaves(['x'.repeat(4097)])
    expect(await uz(long).look()).toEqual({ error: expect.stringContaining('4097 bytes') })
  })

  it('bounds what it reads of each part', async () => {
    const log = await logOf(300)
    const bounds: [string, number][] = []
    const counted: AskLog = (peer, uri, max) => {
      bounds.push([new URL(uri).pathname, max])
      return log.ask(peer, uri, max)
    }
    await uz(counted).look()
    for (const [path, max] of bounds)
      expect(max, path).toBeLessThan(path.includes('entries') ? 1_100_000 : 140_000)
    expect(bounds.some(([path]) => path.includes('entries'))).toBe(true)
  })

  it('tells of a log that goes on under another name', async () => {
    const ask = await logOfLeaves([leaf(1)])
    expect(await uz(ask).look()).toEqual({ hasMore: false })
    const other = noteSigner('exchange.by/log/2', 'ed25519')
    const moved = await logOfLeaves([leaf(1)], other)
    const node = uz(moved, { lists: { BY: [by, other] } })
    expect(await node.look()).toEqual({ hasMore: false })
    expect(await node.told()).toEqual(['log-origin-changed'])
  })

  it('proves leaves from the roots of their bundles, up to the last checkpoint that was whole', async () => {
    const log = await logOf(1000)
    const node = uz(log.ask)
    expect(await node.look()).toEqual({ hasMore: false })
    const { key } = by
    const prove = proveMirrored({ mirror: node.mirror, pause: node.pause })
    const provedAt = async (index: bigint) => {
      const proof = parseLogProof(utf8.encode(await prove({ state: 'BY', origin: ORIGIN }, index)))
      if ('malformed' in proof) throw new Error(proof.malformed)
      expect(provesInclusion(sha256Sync, proof, proof.extra!)).toBe(true)
      expect(await verifyCheckpoint(proof.signed, [key])).toBe('valid')
      return proof.signed.checkpoint.size
    }
    for (const index of [0n, 255n, 256n, 767n, 768n, 999n])
      expect(await provedAt(index)).toBe(1000n)

    // From then on it shows checkpoints and no leaves.
    await log.grow(600)
    const hiding: AskLog = (peer, uri, max) =>
      uri.includes('/entries/') ? nobody(peer, uri, max) : log.ask(peer, uri, max)
    const after = uz(hiding)
    expect(await after.look()).toHaveProperty('error')
    expect(await provedAt(999n)).toBe(1000n)
    const warnings = () => warningsOfLog({ ...after, ...ownLog() }, now())
    expect((await warnings()).map(({ kind }) => kind)).toEqual([])
    clock += 16 * MINUTE
    await after.look()
    expect(await warnings()).toMatchObject([{ kind: 'mirror-behind', subject: 'BY' }])
  })
})

describe('a checkpoint that is shown without what it stands for', () => {
  /** Its log goes two ways: what it shows now, and to whom it shows no leaf and no hash. */
  it('is kept with the answer that shows it, and proves the fork when the log goes on', async () => {
    const honest = await logOfLeaves(honestLeaves(12))
    expect(await uz(honest).look()).toEqual({ hasMore: false })
    const forged = await signedNote(REWRITTEN, 13n, by)
    let kept = 0
    const withheld: AskLog = async (peer, uri, max) =>
      uri.endsWith('/checkpoint')
        ? { ok: true, body: utf8.encode(forged), keep: async () => void kept++ }
        : nobody(peer, uri, max)
    const node = uz(withheld)
    for (let i = 0; i < 3; i++) expect(await node.look()).toHaveProperty('error')
    expect(kept).toBe(1)
    expect(await node.witnessed.unproven(LOG)).toMatchObject([{ size: 13n, note: forged }])
    expect(await node.witnessed.forks(10)).toEqual([])

    const after = uz(await logOfLeaves(honestLeaves(20)))
    expect(await after.look()).toEqual({ hasMore: false })
    expect(await after.witnessed.forks(10)).toMatchObject([{ first: forged }])
    expect(await after.told()).toContain('log-forked')
    expect(await after.witnessed.unproven(LOG)).toEqual([])
  })

  it('is forgotten when the log bears it out', async () => {
    const log = await logOf(10)
    await uz(log.ask).look()
    await log.grow(5)
    const hiding: AskLog = (peer, uri, max) =>
      uri.includes('/tile/') ? nobody(peer, uri, max) : log.ask(peer, uri, max)
    expect(await uz(hiding).look()).toHaveProperty('error')
    const node = uz(log.ask)
    expect(await node.witnessed.unproven(LOG)).toHaveLength(1)
    expect(await node.look()).toEqual({ hasMore: false })
    expect(await node.witnessed.unproven(LOG)).toEqual([])
    expect(await node.told()).toEqual([])
  })

  it('is one of a bounded number of each log', async () => {
    const { witnessed } = uz(nobody)
    const keep = (size: bigint) =>
      witnessed.keepUnproven(LOG, { size, rootHash: HONEST.root(1), note: 'x' }, 'then')
    for (let i = 0n; i < 128n; i++) expect(await keep(2n ** 40n + i)).toBe(true)
    expect(await keep(2n ** 41n)).toBe(false)
    // Whoever signs sizes that it never reaches hides nothing by it.
    expect(await keep(13n)).toBe(true)
    expect(await keep(13n)).toBe(false)
    const sizes = (await witnessed.unproven(LOG)).map(({ size }) => size)
    expect([sizes[0], sizes.at(-1), sizes.length]).toEqual([13n, 2n ** 40n + 126n, 128])
  })
})

describe('a log that grows without end', () => {
  it('is mirrored up to its share of a day, told once, and goes on the day after', async () => {
    const log = await logOf(100)
    const node = uz(log.ask, { bytesADay: 12_000 })
    expect(await node.look()).toEqual({ hasMore: false })
    await log.grow(100)
    for (let i = 0; i < 3; i++)
      expect(await node.look()).toEqual({ error: expect.stringContaining('12000 bytes') })
    expect(await node.details()).toEqual([
      expect.stringMatching(/^log-grows-too-fast: exchange\.by\/log\/1 has more new leaves/),
    ])
    expect((await node.mirror.head(LOG))!.frontier.size).toBe(100n)
    clock += 24 * 60 * MINUTE
    expect(await node.look()).toEqual({ hasMore: false })
    expect((await node.mirror.head(LOG))!.frontier.size).toBe(200n)
  })
})

describe('what a log says was sent here', () => {
  it('is told when a leaf cannot be read or numbers do not follow each other', async () => {
    const hidden = leaf(2).replace(',"at"', ', "at"')
    const node = uz(await logOfLeaves([leaf(1), hidden, leaf(3), leaf(3, 'again'), leaf(4)]))
    expect(await node.look()).toEqual({ hasMore: false })
    expect(await node.details()).toEqual([
      expect.stringMatching(/^log-leaf-unreadable: 1 leaves .* first at 1/),
      expect.stringMatching(/^log-misnumbered: 2 messages .* first at 2 with the number 3/),
    ])
  })

  it('is told when it has not come for a while, once, however many processes look', async () => {
    const node = uz(await logOfLeaves([leaf(1), leaf(2), leaf(3)]))
    await node.look()
    await arrive('document 1', 1)
    await arrive('document 3', 7)
    await tellIncomplete(node)('BY')
    expect(await node.told()).toEqual([])
    clock += 16 * MINUTE
    for (let i = 0; i < 3; i++) await tellIncomplete(node)('BY')
    expect(await node.details()).toEqual([
      expect.stringMatching(/^message-withheld: message 2 .* stands at 1 /),
      expect.stringMatching(/^message-misnumbered: .* came as message 7 .* at 2 .* as message 3/),
    ])
    const compared = async () => (await completenessOf(node)('BY'))[0]
    expect(await compared()).toMatchObject({
      addressed: 3,
      received: 2,
      missing: [{ seq: 2 }],
      misnumbered: [{ seq: 3, receivedAs: 7 }],
    })
    // It comes after all.
    await arrive('document 2', 2)
    await tellIncomplete(node)('BY')
    expect(await compared()).toMatchObject({ received: 3, missing: [] })
    expect(await node.told()).toHaveLength(2)
  })

  it('is told to the last message, however many are missing', async () => {
    const seqs = Array.from({ length: 150 }, (_, i) => i + 1)
    const node = uz(await logOfLeaves(seqs.map((seq) => leaf(seq))))
    await node.look()
    clock += 16 * MINUTE
    await tellIncomplete(node)('BY')
    const details = await node.details()
    expect(details).toHaveLength(21)
    expect(details.at(-1)).toMatch(/130 more messages to this state, 21 to 150,/)
    expect((await completenessOf(node)('BY'))[0]).toMatchObject({ addressed: 150, received: 0 })
  })

  it('is told of what came and stands in no log', async () => {
    const node = uz(await logOfLeaves([leaf(1)]))
    await arrive('document 1', 1)
    await arrive('not logged', 2)
    await node.look()
    await tellIncomplete(node)('BY')
    expect(await node.told()).toEqual([])
    clock += 4 * MINUTE
    await node.look()
    const after = uz(await logOfLeaves([leaf(1), leaf(2, 'another')]))
    await after.look()
    for (let i = 0; i < 3; i++) await tellIncomplete(node)('BY')
    expect(await node.details()).toEqual([
      expect.stringMatching(/^message-unlogged: document not logged came as message 2/),
    ])
  })

  it('accuses nobody whose log signs nothing meanwhile: its checkpoint is overdue', async () => {
    const doubted = uz(await logOfLeaves([leaf(1)]))
    await arrive('document 1', 1)
    await doubted.look()
    clock += MINUTE
    await arrive('document 2', 2, formatInstant(now()))
    const overdue = () => warningsOfLog({ ...doubted, ...ownLog() }, now())
    for (let i = 0; i < 40; i++) {
      clock += MINUTE
      await doubted.look()
      await tellIncomplete(doubted)('BY')
    }
    expect(await doubted.told()).toEqual([])
    expect(await overdue()).toMatchObject([
      { kind: 'checkpoint-overdue', subject: 'BY', at: '2026-03-02T09:16:00Z' },
    ])
    expect((await overdue())[0]!.message.en).toContain('has shown no newer checkpoint')

    // It is confirmed, and signs what it had sent all the time.
    const confirmed = uz(await logOfLeaves([leaf(1), leaf(2)]))
    for (let i = 0; i < 20; i++) {
      clock += MINUTE
      await confirmed.look()
      await tellIncomplete(confirmed)('BY')
    }
    expect(await confirmed.told()).toEqual([])
    expect(await overdue()).toEqual([])
    const [look] = await confirmed.mirror.looks()
    expect(look!.comparedUntil).toMatch(/document 2$/)
  })

  it('costs nothing to look at again once it is settled', async () => {
    const log = await logOf(1)
    await log.grow(600, { to: ['UZ'] })
    const node = uz(log.ask)
    await node.look()
    await rows(
      own.database,
      "INSERT INTO inbox (sha256, sender, seq, arrived_at) SELECT sha256, 'BY', seq, 'then' FROM addressed",
    )
    await tellIncomplete(node)('BY')
    expect(
      await rows(own.database, 'SELECT count(*) AS n FROM addressed WHERE settled < 2'),
    ).toEqual([{ n: 0 }])
    const plan = await rows<{ detail: string }>(
      own.database,
      "EXPLAIN QUERY PLAN SELECT idx FROM addressed WHERE sender = 'BY' AND origin = 'x' AND settled < 2 AND settled = 0 ORDER BY idx LIMIT 5",
    )
    expect(plan.map(({ detail }) => detail)).toEqual([expect.stringContaining('addressed_open')])
  })
})

it('a cosignature of the witness stands under the checkpoint that it saw', async () => {
  const { ask } = uz(nobody)
  const note = await signedNote(HONEST, 20n, by)
  const answer = await ask(note)
  if (answer.answer !== 'cosigned') throw new Error(answer.answer)
  expect(await verifyCosignature(parsedNote(note + answer.lines), witness.key)).toEqual({
    at: now(),
  })
})
