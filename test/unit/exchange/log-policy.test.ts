import { describe, expect, it } from 'vitest'
import {
  appliedPolicy,
  countsAt,
  isMetWithoutStates,
  namesOf,
  ONLY_LISTED_WITNESSES,
  readLogPolicy,
} from '../../../src/exchange/log/policy.ts'
import { logPolicyText } from '../../../src/exchange/log/policy-text.ts'
import { quorumReachedAt } from '../../../src/tlog/quorum.ts'
import { formatVerifierKey, isKeyName, verifierKey } from '../../../src/tlog/verifier-key.ts'
import { noteSigner, ORIGIN, trustOf, utf8 } from '../../support/log-world.ts'

const by = noteSigner(ORIGIN, 'ed25519')
const byWitness = noteSigner('exchange.by/witness/1', 'cosignature/v1')
const uz = noteSigner('exchange.uz/witness/1', 'cosignature/v1')
const uzNext = noteSigner('exchange.uz/witness/1', 'cosignature/v1')
const am = noteSigner('exchange.am/witness/1', 'cosignature/v1')
const neutral = noteSigner('witness.example/w1', 'cosignature/v1')
const further = [{ name: 'neutral', key: neutral.key, url: 'https://witness.example' }]

const viewOf = async (...args: Parameters<typeof trustOf>) => (await trustOf(...args)()).view
const keyOf = ({ key }: typeof uz) => formatVerifierKey(key)
function policy(text: string) {
  const read = readLogPolicy(utf8.encode(text))
  if ('malformed' in read) throw new Error(read.malformed)
  return { further: [], policy: read }
}

describe('the policy that follows from the trust lists', () => {
  it('needs the witness of the other state, under any of its keys', async () => {
    const view = await viewOf({ BY: [by, byWitness], UZ: [uz, uzNext] })
    const applied = appliedPolicy(view, 'BY', ONLY_LISTED_WITNESSES)!
    const [first, second] = [uz, uzNext].map(keyOf)
    expect(logPolicyText(applied.policy).split('\n')).toEqual([
      `log ${formatVerifierKey(by.key)}`,
      `witness UZ-1 ${first}`,
      `witness UZ-2 ${second}`,
      'group UZ any UZ-1 UZ-2',
      'quorum UZ',
      '',
    ])
    expect(readLogPolicy(utf8.encode(logPolicyText(applied.policy)))).toEqual(applied.policy)
  })

  it('needs one of several other states, and asks for no neutral one', async () => {
    const view = await viewOf({ BY: [by], UZ: [uz], AM: [am] })
    const { policy: derived } = appliedPolicy(view, 'BY', { further, policy: undefined })!
    expect(derived.quorum).toBe('OTHER-STATES')
    const reached = (...has: string[]) =>
      quorumReachedAt(derived, (name) => (has.includes(name) ? 1 : undefined))
    expect(reached('neutral')).toBeUndefined()
    expect(reached('AM-1')).toBe(1)
    expect(derived.witnesses.map(({ name }) => name)).toContain('neutral')
  })

  it('is a file that is read again, whatever a third state lists', async () => {
    const named = (name: string, publicKey = uz.key.publicKey) => {
      return { ...uz, key: verifierKey(name, 'cosignature/v1', publicKey) }
    }
    const another = (i: number) => new Uint8Array(32).fill(i)
    const LISTS: Readonly<Record<string, readonly (typeof uz)[]>> = {
      'a long name': [named('z'.repeat(140), another(1))],
      'the key of another state under its own name': [named('exchange.am/witness/1')],
      'a hundred keys': Array.from({ length: 100 }, (_, i) =>
        named('exchange.am/witness/1', another(i)),
      ),
    }
    for (const [name, witnesses] of Object.entries(LISTS)) {
      const view = await viewOf({ AM: witnesses, BY: [by], UZ: [uz] })
      const { policy: derived } = appliedPolicy(view, 'BY', { further, policy: undefined })!
      const read = readLogPolicy(utf8.encode(logPolicyText(derived)))
      if ('malformed' in read) throw new Error(`${name}: ${read.malformed}`)
      expect(read.witnesses.length, name).toBeLessThanOrEqual(64)
      expect(read.witnesses.map(({ key }) => formatVerifierKey(key)).join(' ')).toContain(
        name.startsWith('the key') ? 'exchange' : keyOf(uz),
      )
      // Here every label counts.
      expect(derived.witnesses).toHaveLength(witnesses.length + 2)
    }
    expect(isKeyName('z\x7fz')).toBe(false)
  })

  it('is none where no other state names a witness', async () => {
    const view = await viewOf({ BY: [by, byWitness] })
    expect(appliedPolicy(view, 'BY', { further, policy: undefined })).toBeUndefined()
  })

  it('gives a key to the state whose name it bears, whoever else lists it', async () => {
    const view = await viewOf({ AM: [uz], BY: [by], UZ: [uz] })
    const { witnesses } = appliedPolicy(view, 'BY', ONLY_LISTED_WITNESSES)!
    expect([...witnesses].map(([name, { state }]) => [name, state])).toEqual([['UZ-1', 'UZ']])
  })
})

