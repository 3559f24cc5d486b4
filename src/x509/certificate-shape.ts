import { EXTENSION } from './oids.ts'
import { invalid } from './path-result.ts'
import type { InvalidPlain } from './path-result.ts'
import type { X509Certificate } from './x509-certificate.ts'

/** A rule on conforming authorities; what it says is what was found wrong. */
type ShapeRule = (certificate: X509Certificate) => string | false | undefined

const MAX_SERIAL_OCTETS = 20

/** Rule P13: what RFC 5280 demands of authorities, one line a rule, checked on every validation. */
const RULES: readonly ShapeRule[] = [
  ({ serialNumber }) => /^[89a-f]/.test(serialNumber) && 'serial number negative (§4.1.2.2)',
  ({ serialNumber }) => /^(00)+$/.test(serialNumber) && 'serial number zero (§4.1.2.2)',
  ({ serialNumber }) =>
    serialNumber.length > MAX_SERIAL_OCTETS * 2 && 'serial number over 20 octets (§4.1.2.2)',
  (c) => isCa(c) && c.subject.key === '' && 'authority without a subject (§4.1.2.6)',
  (c) => isCa(c) && !c.subjectKeyIdentifier && 'authority without key identifier (§4.2.1.2)',
  (c) =>
    !c.authorityKeyIdentifier?.keyIdentifier &&
    !c.isSelfIssued &&
    "issuer's key identifier absent (§4.2.1.1)",
  (c) => isCritical(c, EXTENSION.subjectKeyIdentifier) && 'key identifier critical (§4.2.1.2)',
  (c) => isCritical(c, EXTENSION.authorityKeyIdentifier) && 'key identifier critical (§4.2.1.1)',
  (c) =>
    isCa(c) &&
    !isCritical(c, EXTENSION.basicConstraints) &&
    'basic constraints not critical (§4.2.1.9)',
  (c) =>
    c.keyUsage &&
    c.keyUsage.includes('keyCertSign') !== isCa(c) &&
    'keyCertSign and cA disagree (§4.2.1.9)',
  (c) => isCa(c) && !c.keyUsage && 'authority without key usage (§4.2.1.3)',
  (c) =>
    c.basicConstraints?.pathLenConstraint !== undefined &&
    !(isCa(c) && c.keyUsage?.includes('keyCertSign')) &&
    'path length without authority (§4.2.1.9)',
  (c) => c.nameConstraints && !isCa(c) && 'name constraints outside an authority (§4.2.1.10)',
  (c) => isPlain(c, EXTENSION.nameConstraints) && 'name constraints not critical (§4.2.1.10)',
  (c) => isPlain(c, EXTENSION.policyConstraints) && 'policy constraints not critical (§4.2.1.11)',
  (c) =>
    c.subject.key === '' &&
    !isCritical(c, EXTENSION.subjectAltName) &&
    'subject empty without critical alternative name (§4.2.1.6)',
  (c) => isCritical(c, EXTENSION.authorityInfoAccess) && 'information access critical (§4.2.2.1)',
]

/** The first rule on the shape of conforming certificates that one breaks (P13). */
export function checkShape(certificate: X509Certificate, index: number): InvalidPlain | undefined {
  for (const rule of RULES) {
    const fault = rule(certificate)
    if (fault) return invalid('shape-not-conforming', index, fault)
  }
  return undefined
}

function isCa({ basicConstraints }: X509Certificate): boolean {
  return basicConstraints?.cA === true
}

function isCritical({ extensions }: X509Certificate, oid: string): boolean {
  return extensions.some((extension) => extension.oid === oid && extension.critical)
}

function isPlain({ extensions }: X509Certificate, oid: string): boolean {
  return extensions.some((extension) => extension.oid === oid && !extension.critical)
}
