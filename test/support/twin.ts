/** n of P-256, from FIPS 186-4 D.1.2.3 in decimal: not the constant of the product. */
const ORDER = 115792089210356248762697446949407573529996955224135760342422259061068512044369n

/** What anybody makes of a document under ES256 without a key: (r, n − s) in the place of (r, s). */
export function twinOf(jws: string): string {
  const last = jws.lastIndexOf('.')
  const signature = Buffer.from(jws.slice(last + 1), 'base64url')
  if (signature.length !== 64) throw new Error('It is not signed with ES256')
  const s = ORDER - BigInt(`0x${signature.subarray(32).toString('hex')}`)
  const other = Buffer.from(s.toString(16).padStart(64, '0'), 'hex')
  return `${jws.slice(0, last)}.${Buffer.concat([signature.subarray(0, 32), other]).toString('base64url')}`
}
