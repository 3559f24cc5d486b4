import { DerError } from './der-error.ts'

/** More arcs or larger ones than these name nothing that exists. */
const MAX_OID_OCTETS = 64

/** Most arcs are small: each with the dot before it. */
const DOTTED = Array.from({ length: 128 }, (_, arc) => `.${arc}`)

/** The arcs 2.5.4 and 2.5.29, of attribute types and extensions, where most texts come from. */
const X500 = new Map(
  [4, 29].map((arc) => [arc, DOTTED.map((last) => `2.5.${arc}${last}`)] as const),
)

/** An object identifier in dotted decimal from its content octets (X.690 §8.19), which are minimal. */
export function readOid(bytes: Uint8Array, from: number, to: number): string {
  if (from === to || to - from > MAX_OID_OCTETS || bytes[to - 1]! >= 0x80)
    throw new DerError('object identifier truncated or too long')
  if (to - from === 3 && bytes[from] === 0x55) {
    const text = X500.get(bytes[from + 1]!)?.[bytes[from + 2]!]
    if (text !== undefined) return text
  }
  let text = ''
  let arc: number | bigint = 0
  let isFirst = true
  for (let i = from; i < to; i++) {
    const octet = bytes[i]!
    if (isFirst && octet === 0x80) throw new DerError('object identifier is not minimal')
    arc = withSevenBits(arc, octet & 0x7f)
    isFirst = octet < 0x80
    if (!isFirst) continue
    text += text === '' ? firstArcs(arc) : (DOTTED[arc as 0] ?? `.${arc}`)
    arc = 0
  }
  return text
}

/** The first two arcs are encoded as one (X.690 §8.19.4). */
function firstArcs(joint: number | bigint): string {
  if (typeof joint === 'bigint') return `2.${joint - 80n}`
  return joint < 80 ? `${Math.floor(joint / 40)}.${joint % 40}` : `2.${joint - 80}`
}

/** Arcs are small but for a few, and numbers are much faster than bigints. */
function withSevenBits(arc: number | bigint, bits: number): number | bigint {
  if (typeof arc === 'number' && arc < 2 ** 46) return arc * 128 + bits
  return (BigInt(arc) << 7n) | BigInt(bits)
}

/** Days of the 400 years after which the Gregorian calendar repeats; `Date.UTC` takes years below 100 for others. */
const CYCLE_MS = 146_097 * 86_400_000

/** UTCTime or GeneralizedTime from its content octets, with seconds and `Z`, no fraction (RFC 5280 §4.1.2.5). */
export function readTime(bytes: Uint8Array, from: number, to: number, isUtcTime: boolean): Date {
  const afterYear = from + (isUtcTime ? 2 : 4)
  if (to - afterYear !== 11 || bytes[to - 1] !== 0x5a) throw notATime()
  let year = twoDigits(bytes, from)
  if (isUtcTime) year += year < 50 ? 2000 : 1900
  else year = year * 100 + twoDigits(bytes, from + 2)
  const month = twoDigits(bytes, afterYear)
  const day = twoDigits(bytes, afterYear + 2)
  const hour = twoDigits(bytes, afterYear + 4)
  const minute = twoDigits(bytes, afterYear + 6)
  const second = twoDigits(bytes, afterYear + 8)
  const date = new Date(Date.UTC(year + 400, month - 1, day, hour, minute, second) - CYCLE_MS)
  const isReal = month >= 1 && month <= 12 && hour < 24 && minute < 60 && second < 60
  if (!isReal || date.getUTCDate() !== day) throw new DerError('no such time')
  return date
}

function twoDigits(bytes: Uint8Array, at: number): number {
  const [tens, ones] = [bytes[at]! - 0x30, bytes[at + 1]! - 0x30]
  if (tens < 0 || tens > 9 || ones < 0 || ones > 9) throw notATime()
  return tens * 10 + ones
}

const notATime = () => new DerError('time is not [YY]YYMMDDHHMMSSZ')

/** A named-bit list (X.690 §11.2.2) from its content octets: numbers of the set bits, trailing zero bits dropped. */
export function readNamedBits(bytes: Uint8Array, from: number, to: number): number[] {
  const unused = from < to ? bytes[from]! : 8
  const last = to - from > 1 ? bytes[to - 1]! : undefined
  const isCanonical =
    last === undefined
      ? unused === 0
      : unused < 8 && ((last >> unused) & 1) === 1 && (last & ((1 << unused) - 1)) === 0
  if (!isCanonical) throw new DerError('named bits are not canonical')
  const bits: number[] = []
  for (let i = 0; i < (to - from - 1) * 8; i++)
    if ((bytes[from + 1 + (i >> 3)]! >> (7 - (i & 7))) & 1) bits.push(i)
  return bits
}
