import { asciiRoom, asciiText } from './ascii.ts'

const LETTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789'

/** The values of an alphabet's characters, moved to each of the four places of a group; else -1. */
type Alphabet = readonly [Int32Array, Int32Array, Int32Array, Int32Array]

const BASE64 = alphabet(`${LETTERS}+/`)
const BASE64URL = alphabet(`${LETTERS}-_`)

function alphabet(characters: string): Alphabet {
  const at = (shift: number) => {
    const values = new Int32Array(256).fill(-1)
    for (let i = 0; i < 64; i++) values[characters.charCodeAt(i)] = i << shift
    return values
  }
  return [at(18), at(12), at(6), at(0)]
}

const CHARACTERS = new TextEncoder().encode(`${LETTERS}-_`)
const utf8 = new TextEncoder()

/** Base64url without padding (RFC 7515 §2). */
export function encodeBase64url(bytes: Uint8Array): string {
  const { length } = bytes
  const text = asciiRoom(Math.ceil((length * 4) / 3))
  let at = 0
  for (let i = 0; i < length; i += 3) {
    const n = (bytes[i]! << 16) | ((bytes[i + 1] ?? 0) << 8) | (bytes[i + 2] ?? 0)
    text[at++] = CHARACTERS[n >> 18]!
    text[at++] = CHARACTERS[(n >> 12) & 63]!
    text[at++] = CHARACTERS[(n >> 6) & 63]!
    text[at++] = CHARACTERS[n & 63]!
  }
  // What was written beyond the room is lost, and of a last group only what it needs is in it.
  return asciiText(text)
}

/**
 * Decodes only what `encodeBase64url` would have written: no padding, no white space, no foreign
 * character, unused bits zero. Anything else gives `undefined`, so that one text names one byte string.
 */
export function decodeBase64url(text: string): Uint8Array<ArrayBuffer> | undefined {
  const octets = utf8.encode(text)
  return decodeBase64urlOctets(octets, 0, octets.length)
}

/** `decodeBase64url` of the text whose octets stand from `start` to before `end`. */
export function decodeBase64urlOctets(
  octets: Uint8Array,
  start: number,
  end: number,
): Uint8Array<ArrayBuffer> | undefined {
  return decode(octets, start, end, BASE64URL)
}

/** The octets that `decodeBase64url` gives, as characters U+0000 to U+00FF, by the platform's decoder. */
export function decodeBase64urlToLatin1(text: string): string | undefined {
  if (text.includes('+') || text.includes('/') || text.includes('=')) return undefined
  return platformDecode(text.replaceAll('-', '+').replaceAll('_', '/'))
}

/** Base64 with padding (RFC 4648 §4), as x5c and trust list members carry DER. */
export function encodeBase64(bytes: Uint8Array): string {
  const text = encodeBase64url(bytes).replaceAll('-', '+').replaceAll('_', '/')
  return text.padEnd(Math.ceil(text.length / 4) * 4, '=')
}

/** The strict inverse of `encodeBase64`; `undefined` for any other text. */
export function decodeBase64(text: string): Uint8Array<ArrayBuffer> | undefined {
  if (text.length % 4 !== 0) return undefined
  const octets = utf8.encode(text)
  return decode(octets, 0, octets.length - paddingOf(text), BASE64)
}

/** Whether `decodeBase64` would decode it, without decoding. */
export function isBase64(text: string): boolean {
  if (text.length % 4 !== 0) return false
  const padding = paddingOf(text)
  return platformDecode(padding > 0 ? text.slice(0, -padding) : text) !== undefined
}

function paddingOf(text: string): 0 | 1 | 2 {
  if (!text.endsWith('=')) return 0
  return text.endsWith('==') ? 2 : 1
}

function decode(
  octets: Uint8Array,
  start: number,
  end: number,
  [first, second, third, fourth]: Alphabet,
): Uint8Array<ArrayBuffer> | undefined {
  const tail = (end - start) % 4
  if (tail === 1) return undefined
  const bytes = new Uint8Array(Math.floor(((end - start) * 3) / 4))
  const whole = end - tail
  let foreign = 0
  let at = 0
  let i = start
  for (; i < whole; i += 4) {
    const n =
      first[octets[i]!]! |
      second[octets[i + 1]!]! |
      third[octets[i + 2]!]! |
      fourth[octets[i + 3]!]!
    foreign |= n
    bytes[at++] = n >> 16
    bytes[at++] = n >> 8
    bytes[at++] = n
  }
  if (tail > 0) {
    const n =
      first[octets[i]!]! | second[octets[i + 1]!]! | (tail === 3 ? third[octets[i + 2]!]! : 0)
    foreign |= n
    bytes[at++] = n >> 16
    if (tail === 3) bytes[at++] = n >> 8
    if ((n & (tail === 3 ? 0xff : 0xffff)) !== 0) return undefined
  }
  return foreign < 0 ? undefined : bytes
}

/** What `atob` is lenient about (WHATWG Infra, "forgiving-base64 decode") beside unused bits. */
const WHITE_SPACE = [' ', '\n', '\r', '\t', '\f']

/** Base64 without padding by `atob`, and only if no other text decodes alike. */
function platformDecode(text: string): string | undefined {
  const tail = text.length % 4
  if (tail === 1 || text.includes('=')) return undefined
  for (const space of WHITE_SPACE) if (text.includes(space)) return undefined
  // A character beyond the table gives `undefined`, whose bits are zero: `atob` refuses it.
  const last = BASE64[3][text.charCodeAt(text.length - 1)]! & 63
  if (tail > 0 && (last & (tail === 2 ? 15 : 3)) !== 0) return undefined
  let latin1: string
  try {
    latin1 = atob(text)
  } catch {
    return undefined
  }
  return latin1.length === Math.floor((text.length * 3) / 4) ? latin1 : undefined
}
