import { beforeAll, describe, expect, it } from 'vitest'
import { verifyCrl } from '../../src/trust/accept-crl.ts'
import { verifyTrustList } from '../../src/trust/accept-trust-list.ts'
import { parseCrl } from '../../src/x509/crl.ts'
import { NO_OCSP, NOW, signedList } from '../support/hostile-lists.ts'
import {
  compactOf,
  type Genuine,
  listsOf,
  makeGenuine,
  trustIn,
  twinOfDer,
  twinOfRaw,
  verdictOn,
} from './genuine.ts'
import { acceptedOf, bitFlips, everyNth, lengthChanges, textMutations } from './text-mutations.ts'

const LIMIT_MS = 300_000

let genuine: Genuine
let lists: Uint8Array[]
beforeAll(async () => {
  genuine = await makeGenuine()
  lists = listsOf(genuine.state)
})

const isKept = async (der: Uint8Array) => 'crl' in (await verifyCrl(der, genuine.state.list))

/** The verdict on the genuine document with these lists in place of the state's. */
const verdictWith = async (crls: readonly Uint8Array[]) =>
  verdictOn(genuine.jws, await trustIn(genuine.state, crls))

describe('a CRL of an authority in the trust list', () => {
  it(
    'is kept with no bit flipped, no octet missing and none doubled',
    async () => {
      for (const crl of lists) {
        expect(await isKept(crl)).toBe(true)
        const { tried, accepted } = await acceptedOf(
          [...bitFlips(crl), ...lengthChanges(crl)],
          isKept,
        )
        expect(tried).toBe(crl.length * 10 + 1)
        expect(accepted).toEqual([])
      }
    },
    LIMIT_MS,
  )

  it(
    'that got in with a bit flipped makes nobody believed: what it decides is unknown',
    async () => {
      expect(await verdictWith(lists)).toBe('believed')
      // Lists of the root, the state and the body: those of the path.
      for (const at of [0, 1, 2]) {
        const verdicts = new Set<string>()
        const flips = [...bitFlips(lists[at]!)].filter((_, i) => i % 3 === 0)
        const { accepted } = await acceptedOf(flips, async (flipped) => {
          const verdict = await verdictWith(lists.with(at, flipped))
          verdicts.add(verdict)
          return verdict === 'believed'
        })
        expect(accepted).toEqual([])
        for (const verdict of verdicts)
          expect(verdict).toMatch(/^crl-|^signature-algorithm-not-supported$/)
      }
    },
    LIMIT_MS,
  )

  it('has one twin, with n - s in its signature, that says the same', async () => {
    const [, , crl] = lists
    const read = parseCrl(crl!)
    if ('malformed' in read) throw new Error(read.malformed)
    const twin = twinOfDer(read)
    expect(await isKept(twin)).toBe(true)
    expect(await verdictWith(lists.with(2, twin))).toBe('believed')
    const again = parseCrl(twin)
    if ('malformed' in again) throw new Error(again.malformed)
    expect(again.entries).toEqual(read.entries)
    expect(again.id).not.toBe(read.id)
  })
})

describe('a trust list', () => {
  let jws: string
  let known: Parameters<typeof verifyTrustList>[1]
  beforeAll(async () => {
    const { list, pki, pin, crls } = genuine.state
    jws = await signedList(list, pki.trustListSigner)
    known = { pins: [pin], crls, ocsp: NO_OCSP, now: NOW }
    expect(await verifyTrustList(jws, known)).toEqual(list)
  })

  const isTaken = async (text: string) => !('refused' in (await verifyTrustList(text, known)))

  it(
    'is taken in no text one character away',
    async () => {
      // At least one way at each character.
      const { tried, accepted } = await acceptedOf(everyNth(textMutations(jws), 5), isTaken)
      expect(tried).toBeGreaterThan(jws.length)
      expect(accepted).toEqual([])
    },
    LIMIT_MS,
  )

  it(
    'is taken with no bit of its payload flipped, in the one encoding of that',
    async () => {
      const [header, payload, signature] = jws
        .split('.')
        .map((part) => Buffer.from(part, 'base64url'))
      const members = JSON.parse(header!.toString()) as unknown
      // Of each octet a bit or two, not always the same.
      const { tried, accepted } = await acceptedOf(everyNth(bitFlips(payload!), 7), (flipped) =>
        isTaken(compactOf(members, flipped, signature!)),
      )
      expect(tried).toBeGreaterThan(payload!.length)
      expect(accepted).toEqual([])
      const twin = compactOf(members, payload!, twinOfRaw(signature!))
      expect(await verifyTrustList(twin, known)).toEqual(genuine.state.list)
    },
    LIMIT_MS,
  )
})
