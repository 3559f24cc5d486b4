// belt-hash of STB 34.101.31 §7.8 (2011) with the block cipher belt-block it is made of. Words are
// little-endian throughout.

type Bytes = Uint8Array<ArrayBuffer>

/**
 * The substitution H: H[10] is 0; from H[11] = 8E on, cyclically, each is its predecessor after 116 steps
 * of the shift register that feeds back the parity of the bits of 63.
 */
const H = substitution()

function substitution(): Uint8Array {
  const table = new Uint8Array(256)
  let value = 0x8e
  for (let place = 11; place < 11 + 255; place++) {
    table[place % 256] = value
    for (let i = 0; i < 116; i++) value = (value >>> 1) | (parity(value & 0x63) << 7)
  }
  return table
}

function parity(octet: number): number {
  const folded = octet ^ (octet >>> 4)
  return (0x6996 >>> (folded & 0xf)) & 1
}

/** G_r: every octet substituted, the word rotated to the left by r. */
function g(word: number, r: number): number {
  const substituted =
    H[word & 0xff]! |
    (H[(word >>> 8) & 0xff]! << 8) |
    (H[(word >>> 16) & 0xff]! << 16) |
    (H[word >>> 24]! << 24)
  return (substituted << r) | (substituted >>> (32 - r))
}

/** Encrypts the block of four words under the key of eight; returns four words. */
function encrypt(block: Uint32Array, key: Uint32Array): Uint32Array {
  let [a, b, c, d] = block as unknown as [number, number, number, number]
  for (let i = 1; i <= 8; i++) {
    const k = (n: number) => key[(7 * (i - 1) + n) % 8]!
    b ^= g((a + k(0)) | 0, 5)
    c ^= g((d + k(1)) | 0, 21)
    a = (a - g((b + k(2)) | 0, 13)) | 0
    const e = g((b + c + k(3)) | 0, 21) ^ i
    b = (b + e) | 0
    c = (c - e) | 0
    d = (d + g((c + k(4)) | 0, 13)) | 0
    b ^= g((a + k(5)) | 0, 21)
    c ^= g((d + k(6)) | 0, 5)
    ;[a, b, c, d] = [b, d, a, c]
  }
  return Uint32Array.of(b, d, a, c)
}

function xor(a: Uint32Array, b: Uint32Array): Uint32Array {
  return a.map((word, i) => word ^ b[i]!)
}

/** belt-compress: the checksum part and the next state from 8 words of data and the state. */
function compress(data: Uint32Array, state: Uint32Array): { sum: Uint32Array; state: Uint32Array } {
  const [x0, x1] = [data.subarray(0, 4), data.subarray(4)]
  const [h0, h1] = [state.subarray(0, 4), state.subarray(4)]
  const both = xor(h0, h1)
  const sum = xor(encrypt(both, data), both)
  const next = new Uint32Array(8)
  next.set(xor(encrypt(x0, Uint32Array.of(...sum, ...h1)), x0))
  const inverted = sum.map((word) => ~word)
  next.set(xor(encrypt(x1, Uint32Array.of(...inverted, ...h0)), x1), 4)
  return { sum, state: next }
}

/** The hash of 32 octets. */
export function beltHash(bytes: Uint8Array): Bytes {
  let state = words(H.subarray(0, 32))
  let sum: Uint32Array = new Uint32Array(4)
  for (let at = 0; at < bytes.length; at += 32) {
    const block = new Uint8Array(32)
    block.set(bytes.subarray(at, at + 32))
    const next = compress(words(block), state)
    sum = xor(sum, next.sum)
    state = next.state
  }
  const bits = BigInt(bytes.length) * 8n
  const length = Uint32Array.of(Number(bits & 0xffffffffn), Number(bits >> 32n), 0, 0)
  return octets(compress(Uint32Array.of(...length, ...sum), state).state)
}

function words(bytes: Uint8Array): Uint32Array {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
  return Uint32Array.from({ length: bytes.length / 4 }, (_, i) => view.getUint32(4 * i, true))
}

function octets(state: Uint32Array): Bytes {
  const bytes = new Uint8Array(4 * state.length)
  const view = new DataView(bytes.buffer)
  for (const [i, word] of state.entries()) view.setUint32(4 * i, word, true)
  return bytes
}