describe('a configured policy', () => {
  const both = `witness uz ${keyOf(uz)}\nwitness n ${keyOf(neutral)}\ngroup all-of-us all uz n\nquorum all-of-us\n`

  it('keeps to what the trust list says of the times of a state’s witness', async () => {
    const view = await viewOf({ BY: [by], UZ: [uz] }, '2026-03-01T00:00:00Z')
    const { witnesses } = appliedPolicy(view, 'BY', policy(both))!
    const counts = (name: string, at: string) => countsAt(witnesses.get(name)!, at)
    expect(counts('uz', '2026-02-28T23:59:59Z')).toBe(true)
    expect(counts('uz', '2026-03-01T00:00:01Z')).toBe(false)
    expect(counts('n', '2026-03-01T00:00:01Z')).toBe(true)
  })

  it('is not ended by a third state that lists the neutral witness as its own', async () => {
    const view = await viewOf({ AM: [neutral], UZ: [uz] }, '2021-01-01T00:00:00Z')
    const { witnesses } = appliedPolicy(view, 'BY', policy(both))!
    expect(countsAt(witnesses.get('n')!, '2026-01-01T00:00:00Z')).toBe(true)
  })

  it('never counts a witness of the state whose log it is', async () => {
    const view = await viewOf({ BY: [by, byWitness], UZ: [uz] })
    const { witnesses } = appliedPolicy(
      view,
      'BY',
      policy(`witness own ${keyOf(byWitness)}\nquorum own\n`),
    )!
    expect(countsAt(witnesses.get('own')!, '2026-01-01T00:00:00Z')).toBe(false)
    expect(namesOf(witnesses.get('own')!)).toEqual([])
  })

  it('finds what a witness cosigned before its state listed it', async () => {
    const view = await viewOf({ UZ: [uz] })
    const { witnesses } = appliedPolicy(view, 'BY', policy(both))!
    expect(namesOf(witnesses.get('uz')!).map(({ state }) => state)).toEqual(['UZ', ''])
    expect(namesOf(witnesses.get('n')!).map(({ state }) => state)).toEqual([''])
  })

  it('is weak if it is met without any state', async () => {
    const view = await viewOf({ UZ: [uz] })
    const weak = `witness uz ${keyOf(uz)}\nwitness n ${keyOf(neutral)}\ngroup one any uz n\nquorum one\n`
    const isWeak = (text: string) => isMetWithoutStates(appliedPolicy(view, 'BY', policy(text))!)
    expect([isWeak(weak), isWeak(both)]).toEqual([true, false])
  })

  it('is refused if it needs nobody', () => {
    expect(readLogPolicy(utf8.encode('quorum none\n'))).toEqual({
      malformed: 'quorum none: evidence needs a witness',
    })
  })
})
