import fc from 'fast-check'
import { afterAll, describe, expect, it } from 'vitest'
import { sha256Sync } from '../../src/crypto/suite.ts'
import { addCheckpoint, type WitnessAnswer } from '../../src/exchange/log/witness.ts'
import { parseSignedCheckpoint } from '../../src/tlog/checkpoint.ts'
import { verifyCosignature } from '../../src/tlog/cosignature.ts'
import { parseSignatureLines } from '../../src/tlog/signed-note.ts'
import { formatAddCheckpoint } from '../../src/tlog/witness-request.ts'
import type { Engine, OpenDatabase } from '../contract/storage-engines.ts'
import {
  noteSigner,
  ORIGIN,
  parsedNote,
  signedNote,
  trustOf,
  watcher,
} from '../support/log-world.ts'
import { entry, naiveTree } from '../unit/tlog/trees.ts'

const NOW = new Date('2026-03-02T09:15:00Z')
const MAX_SIZE = 40

/** Keys of a log; of all logs in turn, because a witness has one memory for an origin. */
const witnessSigner = noteSigner('exchange.uz/witness/1', 'cosignature/v1')
const KEYS = {
  /** Two keys of the log are in force, as while one takes over from the other. */
  log: noteSigner(ORIGIN, 'ed25519'),
  next: noteSigner(ORIGIN, 'ed25519'),
  /** Of a third state, whose list names the same origin. */
  third: noteSigner(ORIGIN, 'ed25519'),
  stranger: noteSigner(ORIGIN, 'ed25519'),
}
type Key = keyof typeof KEYS

/** Two histories that part after 10 entries: the honest one and a rewritten one. */
const TREES = {
  honest: naiveTree(entry),
  rewritten: naiveTree((index) => entry(index < 10 ? index : index + 1000)),
}
type History = keyof typeof TREES

const noteOf = (history: History, size: number, key: Key = 'log') =>
  signedNote(TREES[history], BigInt(size), KEYS[key])

async function request(
  history: History,
  oldSize: number,
  size: number,
  options: { key?: Key; spoilt?: boolean; proven?: History } = {},
): Promise<Uint8Array> {
  const { key, spoilt = false, proven = history } = options
  const signed = parsedNote(await noteOf(history, size, key))
  const proof =
    oldSize > 0 && oldSize < size
      ? TREES[proven].consistency(oldSize, size).map((hash) => hash.slice())
      : []
  if (spoilt && proof[0]) proof[0][0]! ^= 1
  const body = formatAddCheckpoint({ oldSize: BigInt(oldSize), proof, signed })
  return new TextEncoder().encode(body)
}

const trust = trustOf({ AM: [KEYS.third], BY: [KEYS.log, KEYS.next] })

const state = 'BY'

async function believed(answer: WitnessAnswer, history: History, size: number): Promise<void> {
  if (answer.answer !== 'cosigned') throw new Error(`it was ${answer.answer}`)
  const signatures = parseSignatureLines(answer.lines)
  const signed = parsedNote(await noteOf(history, size))
  if ('malformed' in signatures) throw new Error('malformed')
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
  key: fc.oneof(
    { weight: 8, arbitrary: fc.constantFrom<Key>('log', 'next') },
    { weight: 2, arbitrary: fc.constantFrom<Key>('third', 'stranger') },
  ),
})

/**
 * A witness over an engine, asked whatever its model allows in `runs` sequences; `rounds`: how often two
 * histories come at once. Each needs a database of its own.
 */
