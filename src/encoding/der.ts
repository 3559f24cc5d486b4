/** Identifier octets of the universal types that PKIX uses (X.690 §8.1.2). */
export const TAG = {
  BOOLEAN: 0x01,
  INTEGER: 0x02,
  BIT_STRING: 0x03,
  OCTET_STRING: 0x04,
  NULL: 0x05,
  OID: 0x06,
  ENUMERATED: 0x0a,
  UTF8_STRING: 0x0c,
  PRINTABLE_STRING: 0x13,
  TELETEX_STRING: 0x14,
  IA5_STRING: 0x16,
  UTC_TIME: 0x17,
  GENERALIZED_TIME: 0x18,
  UNIVERSAL_STRING: 0x1c,
  BMP_STRING: 0x1e,
  SEQUENCE: 0x30,
  SET: 0x31,
} as const

type Bytes = Uint8Array<ArrayBuffer>

/** One element; its octets are looked up when they are asked for. */
export class DerElement {
  readonly tag: number
  readonly #bytes: Bytes
  readonly #start: number
  readonly #from: number
  readonly #end: number

  constructor(bytes: Bytes, [start, from, end]: readonly [number, number, number]) {
    this.tag = bytes[start]!
    this.#bytes = bytes
    this.#start = start
    this.#from = from
    this.#end = end
  }

  get content(): Bytes {
    return this.#bytes.subarray(this.#from, this.#end)
  }

  /** Identifier, length and content. */
  get raw(): Bytes {
    return this.#bytes.subarray(this.#start, this.#end)
  }
}

export interface Malformed {
  readonly malformed: string
}

/** Thrown by a `DerReader`, caught by `decodeDer`; it never leaves the parsers. */
export class DerError extends Error {
  override name = 'DerError'
}

/**
 * Reads exactly one value that fills `bytes` (X.690 DER); damage and trailing bytes are a value. What is
 * read are parts of a copy.
 */
export function decodeDer<T>(bytes: Uint8Array, read: (reader: DerReader) => T): T | Malformed {
  return inspectDer(new Uint8Array(bytes), read)
}

/** `decodeDer` of bytes that nobody changes, or of which nothing is kept. */
export function inspectDer<T>(bytes: Uint8Array, read: (reader: DerReader) => T): T | Malformed {
  try {
    const reader = new DerReader(bytes as Bytes)
    const value = read(reader)
    reader.end()
    return value
  } catch (error) {
    if (error instanceof DerError) return { malformed: error.message }
    throw error
  }
}

/** A cursor over DER content. Each method takes the next element and throws `DerError` on damage. */
export class DerReader {
  readonly #bytes: Bytes
  readonly #end: number
  #at: number
  /** Where the element that was taken last begins, and where its content does; it ends at `#at`. */
  #start = 0
  #from = 0

  constructor(bytes: Bytes, at = 0, end = bytes.length) {
    this.#bytes = bytes
    this.#at = at
    this.#end = end
  }

  /** Identifier octet of the next element, `undefined` at the end. */
  get tag(): number | undefined {
    return this.#at < this.#end ? this.#bytes[this.#at] : undefined
  }

