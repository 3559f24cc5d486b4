import { DerElement } from './der-element.ts'
import { DerError } from './der-error.ts'
import { readNamedBits, readOid, readTime } from './der-values.ts'

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

export interface Malformed {
  readonly malformed: string
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
    return new DerElement(this.#bytes, this.#start, this.#from, this.#at)
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

  /** A reader over the content of an element taken before. */
  inside({ bytes, from, end }: DerElement): DerReader {
    return new DerReader(bytes, from, end)
  }

  /** A reader over other octets: what an OCTET STRING wraps, or an element once more. */
  over(octets: Bytes): DerReader {
    return new DerReader(octets)
  }

  /** Every element of a SEQUENCE OF or SET OF that must not be empty. */
  sequenceOf<T>(read: (item: DerReader) => T, tag: number = TAG.SEQUENCE): T[] {
    const items = this.sequence(tag)
    const values = [read(items)]
    while (items.tag !== undefined) values.push(read(items))
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
    this.#takeInteger(tag)
    return this.#taken()
  }

  /** Magnitude of an INTEGER greater than zero, without the sign octet. */
  positiveInteger(): Bytes {
    this.#takeInteger(TAG.INTEGER)
    const first = this.#bytes[this.#from]!
    if (first === 0) this.#from++
    if (first >= 0x80 || this.#from === this.#at) throw new DerError('integer is not positive')
    return this.#taken()
  }

  /** An INTEGER between 0 and 2^31 - 1. */
  smallInteger(tag: number = TAG.INTEGER): number {
    this.#takeInteger(tag)
    if (this.#bytes[this.#from]! >= 0x80 || this.#at - this.#from > 4)
      throw new DerError('integer out of range')
    let value = 0
    for (let i = this.#from; i < this.#at; i++) value = value * 256 + this.#bytes[i]!
    return value
  }

  octetString(tag: number = TAG.OCTET_STRING): Bytes {
    this.#take(tag)
    return this.#taken()
  }

  /** A BIT STRING of whole octets. */
  bitString(): Bytes {
    this.#take(TAG.BIT_STRING)
    if (this.#from === this.#at || this.#bytes[this.#from] !== 0)
      throw new DerError('bit string is not whole octets')
    return this.#bytes.subarray(this.#from + 1, this.#at)
  }

  /** A named-bit list (X.690 §11.2.2): numbers of the set bits, trailing zero bits dropped. */
  namedBits(tag: number = TAG.BIT_STRING): number[] {
    this.#take(tag)
    return readNamedBits(this.#bytes, this.#from, this.#at)
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

  /** The content that was taken last. */
  #taken(): Bytes {
    return this.#bytes.subarray(this.#from, this.#at)
  }

  #takeInteger(tag: number): void {
    this.#take(tag)
    const octets = this.#at - this.#from
    if (octets === 0) throw new DerError('empty integer')
    const first = this.#bytes[this.#from]!
    const second = octets > 1 ? this.#bytes[this.#from + 1]! : undefined
    if (
      second !== undefined &&
      ((first === 0 && second < 0x80) || (first === 0xff && second >= 0x80))
    )
      throw new DerError('integer is not minimal')
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

function hexTag(tag: number | undefined): string {
  return tag === undefined ? 'nothing' : tag.toString(16).padStart(2, '0')
}
