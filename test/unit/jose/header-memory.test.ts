import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  decodeBase64urlToLatin1,
  encodeBase64,
  encodeBase64url,
} from '../../../src/encoding/base64url.ts'
import { JsonError, parseStrictJson } from '../../../src/encoding/strict-json.ts'
import { createHeaderMemory } from '../../../src/jose/header-memory.ts'
import { parseJws } from '../../../src/jose/parse.ts'
import { type ProtectedHeader, readProtectedHeader } from '../../../src/jose/protected-header.ts'

const octets = (text: string) => new TextEncoder().encode(text)
const x5c = [encodeBase64(new Uint8Array(700).fill(7)), encodeBase64(new Uint8Array(500).fill(9))]
const common = {
  alg: 'ES256',
  typ: 'product-certificate+jwt',
  cty: 'application/json',
  'x5t#S256': encodeBase64url(new Uint8Array(32).fill(3)),
  x5c,
}

/** Where `iat` may stand among the members. */
const orders = [0, 1, 2, 3, 4, 5]
function headerText(iat: number, place: number): string {
  const members: [string, unknown][] = Object.entries(common)
  return JSON.stringify(Object.fromEntries(members.toSpliced(place, 0, ['iat', iat])))
}

/** What a header reads as without any memory. */
function slowly(base64url: string): ProtectedHeader | undefined {
  const text = decodeBase64urlToLatin1(base64url)
  try {
    const header = text === undefined ? undefined : readProtectedHeader(parseStrictJson(text))
    return header && !('malformed' in header) ? header : undefined
  } catch (error) {
    if (error instanceof JsonError) return undefined
    throw error
  }
}

function remembering(place: number) {
  const memory = createHeaderMemory(100_000)
  const json = headerText(1_795_339_471, place)
  const base64url = encodeBase64url(octets(json))
  memory.keep(base64url, json, slowly(base64url)!)
  const find = (text: string) =>
    memory.find(`${text}.e30.AA`, octets(`${text}.e30.AA`), text.length)
  return { base64url, find }
}

describe('a header of which one was read before', () => {
  it.each(orders)('is read alike but for the second, iat being member %i', (place) => {
    const { find } = remembering(place)
    for (const iat of [1_795_339_471, 1_795_339_472, 1_000_000_000, 9_999_999_999]) {
      const text = encodeBase64url(octets(headerText(iat, place)))
      // The last member may share its group of characters with the end, and is then read anew.
      const found = find(text)
      if (place < 5) expect(found).toEqual({ ...common, iat })
      else if (found) expect(found).toEqual({ ...common, iat })
    }
  })

  it('is read anew when anything else differs, and never as what it is not', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...orders),
        fc.nat(5000),
        fc.constantFrom(...'AQgw0z9-_+/=.é'),
        (place, at, put) => {
          const { base64url, find } = remembering(place)
          const i = at % base64url.length
          const altered = base64url.slice(0, i) + put + base64url.slice(i + 1)
          const found = find(altered)
          if (found) expect(found).toEqual(slowly(altered))
        },
      ),
      { numRuns: 5000 },
    )
  })

  it.each(['0795339471', '-795339471', '179533947.', '1795e39471', '179533947 ', '+795339471'])(
    'is not found when the second is written %s',
    (digits) => {
      const { find } = remembering(3)
      const json = headerText(1_795_339_471, 3).replace('1795339471', digits)
      expect(find(encodeBase64url(octets(json)))).toBeUndefined()
    },
  )

  it('is forgotten when others take the room', () => {
    const memory = createHeaderMemory(6000)
    const texts = [1, 2].map((octet) => {
      const path = [encodeBase64(new Uint8Array(900).fill(octet))]
      const json = headerText(1_795_339_471, 3).replace(JSON.stringify(x5c), JSON.stringify(path))
      const base64url = encodeBase64url(octets(json))
      memory.keep(base64url, json, slowly(base64url)!)
      return base64url
    })
    const found = texts.map((text) => memory.find(text, octets(text), text.length) !== undefined)
    expect(found).toEqual([false, true])
  })
})

describe('what is remembered of a header', () => {
  it('keeps nothing else of the document alive', () => {
    setFlagsFromString('--expose-gc')
    const collect = runInNewContext('gc') as () => void
    const held = () => (collect(), process.memoryUsage().heapUsed)
    const payload = encodeBase64url(octets(JSON.stringify({ text: 'x'.repeat(300_000) })))
    const before = held()
    for (let n = 0; n < 100; n++) {
      const path = [encodeBase64(octets(`of a stranger, ${String(n).padStart(6, '0')}`))]
      const header = JSON.stringify({ iat: 1_700_000_000, ...common, x5c: path })
      // Joined and read anew, as texts come from outside: one piece of memory.
      const compact = new TextDecoder().decode(
        octets(`${encodeBase64url(octets(header))}.${payload}.AAAA`),
      )
      expect(parseJws(compact)).toHaveProperty('header')
    }
    expect(held() - before).toBeLessThan(10 * 1024 * 1024)
  })
})
