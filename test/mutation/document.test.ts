import { beforeAll, describe, expect, it } from 'vitest'
import { encodeBase64, encodeBase64url } from '../../src/encoding/base64url.ts'
import { digestOf } from '../../src/exchange/validation/authenticate.ts'
import type { Seal } from '../../src/jose/sign.ts'
import { createPathCache, type PathCache } from '../../src/x509/path-cache.ts'
import { parseX509Certificate } from '../../src/x509/x509-certificate.ts'
import { forge } from '../support/hostile.ts'
import { listedState, sealOfKey } from '../support/hostile-lists.ts'
import {
  ask,
  compactOf,
  documentBy,
  type Genuine,
  makeGenuine,
  twinOfDer,
  twinOfRaw,
  verdictOn,
} from './genuine.ts'
import { acceptedOf, bitFlips, lengthChanges, textMutations } from './text-mutations.ts'

const LIMIT_MS = 300_000

let genuine: Genuine
/** Of a node that has seen the genuine document: it remembers its path. */
let paths: PathCache
beforeAll(async () => {
  genuine = await makeGenuine()
  paths = createPathCache()
  expect(await verdictOn(genuine.jws, genuine.trust, paths)).toBe('believed')
})

const isBelieved = async (jws: string) =>
  (await ask(jws, genuine.trust, paths)).document !== undefined

/** Header, payload and signature of a compact JWS as octets. */
function partsOf(jws: string) {
  const [header, payload, signature] = jws.split('.').map((part) => Buffer.from(part, 'base64url'))
  const members = JSON.parse(header!.toString()) as Record<string, unknown> & { x5c: string[] }
  return { members, payload: payload!, signature: signature! }
}

/** The document with a header over which its seal itself has signed. */
const resigned = (header: Readonly<Record<string, unknown>>, by: Seal = genuine.seal) =>
  forge(by, { payloadText: partsOf(genuine.jws).payload.toString(), header })

describe('a genuine document', () => {
  it(
    'is believed in no text one character away: replaced, left out, doubled, moved, added',
    async () => {
      const { tried, accepted } = await acceptedOf(textMutations(genuine.jws), isBelieved)
      expect(tried).toBeGreaterThan(genuine.jws.length * 6)
      expect(accepted).toEqual([])
    },
    LIMIT_MS,
  )

  it(
    'is believed with no bit of its payload or its signature flipped, in the one encoding of that',
    async () => {
      const { members, payload, signature } = partsOf(genuine.jws)
      function* texts() {
        for (const flipped of bitFlips(payload)) yield compactOf(members, flipped, signature)
        for (const flipped of bitFlips(signature)) yield compactOf(members, payload, flipped)
        for (const changed of lengthChanges(signature)) yield compactOf(members, payload, changed)
      }
      const { tried, accepted } = await acceptedOf(texts(), isBelieved)
      expect(tried).toBeGreaterThan(payload.length * 8)
      expect(accepted).toEqual([])
    },
    LIMIT_MS,
  )

  it(
    'is believed with no bit of any certificate of its x5c flipped, even if its seal signs that',
    async () => {
      const { members, payload, signature } = partsOf(genuine.jws)
      const ders = genuine.seal.path
      const places = ders.flatMap((der, at) =>
        [...bitFlips(der)].map((flipped) => ({ at, flipped })),
      )
      const { tried, accepted } = await acceptedOf(places, async ({ at, flipped }) => {
        const x5c = members.x5c.with(at, encodeBase64(flipped))
        return isBelieved(compactOf({ ...members, x5c }, payload, signature))
      })
      expect(tried).toBe(ders.reduce((sum, { length }) => sum + length * 8, 0))
      expect(accepted).toEqual([])
      const some = places.filter((_, i) => i % 7 === 0)
      const signedAgain = await acceptedOf(some, async ({ at, flipped }) => {
        const x5tS256 = at === 0 ? await digestOfDer(flipped) : genuine.seal.x5tS256
        const x5c = genuine.seal.x5c.with(at, encodeBase64(flipped))
        return isBelieved(await resigned({ x5c, 'x5t#S256': x5tS256 }))
      })
      expect(signedAgain.accepted.map(({ at }) => at)).toEqual([])
    },
    LIMIT_MS,
  )

  it('has one twin, with n - s in its signature: the same content under another digest', async () => {
    const { members, payload, signature } = partsOf(genuine.jws)
    const twin = compactOf(members, payload, twinOfRaw(signature))
    const [own, other] = await Promise.all([
      ask(genuine.jws, genuine.trust, paths),
      ask(twin, genuine.trust, paths),
    ])
    expect(other.document).toEqual(own.document)
    expect(await digestOf(twin)).not.toBe(await digestOf(genuine.jws))
  })

  it('whose authority has such a twin is the same document, a seal that has one is no listed key', async () => {
    const twins = genuine.seal.path.map((der) => {
      const read = parseX509Certificate(der)
      if ('malformed' in read) throw new Error(read.malformed)
      return twinOfDer(read)
    })
    const x5c = (at: number) => genuine.seal.x5c.with(at, encodeBase64(twins[at]!))
    const content = async (jws: string) => (await ask(jws, genuine.trust, paths)).document?.payload
    for (const at of [1, 2]) {
      // Its own signature covers the header, so that only the seal itself can do this.
      expect(await content(await resigned({ x5c: x5c(at) }))).toEqual(await content(genuine.jws))
      const { members, payload, signature } = partsOf(genuine.jws)
      const text = compactOf({ ...members, x5c: x5c(at) }, payload, signature)
      expect(await verdictOn(text, genuine.trust, paths)).toBe('signature-wrong')
    }
    const header = { x5c: x5c(0), 'x5t#S256': await digestOfDer(twins[0]!) }
    expect(await verdictOn(await resigned(header), genuine.trust, paths)).toBe('key-unknown')
  })
})

