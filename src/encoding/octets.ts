import { asciiRoom, asciiText } from './ascii.ts'

const DIGITS = new TextEncoder().encode('0123456789abcdef')

/** Lower-case hexadecimal, two digits an octet. */
export function octetsToHex(octets: Uint8Array): string {
  const text = asciiRoom(octets.length * 2)
  let at = 0
  for (const octet of octets) {
    text[at++] = DIGITS[octet >> 4]!
    text[at++] = DIGITS[octet & 15]!
  }
  return asciiText(text)
}

/** The inverse of `octetsToHex`, for text that is known to be one. */
export function hexToOctets(hex: string): Uint8Array<ArrayBuffer> {
  const octets = new Uint8Array(hex.length / 2)
  for (let i = 0; i < octets.length; i++) octets[i] = parseInt(hex.slice(i * 2, i * 2 + 2), 16)
  return octets
}

export function isSameOctets(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && startsWith(a, b)
}

export function startsWith(octets: Uint8Array, start: Uint8Array): boolean {
  for (let i = 0; i < start.length; i++) if (octets[i] !== start[i]) return false
  return true
}
