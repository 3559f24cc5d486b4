import { MAX_OCTETS } from './trace.ts'

/** A whole number from 0 to below `limit`. */
export type RandomSource = (limit: number) => number

/** The same numbers for the same seed (xorshift32), so that a finding can be seen again. */
export function randomSource(seed: number): RandomSource {
  let state = seed || 1
  return (limit) => {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    return (state >>> 0) % limit
  }
}

const INTERESTING = [
  0, 1, 0x1f, 0x30, 0x7f, 0x80, 0x81, 0x84, 0xa0, 0xff, 0x22, 0x2e, 0x3d, 0x5c, 0x7b,
]

/** One to eight changes: bits, bytes, pieces dropped, doubled, moved, taken from another seed. */
export function mutate(
  seed: Uint8Array,
  others: readonly Uint8Array[],
  random: RandomSource,
): Uint8Array {
  let bytes = Uint8Array.from(seed)
  for (let n = 1 + random(8); n > 0; n--)
    bytes = CHANGES[random(CHANGES.length)]!(bytes, others, random)
  // Rarely, for a long input costs as much as hundreds of short ones.
  if (random(200) === 0) bytes = LONG[random(LONG.length)]!(bytes, others, random)
  return bytes.length > MAX_OCTETS ? bytes.slice(0, MAX_OCTETS) : bytes
}

type Change = (
  bytes: Uint8Array<ArrayBuffer>,
  others: readonly Uint8Array[],
  random: RandomSource,
) => Uint8Array<ArrayBuffer>

const piece = (bytes: Uint8Array, random: RandomSource): [number, number] => {
  const from = random(bytes.length + 1)
  return [from, Math.min(bytes.length, from + random(1 + random(64)))]
}

function join(...parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const joined = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0))
  let at = 0
  for (const part of parts) {
    joined.set(part, at)
    at += part.length
  }
  return joined
}

const CHANGES: readonly Change[] = [
  (bytes, _, random) => {
    if (bytes.length > 0) bytes[random(bytes.length)]! ^= 1 << random(8)
    return bytes
  },
  (bytes, _, random) => {
    if (bytes.length > 0) bytes[random(bytes.length)] = INTERESTING[random(INTERESTING.length)]!
    return bytes
  },
  (bytes, _, random) => {
    const [from, to] = piece(bytes, random)
    return join(bytes.subarray(0, from), bytes.subarray(to))
  },
  (bytes, _, random) => {
    const [from, to] = piece(bytes, random)
    return join(bytes.subarray(0, to), bytes.subarray(from, to), bytes.subarray(to))
  },
  (bytes, others, random) => {
    const other = others[random(others.length)]!
    const [from, to] = piece(other, random)
    const at = random(bytes.length + 1)
    return join(bytes.subarray(0, at), other.subarray(from, to), bytes.subarray(at))
  },
  (bytes, _, random) => bytes.slice(0, random(bytes.length + 1)),
]

/** What makes readers slow that look back, look again or call themselves. */
const LONG: readonly Change[] = [
  (bytes, _, random) => {
    const [from, to] = piece(bytes, random)
    const part = from < to ? bytes.subarray(from, to) : Uint8Array.of(0x30)
    const often = Math.floor((MAX_OCTETS - bytes.length) / part.length)
    const run = new Uint8Array(Math.max(0, often) * part.length)
    for (let at = 0; at < run.length; at += part.length) run.set(part, at)
    return join(bytes.subarray(0, to), run, bytes.subarray(to))
  },
  (bytes, _, random) => {
    const run = new Uint8Array(random(MAX_OCTETS)).fill(INTERESTING[random(INTERESTING.length)]!)
    const at = random(bytes.length + 1)
    return join(bytes.subarray(0, at), run, bytes.subarray(at))
  },
  // Nested DER of right lengths, as deep as fits.
  (bytes, _, random) => {
    let nested = bytes.slice(0, 256)
    for (let depth = random(3000); depth > 0; depth--)
      nested = join(Uint8Array.of(0x30, 0x82, nested.length >> 8, nested.length & 255), nested)
    return nested
  },
]
