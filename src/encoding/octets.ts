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

export function isSameOctets(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false
  return true
}