  next(tag: number): DerElement {
    this.#take(tag)
    return new DerElement(this.#bytes, [this.#start, this.#from, this.#at])
  }

  /** The next element whatever its tag; multi-octet tags do not occur in PKIX. */
  any(): DerElement {
    const tag = this.tag
    if (tag === undefined) throw new DerError('element missing')
    if ((tag & 0x1f) === 0x1f || tag === 0) throw new DerError(`tag ${hexTag(tag)} not allowed`)
    return this.next(tag)
  }

  optional(tag: number): DerElement | undefined {
    return this.tag === tag ? this.next(tag) : undefined
  }

  /** A reader over the content of a constructed element, SEQUENCE unless told. */
  sequence(tag: number = TAG.SEQUENCE): DerReader {
    this.#take(tag)
    return new DerReader(this.#bytes, this.#from, this.#at)
  }

  /** A reader over content taken from this one. */
  over(content: Bytes): DerReader {
    return new DerReader(content)
  }

  /** Every element of a SEQUENCE OF or SET OF that must not be empty. */
  sequenceOf<T>(read: (item: DerReader) => T, tag: number = TAG.SEQUENCE): T[] {
    const items = this.sequence(tag)
    const values: T[] = []
    do values.push(read(items))
    while (items.tag !== undefined)
    return values
  }

  boolean(tag: number = TAG.BOOLEAN): boolean {
    this.#take(tag)
    const value = this.#bytes[this.#from]
    if (this.#at - this.#from !== 1 || (value !== 0 && value !== 0xff))
      throw new DerError('boolean is neither 00 nor FF')
    return value === 0xff
  }

  /** BOOLEAN DEFAULT FALSE: absent or true, for DER never encodes a default (X.690 §11.5). */
  defaultFalse(tag: number = TAG.BOOLEAN): boolean {
    if (this.tag !== tag) return false
    if (!this.boolean(tag)) throw new DerError('default value encoded')
    return true
  }

  /** Two's complement octets of an INTEGER, minimal. */
  integer(tag: number = TAG.INTEGER): Bytes {
    const content = this.#content(tag)
    const first = content[0]
    const second = content[1]
    if (first === undefined) throw new DerError('empty integer')
    if (
      second !== undefined &&
      ((first === 0 && second < 0x80) || (first === 0xff && second >= 0x80))
    )
      throw new DerError('integer is not minimal')
    return content
  }

  /** Magnitude of an INTEGER greater than zero, without the sign octet. */
  positiveInteger(): Bytes {
    const octets = this.integer()
    const magnitude = octets[0] === 0 ? octets.subarray(1) : octets
    if (octets[0]! >= 0x80 || magnitude.length === 0) throw new DerError('integer is not positive')
    return magnitude
  }

  /** An INTEGER between 0 and 2^31 - 1. */
  smallInteger(tag: number = TAG.INTEGER): number {
    const octets = this.integer(tag)
    if (octets[0]! >= 0x80 || octets.length > 4) throw new DerError('integer out of range')
    return octets.reduce((sum, octet) => sum * 256 + octet, 0)
  }

  octetString(tag: number = TAG.OCTET_STRING): Bytes {
    return this.#content(tag)
  }

  /** A BIT STRING of whole octets. */
  bitString(): Bytes {
    this.#take(TAG.BIT_STRING)
    if (this.#from === this.#at || this.#bytes[this.#from] !== 0)
      throw new DerError('bit string is not whole octets')
    return this.#bytes.subarray(this.#from + 1, this.#at)
  }

  /** A named-bit list (X.690 §11.2.2): numbers of the set bits, trailing zero bits dropped. */
  namedBits(tag: number = TAG.BIT_STRING): ReadonlySet<number> {
    const content = this.#content(tag)
    const unused = content[0]
    const last = content.length > 1 ? content.at(-1)! : undefined
    const isCanonical =
      last === undefined
        ? unused === 0
        : ((last >> (unused ?? 8)) & 1) === 1 && (last & ((1 << unused!) - 1)) === 0
    if (unused === undefined || unused > 7 || !isCanonical)
      throw new DerError('named bits are not canonical')
    const bits = new Set<number>()
    for (let i = 0; i < (content.length - 1) * 8; i++)
      if ((content[1 + (i >> 3)]! >> (7 - (i & 7))) & 1) bits.add(i)
    return bits
  }

  oid(tag: number = TAG.OID): string {
    this.#take(tag)
    return readOid(this.#bytes, this.#from, this.#at)
  }

  /** UTCTime or GeneralizedTime with seconds and `Z`, no fraction (RFC 5280 §4.1.2.5). */
  time(): Date {
    const isUtcTime = this.tag === TAG.UTC_TIME
    this.#take(isUtcTime ? TAG.UTC_TIME : TAG.GENERALIZED_TIME)
    return readTime(this.#bytes, this.#from, this.#at, isUtcTime)
  }

  generalizedTime(): Date {
    this.#take(TAG.GENERALIZED_TIME)
    return readTime(this.#bytes, this.#from, this.#at, false)
  }

  end(): void {
    if (this.#at !== this.#end) throw new DerError('trailing bytes')
  }

  #content(tag: number): Bytes {
    this.#take(tag)
    return this.#bytes.subarray(this.#from, this.#at)
  }

  #take(tag: number): void {
    const start = this.#at
    if (this.tag !== tag)
      throw new DerError(`expected tag ${hexTag(tag)}, found ${hexTag(this.tag)}`)
    this.#start = start
    this.#readLength(start + 1)
    if (this.#at > this.#end) throw new DerError('length beyond the end')
  }

  /** Sets where the content begins and ends by the length octets at `at`. */
  #readLength(at: number): void {
    const first = at < this.#end ? this.#bytes[at]! : undefined
    if (first === undefined) throw new DerError('length missing')
    if (first < 0x80) {
      this.#from = at + 1
      this.#at = this.#from + first
      return
    }
    const octets = first & 0x7f
    if (octets === 0 || octets > 4) throw new DerError('length indefinite or too long')
    this.#from = at + 1 + octets
    if (this.#from > this.#end) throw new DerError('length is not minimal')
    let length = 0
    for (let i = at + 1; i < this.#from; i++) length = length * 256 + this.#bytes[i]!
    if (length < 0x80 || length < 256 ** (octets - 1)) throw new DerError('length is not minimal')
    this.#at = this.#from + length
  }
}

/** More arcs or larger ones than these name nothing that exists. */
const MAX_OID_OCTETS = 64

function readOid(bytes: Uint8Array, from: number, to: number): string {
  if (from === to || to - from > MAX_OID_OCTETS || bytes[to - 1]! >= 0x80)
    throw new DerError('object identifier truncated or too long')
  let text = ''
  let arc: number | bigint = 0
  let isFirst = true
  for (let i = from; i < to; i++) {
    const octet = bytes[i]!
    if (isFirst && octet === 0x80) throw new DerError('object identifier is not minimal')
    arc = withSevenBits(arc, octet & 0x7f)
    isFirst = octet < 0x80
    if (!isFirst) continue
    text += text === '' ? firstArcs(arc) : `.${arc}`
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

function readTime(bytes: Uint8Array, from: number, to: number, isUtcTime: boolean): Date {
  const yearDigits = isUtcTime ? 2 : 4
  if (to - from !== yearDigits + 11 || bytes[to - 1] !== 0x5a) throw notATime()
  const year = readDigits(bytes, from, yearDigits)
  const [month, day, hour, minute, second] = [0, 2, 4, 6, 8].map((at) =>
    readDigits(bytes, from + yearDigits + at, 2),
  ) as [number, number, number, number, number]
  const fullYear = isUtcTime ? year + (year < 50 ? 2000 : 1900) : year
  const date = new Date(0)
  date.setUTCFullYear(fullYear, month - 1, day)
  date.setUTCHours(hour, minute, second)
  const isReal =
    date.getUTCMonth() === month - 1 &&
    date.getUTCDate() === day &&
    date.getUTCHours() === hour &&
    date.getUTCMinutes() === minute &&
    date.getUTCSeconds() === second
  if (!isReal) throw new DerError('no such time')
  return date
}

function readDigits(bytes: Uint8Array, from: number, count: number): number {
  let value = 0
  for (let i = from; i < from + count; i++) {
    const digit = bytes[i]! - 0x30
    if (digit < 0 || digit > 9) throw notATime()
    value = value * 10 + digit
  }
  return value
}

const notATime = () => new DerError('time is not [YY]YYMMDDHHMMSSZ')

function hexTag(tag: number | undefined): string {
  return tag === undefined ? 'nothing' : tag.toString(16).padStart(2, '0')
}
