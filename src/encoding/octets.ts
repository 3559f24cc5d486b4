const HEX = Array.from({ length: 256 }, (_, octet) => octet.toString(16).padStart(2, '0'))

/** Lower-case hexadecimal, two digits an octet. */
export function octetsToHex(octets: Uint8Array): string {
  let text = ''
  for (const octet of octets) text += HEX[octet]!
  return text
}

export function isSameOctets(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false
  return true
}
