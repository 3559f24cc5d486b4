type Bytes = Uint8Array<ArrayBuffer>

/** One element; its octets are cut out when they are asked for. */
export class DerElement {
  /** What it stands in, and where: it begins at `start`, its content reaches from `from` to before `end`. */
  readonly bytes: Bytes
  readonly start: number
  readonly from: number
  readonly end: number

  constructor(bytes: Bytes, start: number, from: number, end: number) {
    this.bytes = bytes
    this.start = start
    this.from = from
    this.end = end
  }

  get tag(): number {
    return this.bytes[this.start]!
  }

  get content(): Bytes {
    return this.bytes.subarray(this.from, this.end)
  }

  /** Identifier, length and content. */
  get raw(): Bytes {
    return this.bytes.subarray(this.start, this.end)
  }
}