export function witnessModel(
  name: string,
  engine: Engine,
  { runs, rounds }: { readonly runs: number; readonly rounds: number },
): void {
  const opened: OpenDatabase[] = []
  afterAll(async () => {
    await Promise.all(opened.map((open) => open.close()))
    await engine.stop()
  })

  /** A witness that remembers nothing, in two processes. */
  async function newWitness() {
    const open = await engine.open()
    opened.push(open)
    const make = (database: OpenDatabase['database']) =>
      addCheckpoint({
        ...watcher(database, trust, () => NOW),
        witnessSigner: async () => witnessSigner,
      })
    const { alarms, witnessed: store } = watcher(open.database, trust, () => NOW)
    const told = async () =>
      (await alarms.list(0, 1000)).filter(({ kind }) => kind === 'log-forked')
    return { add: make(open.database), again: make(open.another), told, store }
  }

  describe(`a witness on ${name}`, () => {
    it(
      'cosigns exactly what continues what it cosigned before, whatever it is asked',
      { timeout: 120_000 },
      async () => {
        await fc.assert(
          fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 12 }), async (steps) => {
            const { add, again, told, store } = await newWitness()
            let known: { history: History; size: number } | undefined
            const seen: { history: History; size: number }[] = []
            let forks = 0
            for (const [i, asked] of steps.entries()) {
              const oldSize = asked.fromKnown ? (known?.size ?? 0) : asked.oldSize
              const { spoilt, proven, key } = asked
              const isSigned = key === 'log' || key === 'next'
              const body = await request(asked.history, oldSize, asked.size, {
                key,
                spoilt,
                proven,
              })
              // Another process over the same database answers as well.
              const answer = await (i % 2 === 0 ? add : again)(body)
              const same = (a: History, b: History, n: number) => a === b || n <= 10
              const expected = (): WitnessAnswer['answer'] => {
                if (key === 'third') return 'log-unknown'
                if (!isSigned) return 'not-signed'
                if (oldSize > asked.size) return 'old-size-too-large'
                if (oldSize !== (known?.size ?? 0)) return 'conflict'
                const continuesIt = !known || same(known.history, asked.history, oldSize)
                if (oldSize === asked.size && !continuesIt) return 'conflict'
                // Of a log that has signed two histories nothing is cosigned any more, of neither.
                if (forks > 0) return 'not-consistent'
                if (oldSize === asked.size || oldSize === 0) return 'cosigned'
                const consistent =
                  same(known!.history, asked.history, oldSize) &&
                  !spoilt &&
                  Buffer.concat(TREES[proven].consistency(oldSize, asked.size)).equals(
                    Buffer.concat(TREES[asked.history].consistency(oldSize, asked.size)),
                  )
                return consistent ? 'cosigned' : 'not-consistent'
              }
              const contradicted = seen.find(({ size: at }) => at === asked.size)
              // Whatever old size it comes with: that is whoever's who brings it.
              if (
                isSigned &&
                contradicted &&
                !same(contradicted.history, asked.history, asked.size)
              )
                forks = 1
              expect(answer.answer).toBe(expected())
              if (answer.answer === 'conflict') expect(answer.size).toBe(BigInt(known?.size ?? 0))
              if (answer.answer === 'cosigned') {
                await believed(answer, asked.history, asked.size)
                if (!known || asked.size > known.size) seen.push((known = asked))
              }
              const newest = await store.newest(ORIGIN)
              expect(newest?.size ?? 0n).toBe(BigInt(known?.size ?? 0))
              if (newest) expect(newest.state).toBe('BY')
            }
            expect((await told()).length > 0).toBe(forks > 0)
          }),
          { numRuns: runs },
        )
      },
    )

    it('lets exactly one of two histories win when both come at once', async () => {
      for (let round = 0; round < rounds; round++) {
        const { add, again, store } = await newWitness()
        await add(await request('honest', 0, 10))
        const answers = await Promise.all([
          add(await request('honest', 10, 20 + round)),
          again(await request('rewritten', 10, 20 + round)),
        ])
        expect(answers.filter(({ answer }) => answer === 'cosigned')).toHaveLength(1)
        expect(answers.filter(({ answer }) => answer === 'conflict')).toHaveLength(1)
        expect((await store.newest(ORIGIN))?.n).toBe(2)
      }
    })

    it('keeps both checkpoints of a fork, once, and tells it once', async () => {
      const { add, told, store } = await newWitness()
      await add(await request('honest', 0, 20))
      for (let i = 0; i < 3; i++)
        expect(await add(await request('rewritten', 20, 20))).toEqual({
          answer: 'conflict',
          size: 20n,
        })
      const forks = await store.forks(10)
      expect(forks).toHaveLength(1)
      for (const note of [forks[0]!.first, forks[0]!.second]) {
        const signed = parseSignedCheckpoint(new TextEncoder().encode(note))
        expect(signed).toMatchObject({ checkpoint: { origin: ORIGIN, size: 20n } })
      }
      expect(await told()).toEqual([
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
      const { add } = await newWitness()
      expect(await add(new TextEncoder().encode(text))).toMatchObject({ answer: 'malformed' })
    })
  })
}
