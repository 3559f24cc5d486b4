import fc from 'fast-check'
import { generateKeyPairSync, sign as signRaw, type KeyObject } from 'node:crypto'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { sha256Sync } from '../../src/crypto/suite.ts'
import type { Alarm } from '../../src/exchange/records.ts'
import { addCheckpoint, type WitnessAnswer } from '../../src/exchange/witness.ts'
import { sqlWitnessStore } from '../../src/storage/witness-store.ts'
import { formatCheckpoint, parseSignedCheckpoint } from '../../src/tlog/checkpoint.ts'
import { verifyCosignature } from '../../src/tlog/cosignature.ts'
import { type NoteSigner, signNote } from '../../src/tlog/note-signature.ts'
import { formatSignedNote, parseSignatureLines } from '../../src/tlog/signed-note.ts'
import { formatVerifierKey, type SignatureType, verifierKey } from '../../src/tlog/verifier-key.ts'
import { formatAddCheckpoint } from '../../src/tlog/witness-request.ts'
import type { Trust } from '../../src/trust/trust.ts'
import { sqliteEngine, type OpenDatabase } from '../contract/storage-engines.ts'
import { entry, naiveTree } from '../unit/tlog/trees.ts'

const NOW = new Date('2026-03-02T09:15:00Z')
const ORIGIN = 'exchange.by/log/1'
const MAX_SIZE = 40

function signerOf<T extends SignatureType>(name: string, type: T): NoteSigner<T> {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519')
  const raw = new Uint8Array(publicKey.export({ format: 'der', type: 'spki' }).subarray(-32))
  const sign = async (data: Uint8Array) => signWith(privateKey, data)
  return { key: verifierKey(name, type, raw), sign }
}
const signWith = (key: KeyObject, data: Uint8Array) => new Uint8Array(signRaw(null, data, key))

const logSigner = signerOf(ORIGIN, 'ed25519')
const stranger = signerOf(ORIGIN, 'ed25519')
const witnessSigner = signerOf('exchange.uz/witness/1', 'cosignature/v1')

/** Two histories that part after 10 entries: the honest one and a rewritten one. */
const TREES = {
  honest: naiveTree(entry),
  rewritten: naiveTree((index) => entry(index < 10 ? index : index + 1000)),
}
type History = keyof typeof TREES

async function noteOf(history: History, size: number, signer = logSigner): Promise<string> {
  const rootHash = TREES[history].root(size)
  const text = formatCheckpoint({ origin: ORIGIN, size: BigInt(size), rootHash, extensions: [] })
  return formatSignedNote({ text, signatures: [await signNote(text, signer)] })
}

async function request(
  history: History,
  oldSize: number,
  size: number,
  options: { signer?: NoteSigner<'ed25519'>; spoilt?: boolean; proven?: History } = {},
): Promise<Uint8Array> {
  const { signer, spoilt = false, proven = history } = options
  const note = await noteOf(history, size, signer)
  const signed = parseSignedCheckpoint(new TextEncoder().encode(note))
  if ('malformed' in signed) throw new Error(signed.malformed)
  const proof =
    oldSize > 0 && oldSize < size
      ? TREES[proven].consistency(oldSize, size).map((hash) => hash.slice())
      : []
  if (spoilt && proof[0]) proof[0][0]! ^= 1
  const body = formatAddCheckpoint({ oldSize: BigInt(oldSize), proof, signed })
  return new TextEncoder().encode(body)
}

let open: OpenDatabase
beforeAll(async () => {
  open = await sqliteEngine().open()
})
afterAll(() => open.close())

/** A witness over a state of its own: logs of different states do not touch each other. */
let states = 0
function newWitness() {
  const state = `S${states++}`
  const alarms: Alarm[] = []
  const log = {
    origin: ORIGIN,
    key: formatVerifierKey(logSigner.key),
    from: '2020-01-01T00:00:00Z',
  }
  const view = { states: () => [state], list: () => ({ logs: [log] }) }
  const make = (database: OpenDatabase['database']) =>
    addCheckpoint({
      state: 'UZ',
      now: () => NOW,
      trust: async () => ({ view }) as unknown as Trust,
      witnessed: sqlWitnessStore(database),
      witnessSigner: async () => witnessSigner,
      alarms: { raise: async (alarm) => void alarms.push(alarm), list: async () => [] },
    })
  const store = sqlWitnessStore(open.database)
  return { add: make(open.database), again: make(open.another), alarms, store, state }
}

async function believed(answer: WitnessAnswer, history: History, size: number): Promise<void> {
  if (answer.answer !== 'cosigned') throw new Error(`it was ${answer.answer}`)
  const signatures = parseSignatureLines(answer.lines)
  const signed = parseSignedCheckpoint(new TextEncoder().encode(await noteOf(history, size)))
  if ('malformed' in signed || 'malformed' in signatures) throw new Error('malformed')
  const note = { ...signed.note, signatures }
  expect(await verifyCosignature({ ...signed, note }, witnessSigner.key)).toEqual({ at: NOW })
}

