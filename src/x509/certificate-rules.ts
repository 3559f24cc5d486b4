import { isSameOctets } from '../encoding/octets.ts'
import { EXTENSION } from './oids.ts'
import { invalid } from './path-result.ts'
import type { InvalidPlain } from './path-result.ts'
import type { X509Certificate } from './x509-certificate.ts'

/** Extensions that path validation understands, critical or not. */
const KNOWN_EXTENSIONS: readonly string[] = [
  EXTENSION.subjectKeyIdentifier,
  EXTENSION.keyUsage,
  EXTENSION.subjectAltName,
  EXTENSION.issuerAltName,
  EXTENSION.basicConstraints,
  EXTENSION.nameConstraints,
  EXTENSION.crlDistributionPoints,
  EXTENSION.certificatePolicies,
  EXTENSION.policyMappings,
  EXTENSION.authorityKeyIdentifier,
  EXTENSION.policyConstraints,
  EXTENSION.extendedKeyUsage,
  EXTENSION.inhibitAnyPolicy,
]

/** What holds for every certificate of a path, the anchor included (P3, P5, P6, P12, R6). */
export function checkCertificate(
  certificate: X509Certificate,
  index: number,
  rsaMinBits: number,
): InvalidPlain | undefined {
  const { key, version, extensions } = certificate
  if (version !== 3) return invalid('version-not-supported', index, `version ${version}`)
  const [repeated] = certificate.repeatedExtensions
  if (repeated) return invalid('extension-repeated', index, repeated)
  const strange = extensions.find(
    ({ oid, critical }) => critical && !KNOWN_EXTENSIONS.includes(oid),
  )
  if (strange) return invalid('extension-unknown-critical', index, strange.oid)
  if (certificate.issuer.key === '') return invalid('name-empty', index, 'no issuer')
  if (!isSameOctets(certificate.signatureAlgorithm, certificate.tbsSignatureAlgorithm))
    return invalid('signature-algorithm-mismatch', index, 'inside and outside differ')
  if (!key) return invalid('key-not-allowed', index, 'key outside the suite')
  if (key.type === 'RSA' && key.bits < rsaMinBits)
    return invalid('key-not-allowed', index, `RSA with ${key.bits} bits`)
  return undefined
}
