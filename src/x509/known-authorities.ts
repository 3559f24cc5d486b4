import type { PublicKey } from '../crypto/public-key.ts'
import { isSameOctets, octetsToHex } from '../encoding/octets.ts'
import type { X509Certificate } from './x509-certificate.ts'

interface Known {
  readonly certificate: X509Certificate
  /** SubjectPublicKeyInfo of the key that its signature was verified with. */
  readonly issuer: Uint8Array
}

/** Octets of DER: the authorities of several thousand bodies. */
const MAX_OCTETS = 4 * 1024 * 1024

/**
 * Authorities whose signature holds, the least recently used first: that does not change with time, so
 * they are neither read nor verified again. Whether they may be believed is asked every time.
 */
const known = new Map<string, Known>()
let octetsKnown = 0

/** The certificate with exactly these octets, if it is remembered. */
export function knownAuthority(der: Uint8Array): X509Certificate | undefined {
  const name = nameOf(der)
  const held = known.get(name)
  if (!held || !isSameOctets(held.certificate.der, der)) return undefined
  known.delete(name)
  known.set(name, held)
  return held.certificate
}

/** Whether the signature of this certificate was found valid under this key. */
export function isSignatureKnown(certificate: X509Certificate, key: PublicKey): boolean {
  const held = known.get(nameOf(certificate.der))
  return held?.certificate === certificate && isSameOctets(held.issuer, key.spki)
}

/**
 * Remembers that the signature of this authority is valid under this key. Only for authorities of a path
 * whose signatures hold up to the anchor, so that strangers displace nothing.
 */
export function rememberSignature(certificate: X509Certificate, key: PublicKey): void {
  // What a key of another suite is depends on which suites the reader has.
  const isOther = key.type === 'other' || certificate.key?.type === 'other'
  if (!certificate.basicConstraints?.cA || !certificate.key || isOther) return
  if (isSignatureKnown(certificate, key)) return
  const name = nameOf(certificate.der)
  forget(name)
  known.set(name, { certificate, issuer: key.spki })
  octetsKnown += certificate.der.length
  while (octetsKnown > MAX_OCTETS) forget(known.keys().next().value!)
}

function forget(name: string): void {
  const held = known.get(name)
  if (!held) return
  known.delete(name)
  octetsKnown -= held.certificate.der.length
}

/** Where to look: the end of a certificate is the end of its signature. */
function nameOf(der: Uint8Array): string {
  return octetsToHex(der.subarray(-16))
}
