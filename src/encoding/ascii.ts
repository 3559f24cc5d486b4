const room = new Uint8Array(4096)
const decoder = new TextDecoder()

/** Room for so many ASCII characters until the next call; many times cheaper than joining texts. */
export function asciiRoom(length: number): Uint8Array<ArrayBuffer> {
  return length <= room.length ? room.subarray(0, length) : new Uint8Array(length)
}

/** The text whose ASCII characters these octets are. */
export function asciiText(octets: Uint8Array): string {
  return decoder.decode(octets)
}

/** The text of octets that may be anything; undefined unless every one of them is ASCII. */
export function asciiOf(octets: Uint8Array): string | undefined {
  let bits = 0
  for (const octet of octets) bits |= octet
  return bits < 0x80 ? asciiText(octets) : undefined
}
