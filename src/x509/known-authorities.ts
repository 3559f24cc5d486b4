import type { PublicKey } from '../crypto/public-key.ts'
import { isSameOctets } from '../encoding/octets.ts'
import { RecentMap } from '../encoding/recent-map.ts'
import type { X509Certificate } from './x509-certificate.ts'

interface Known {
  readonly certificate: X509Certificate
  /** SubjectPublicKeyInfo of the key that its signature was verified with. */
  readonly issuer: Uint8Array
}

/** Octets of DER, or characters of names where these are more: the authorities of several thousand bodies. */
const MAX_SIZE = 4 * 1024 * 1024

/**
 * Authorities whose signature holds: that does not change with time, so they are neither read nor verified
 * again. Whether they may be believed is asked every time.
 */
const known = new RecentMap<number, Known>(MAX_SIZE, ({ certificate: { der, issuer, subject } }) =>
  // The form in which a name is compared may be many times as long as the name itself.
  Math.max(der.length, issuer.key.length + subject.key.length),
)

/** The certificate with exactly these octets, if it is remembered. */
export function knownAuthority(der: Uint8Array): X509Certificate | undefined {
  const held = known.get(placeOf(der))
  return held && isSameOctets(held.certificate.der, der) ? held.certificate : undefined
}

/** Whether the signature of this certificate was found valid under this key. */
export function isSignatureKnown(certificate: X509Certificate, key: PublicKey): boolean {
  if (!mayBeKnown(certificate)) return false
  const held = known.get(placeOf(certificate.der))
  return held?.certificate === certificate && isSameOctets(held.issuer, key.spki)
}

/**
 * Remembers that the signature of this authority is valid under this key. Only for authorities of a path
 * whose signatures hold up to the anchor, so that strangers displace nothing.
 */
export function rememberSignature(certificate: X509Certificate, key: PublicKey): void {
  if (!mayBeKnown(certificate) || key.type === 'other' || isSignatureKnown(certificate, key)) return
  known.set(placeOf(certificate.der), { certificate, issuer: key.spki })
}

/** What a key of another suite is depends on which suites the reader has. */
function mayBeKnown({ basicConstraints, key }: X509Certificate): boolean {
  return basicConstraints?.cA === true && key !== undefined && key.type !== 'other'
}

/** Where to look, by the end of the signature; there is room for one at each place. */
function placeOf(der: Uint8Array): number {
  let place = 0
  for (let i = Math.max(0, der.length - 6); i < der.length; i++) place = place * 256 + der[i]!
  return place
}
