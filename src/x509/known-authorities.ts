import type { PublicKey } from '../crypto/public-key.ts'
import { isSameOctets } from '../encoding/octets.ts'
import type { X509Certificate } from './x509-certificate.ts'

interface Known {
  readonly certificate: X509Certificate
  /** SubjectPublicKeyInfo of the key that its signature was verified with. */
  readonly issuer: Uint8Array
}

/** Octets of DER, or characters of names where these are more: the authorities of several thousand bodies. */
const MAX_SIZE = 4 * 1024 * 1024

/**
 * Authorities whose signature holds, the least recently used first: that does not change with time, so
 * they are neither read nor verified again. Whether they may be believed is asked every time.
 */
const known = new Map<number, Known>()
let sizeKnown = 0

/** The certificate with exactly these octets, if it is remembered. */
export function knownAuthority(der: Uint8Array): X509Certificate | undefined {
  const place = placeOf(der)
  const held = known.get(place)
  if (!held || !isSameOctets(held.certificate.der, der)) return undefined
  known.delete(place)
  known.set(place, held)
  return held.certificate
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
  const place = placeOf(certificate.der)
  forget(place)
  known.set(place, { certificate, issuer: key.spki })
  sizeKnown += sizeOf(certificate)
  while (sizeKnown > MAX_SIZE) forget(known.keys().next().value!)
}

/** What a key of another suite is depends on which suites the reader has. */
function mayBeKnown({ basicConstraints, key }: X509Certificate): boolean {
  return basicConstraints?.cA === true && key !== undefined && key.type !== 'other'
}

function forget(place: number): void {
  const held = known.get(place)
  if (!held) return
  known.delete(place)
  sizeKnown -= sizeOf(held.certificate)
}

/** The form in which a name is compared may be many times as long as the name itself. */
function sizeOf({ der, issuer, subject }: X509Certificate): number {
  return Math.max(der.length, issuer.key.length + subject.key.length)
}

/** Where to look, by the end of the signature; there is room for one at each place. */
function placeOf(der: Uint8Array): number {
  let place = 0
  for (let i = Math.max(0, der.length - 6); i < der.length; i++) place = place * 256 + der[i]!
  return place
}