async function digestOfDer(der: Uint8Array): Promise<string> {
  return encodeBase64url(
    new Uint8Array(await crypto.subtle.digest('SHA-256', der as Uint8Array<ArrayBuffer>)),
  )
}

describe('an x5c in which each certificate is genuine', () => {
  it('is believed in no other order, with none missing, doubled or foreign, even if its seal signs it', async () => {
    const [seal, body, state] = genuine.seal.x5c as [string, string, string]
    const { pki } = genuine.state
    const root = encodeBase64(pki.root.certificate)
    const other = encodeBase64(pki.bodies[1]!.ca.certificate)
    const foreign = (await sealOfKey((await listedState('BY')).pki.bodies[0]!.seal)).x5c
    const orders = [
      [seal, state, body],
      [body, seal, state],
      [body, state, seal],
      [state, body, seal],
      [state, seal, body],
      [seal, body],
      [seal, state],
      [seal],
      [body, state],
      [state],
      [seal, seal, body, state],
      [seal, body, body, state],
      [seal, body, state, state],
      [seal, body, state, root],
      [root, seal, body, state],
      [seal, body, other, state],
      [seal, other, state],
      [seal, body, state, other],
      [seal, foreign[1]!, foreign[2]!],
      [seal, body, foreign[2]!],
      [foreign[0]!, body, state],
      [...foreign],
    ]
    for (const x5c of orders) {
      const thumbprint = await digestOfDer(Buffer.from(x5c[0]!, 'base64'))
      for (const header of [{ x5c }, { x5c, 'x5t#S256': thumbprint }])
        expect(await isBelieved(await resigned(header))).toBe(false)
    }
    expect(await isBelieved(await resigned({ x5c: [seal, body, state] }))).toBe(true)
  })
})

describe('a header', () => {
  it('is believed with no member added, removed, renamed or of another type, even if its seal signs it', async () => {
    const { members } = partsOf(genuine.jws)
    const believed: string[] = []
    const note = async (what: string, header: Readonly<Record<string, unknown>>) => {
      if (await isBelieved(await resigned(header))) believed.push(what)
    }
    for (const [name, value] of Object.entries(members)) {
      await note(`${name} removed`, { [name]: undefined })
      await note(`${name} renamed`, { [name]: undefined, [name.toUpperCase()]: value })
      await note(`${name} twice`, { [`${name} `]: value })
      for (const other of [null, 0, -1, 1.5, '', 'x', [], {}, true, [value], { value }])
        await note(`${name} as ${JSON.stringify(other).slice(0, 30)}`, { [name]: other })
    }
    for (const name of [
      'crit',
      'b64',
      'jku',
      'jwk',
      'x5u',
      'kid',
      'sigT',
      'sigD',
      'x5t',
      '__proto__',
    ])
      for (const value of [true, 'x', ['exp'], {}])
        await note(
          `${name} added`,
          JSON.parse(JSON.stringify({}).replace('}', `"${name}":${JSON.stringify(value)}}`)),
        )
    // Any whole number is a claimed time, and the seal itself has signed it.
    expect(believed).toEqual(['iat as 0'])
  })
})

describe('two genuine documents of one seal', () => {
  it('cannot lend each other header, payload or signature', async () => {
    const claims = { iss: 'BY.CCI.001', note: 'another' }
    const others = [
      await documentBy(genuine.seal, claims),
      await documentBy(await sealOfKey(genuine.state.pki.bodies[1]!.seal)),
    ]
    for (const other of others) {
      expect(await isBelieved(other)).toBe(true)
      const [a, b] = [genuine.jws.split('.'), other.split('.')]
      for (let choice = 1; choice < 7; choice++) {
        const mixed = a.map((part, i) => ((choice >> i) & 1 ? b[i] : part)).join('.')
        // Both were signed in the same second: their headers are the same text.
        const isOne = mixed === genuine.jws || mixed === other
        expect(await isBelieved(mixed), String(choice)).toBe(isOne)
      }
    }
  })
})