const size = fc.integer({ min: 0, max: MAX_SIZE })
const history = fc.constantFrom<History>('honest', 'rewritten')
const step = fc.record({
  history,
  proven: history,
  oldSize: size,
  // Mostly what an honest log does: from where the witness stands.
  fromKnown: fc.boolean(),
  size,
  spoilt: fc.boolean(),
  unsigned: fc.integer({ min: 0, max: 9 }).map((n) => n === 0),
})

it(
  'cosigns exactly what continues what it cosigned before, whatever it is asked',
  { timeout: 120_000 },
  async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 12 }), async (steps) => {
        const { add, again, alarms, store, state } = newWitness()
        let known: { history: History; size: number } | undefined
        let forks = 0
        for (const [i, asked] of steps.entries()) {
          const oldSize = asked.fromKnown ? (known?.size ?? 0) : asked.oldSize
          const { spoilt, proven } = asked
          const signer = asked.unsigned ? stranger : logSigner
          const body = await request(asked.history, oldSize, asked.size, { signer, spoilt, proven })
          // Another process over the same database answers as well.
          const answer = await (i % 2 === 0 ? add : again)(body)
          const same = (a: History, b: History, n: number) => a === b || n <= 10
          const expected = (): WitnessAnswer['answer'] => {
            if (asked.unsigned) return 'not-signed'
            if (oldSize > asked.size) return 'old-size-too-large'
            if (oldSize !== (known?.size ?? 0)) return 'conflict'
            if (oldSize === asked.size)
              return !known || same(known.history, asked.history, oldSize) ? 'cosigned' : 'conflict'
            if (oldSize === 0) return 'cosigned'
            const consistent =
              same(known!.history, asked.history, oldSize) &&
              !spoilt &&
              Buffer.concat(TREES[proven].consistency(oldSize, asked.size)).equals(
                Buffer.concat(TREES[asked.history].consistency(oldSize, asked.size)),
              )
            return consistent ? 'cosigned' : 'not-consistent'
          }
          expect(answer.answer).toBe(expected())
          if (answer.answer === 'conflict') expect(answer.size).toBe(BigInt(known?.size ?? 0))
          if (
            !asked.unsigned &&
            oldSize <= asked.size &&
            known?.size === asked.size &&
            !same(known.history, asked.history, asked.size)
          )
            forks = 1
          if (answer.answer === 'cosigned') {
            await believed(answer, asked.history, asked.size)
            if (!known || asked.size > known.size) known = asked
          }
          const newest = await store.newest({ state, origin: ORIGIN })
          expect(newest?.size ?? 0n).toBe(BigInt(known?.size ?? 0))
        }
        expect(alarms.length > 0).toBe(forks > 0)
      }),
      { numRuns: 150 },
    )
  },
)

it('lets exactly one of two histories win when both come at once', async () => {
  for (let round = 0; round < 20; round++) {
    const { add, again, store, state } = newWitness()
    await add(await request('honest', 0, 10))
    const answers = await Promise.all([
      add(await request('honest', 10, 20 + round)),
      again(await request('rewritten', 10, 20 + round)),
    ])
    expect(answers.filter(({ answer }) => answer === 'cosigned')).toHaveLength(1)
    expect(answers.filter(({ answer }) => answer === 'conflict')).toHaveLength(1)
    expect((await store.newest({ state, origin: ORIGIN }))?.n).toBe(2)
  }
})

it('keeps both checkpoints of a fork, once, and tells it once', async () => {
  const { add, alarms, store, state } = newWitness()
  await add(await request('honest', 0, 20))
  for (let i = 0; i < 3; i++)
    expect(await add(await request('rewritten', 20, 20))).toEqual({ answer: 'conflict', size: 20n })
  const forks = (await store.forks()).filter((fork) => fork.state === state)
  expect(forks).toHaveLength(1)
  for (const note of [forks[0]!.first, forks[0]!.second]) {
    const signed = parseSignedCheckpoint(new TextEncoder().encode(note))
    expect(signed).toMatchObject({ checkpoint: { origin: ORIGIN, size: 20n } })
  }
  expect(alarms).toEqual([
    expect.objectContaining({
      kind: 'log-forked',
      peer: state,
      detail: expect.stringContaining('20'),
    }),
  ])
  expect(sha256Sync(new TextEncoder().encode(forks[0]!.first))).not.toEqual(
    sha256Sync(new TextEncoder().encode(forks[0]!.second)),
  )
})

it.each([
  ['nothing', ''],
  ['no old size', 'old\n\n'],
  ['a size with a leading zero', 'old 01\n\n'],
  ['a negative size', 'old -1\n\n'],
  ['too many hashes', `old 1\n${`${'A'.repeat(43)}=\n`.repeat(64)}\n`],
  ['no checkpoint', 'old 0\n\n'],
  ['half a checkpoint', 'old 0\n\nexchange.by/log/1\n5\n'],
])('refuses %s as malformed', async (_, text) => {
  const { add } = newWitness()
  expect(await add(new TextEncoder().encode(text))).toMatchObject({ answer: 'malformed' })
})
