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

export interface DerElement {
  readonly tag: number
  readonly content: Bytes
  /** Identifier, length and content. */
  readonly raw: Bytes
}

export interface Malformed {
  readonly malformed: string
}

/** Thrown by a `DerReader`, caught by `decodeDer`; it never leaves the parsers. */
export class DerError extends Error {
  override name = 'DerError'
}

/** Reads exactly one value that fills `bytes` (X.690 DER); damage and trailing bytes are a value. */
export function decodeDer<T>(bytes: Uint8Array, read: (reader: DerReader) => T): T | Malformed {
  try {
    const reader = new DerReader(new Uint8Array(bytes))
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
  #at = 0

  constructor(bytes: Bytes) {
    this.#bytes = bytes
  }

  /** Identifier octet of the next element, `undefined` at the end. */
  get tag(): number | undefined {
    return this.#bytes[this.#at]
  }

  next(tag: number): DerElement {
    const bytes = this.#bytes
    const start = this.#at
    if (bytes[start] !== tag)
      throw new DerError(`expected tag ${hexTag(tag)}, found ${hexTag(bytes[start])}`)
    const { length, header } = this.#length(start + 1)
    const end = start + 1 + header + length
    if (end > bytes.length) throw new DerError('length beyond the end')
    this.#at = end
    return { tag, content: bytes.subarray(end - length, end), raw: bytes.subarray(start, end) }
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
    return new DerReader(this.next(tag).content)
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
    const { content } = this.next(tag)
    if (content.length !== 1 || (content[0] !== 0 && content[0] !== 0xff))
      throw new DerError('boolean is neither 00 nor FF')
    return content[0] === 0xff
  }

  /** BOOLEAN DEFAULT FALSE: absent or true, for DER never encodes a default (X.690 §11.5). */
  defaultFalse(tag: number = TAG.BOOLEAN): boolean {
    if (this.tag !== tag) return false
    if (!this.boolean(tag)) throw new DerError('default value encoded')
    return true
  }

  /** Two's complement octets of an INTEGER, minimal. */
  integer(tag: number = TAG.INTEGER): Bytes {
    const { content } = this.next(tag)
    const [first, second] = content
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
    return this.next(tag).content
  }

  /** A BIT STRING of whole octets. */
  bitString(): Bytes {
    const { content } = this.next(TAG.BIT_STRING)
    if (content[0] !== 0) throw new DerError('bit string is not whole octets')
    return content.subarray(1)
  }

  /** A named-bit list (X.690 §11.2.2): numbers of the set bits, trailing zero bits dropped. */
  namedBits(tag: number = TAG.BIT_STRING): ReadonlySet<number> {
    const { content } = this.next(tag)
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
    return readOid(this.next(tag).content)
  }

  /** UTCTime or GeneralizedTime with seconds and `Z`, no fraction (RFC 5280 §4.1.2.5). */
  time(): Date {
    const { tag, content } = this.any()
    if (tag !== TAG.UTC_TIME && tag !== TAG.GENERALIZED_TIME) throw new DerError('not a time')
    return readTime(String.fromCharCode(...content.subarray(0, 16)), tag === TAG.UTC_TIME)
  }

  generalizedTime(): Date {
    return readTime(
      String.fromCharCode(...this.next(TAG.GENERALIZED_TIME).content.subarray(0, 16)),
      false,
    )
  }

  end(): void {
    if (this.#at !== this.#bytes.length) throw new DerError('trailing bytes')
  }

  #length(at: number): { length: number; header: number } {
    const first = this.#bytes[at]
    if (first === undefined) throw new DerError('length missing')
    if (first < 0x80) return { length: first, header: 1 }
    const octets = first & 0x7f
    if (octets === 0 || octets > 4) throw new DerError('length indefinite or too long')
    let length = 0
    for (let i = 1; i <= octets; i++) length = length * 256 + (this.#bytes[at + i] ?? NaN)
    if (!(length >= 0x80 && length >= 256 ** (octets - 1)))
      throw new DerError('length is not minimal')
    return { length, header: 1 + octets }
  }
}

/** More arcs or larger ones than these name nothing that exists. */
const MAX_OID_OCTETS = 64

function readOid(content: Bytes): string {
  if (content.length === 0 || content.length > MAX_OID_OCTETS || content.at(-1)! >= 0x80)
    throw new DerError('object identifier truncated or too long')
  const arcs: (number | bigint)[] = []
  let arc: number | bigint = 0
  let isFirst = true
  for (const octet of content) {
    if (isFirst && octet === 0x80) throw new DerError('object identifier is not minimal')
    arc = withSevenBits(arc, octet & 0x7f)
    isFirst = octet < 0x80
    if (!isFirst) continue
    arcs.push(arc)
    arc = 0
  }
  const [joint, ...rest] = arcs as [number | bigint, ...(number | bigint)[]]
  if (joint < 80) return [Math.floor(Number(joint) / 40), Number(joint) % 40, ...rest].join('.')
  return [2, typeof joint === 'bigint' ? joint - 80n : joint - 80, ...rest].join('.')
}

/** Arcs are small but for a few, and numbers are much faster than bigints. */
function withSevenBits(arc: number | bigint, bits: number): number | bigint {
  if (typeof arc === 'number' && arc < 2 ** 46) return arc * 128 + bits
  return (BigInt(arc) << 7n) | BigInt(bits)
}

const TIME = /^(\d{2}|\d{4})(\d{2})(\d{2})(\d{2})(\d{2})(\d{2})Z$/

function readTime(text: string, isUtcTime: boolean): Date {
  const parts = TIME.exec(text)
  if (!parts || text.length !== (isUtcTime ? 13 : 15))
    throw new DerError('time is not [YY]YYMMDDHHMMSSZ')
  const [year, month, day, hour, minute, second] = parts.slice(1).map(Number) as [
    number,
    number,
    number,
    number,
    number,
    number,
  ]
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

function hexTag(tag: number | undefined): string {
  return tag === undefined ? 'nothing' : tag.toString(16).padStart(2, '0')
}
