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

/** H over each octet of a word, as four tables of words. */
const H_AT = [0, 8, 16, 24].map((shift) => Int32Array.from(H, (octet) => octet << shift))
const [H0, H8, H16, H24] = H_AT as [Int32Array, Int32Array, Int32Array, Int32Array]

/** G_r: every octet substituted, the word rotated to the left by r. */
function g(word: number, r: number): number {
  const substituted =
    H0[word & 0xff]! | H8[(word >>> 8) & 0xff]! | H16[(word >>> 16) & 0xff]! | H24[word >>> 24]!
  return (substituted << r) | (substituted >>> (32 - r))
}

/** Encrypts a block of four words under a key of eight, in place. */
function encrypt(block: Int32Array, key: Int32Array): void {
  let a = block[0]!
  let b = block[1]!
  let c = block[2]!
  let d = block[3]!
  let k = 0
  for (let i = 1; i <= 8; i++) {
    b ^= g((a + key[k]!) | 0, 5)
    c ^= g((d + key[(k + 1) & 7]!) | 0, 21)
    a = (a - g((b + key[(k + 2) & 7]!) | 0, 13)) | 0
    const e = g((b + c + key[(k + 3) & 7]!) | 0, 21) ^ i
    b = (b + e) | 0
    c = (c - e) | 0
    d = (d + g((c + key[(k + 4) & 7]!) | 0, 13)) | 0
    b ^= g((a + key[(k + 5) & 7]!) | 0, 21)
    c ^= g((d + key[(k + 6) & 7]!) | 0, 5)
    const first = a
    a = b
    b = d
    d = c
    c = first
    k = (k + 7) & 7
  }
  block[0] = b
  block[1] = d
  block[2] = a
  block[3] = c
}

/** Room for one compression: a key, and the block that is encrypted under it. */
interface Room {
  readonly key: Int32Array
  readonly block: Int32Array
}

/** belt-compress: eight words of data into the state, its checksum part into `sum` where there is one. */
function compress(data: Int32Array, state: Int32Array, { key, block }: Room, sum?: Int32Array) {
  for (let i = 0; i < 4; i++) block[i] = state[i]! ^ state[i + 4]!
  encrypt(block, data)
  for (let i = 0; i < 4; i++) {
    const checked = block[i]! ^ state[i]! ^ state[i + 4]!
    if (sum) sum[i]! ^= checked
    key[i] = checked
    key[i + 4] = state[i + 4]!
  }
  const [h0, h1, h2, h3] = state as unknown as [number, number, number, number]
  for (let i = 0; i < 4; i++) block[i] = data[i]!
  encrypt(block, key)
  for (let i = 0; i < 4; i++) state[i] = block[i]! ^ data[i]!
  for (let i = 0; i < 4; i++) key[i] = ~key[i]!
  key.set([h0, h1, h2, h3], 4)
  for (let i = 0; i < 4; i++) block[i] = data[i + 4]!
  encrypt(block, key)
  for (let i = 0; i < 4; i++) state[i + 4] = block[i]! ^ data[i + 4]!
}

/** The hash of 32 octets. */
export function beltHash(bytes: Uint8Array): Bytes {
  const room: Room = { key: new Int32Array(8), block: new Int32Array(4) }
  const [state, data, sum] = [new Int32Array(8), new Int32Array(8), new Int32Array(4)]
  readWords(H.subarray(0, 32), state)
  const last = new Uint8Array(32)
  for (let at = 0; at < bytes.length; at += 32) {
    const isWhole = at + 32 <= bytes.length
    if (!isWhole) last.set(bytes.subarray(at))
    readWords(isWhole ? bytes.subarray(at, at + 32) : last, data)
    compress(data, state, room, sum)
  }
  const bits = BigInt(bytes.length) * 8n
  data.set([Number(bits & 0xffffffffn), Number(bits >> 32n), 0, 0, ...sum])
  compress(data, state, room)
  return octets(state)
}

function readWords(bytes: Uint8Array, words: Int32Array): void {
  for (let i = 0; i < words.length; i++)
    words[i] =
      bytes[4 * i]! |
      (bytes[4 * i + 1]! << 8) |
      (bytes[4 * i + 2]! << 16) |
      (bytes[4 * i + 3]! << 24)
}

function octets(state: Int32Array): Bytes {
  const bytes = new Uint8Array(4 * state.length)
  const view = new DataView(bytes.buffer)
  for (const [i, word] of state.entries()) view.setInt32(4 * i, word, true)
  return bytes
}
