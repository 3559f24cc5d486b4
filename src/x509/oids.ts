/**
 * The exchange's private arc. Everything the exchange itself names hangs below it, so that agreeing
 * on a registered arc changes one line.
 */
const EXCHANGE_ARC = '1.3.6.1.4.1.99999'

/** Certificate policy that every certificate below a state root carries (trust profile P10). */
export const EXCHANGE_POLICY = `${EXCHANGE_ARC}.2.1`

/** Extended key usages (RFC 5280 §4.2.1.12, RFC 9336 §3.1). */
export const EKU = {
  any: '2.5.29.37.0',
  documentSigning: '1.3.6.1.5.5.7.3.36',
  ocspSigning: '1.3.6.1.5.5.7.3.9',
  exchangeNode: `${EXCHANGE_ARC}.1.1`,
  statusSigner: `${EXCHANGE_ARC}.1.2`,
  trustListSigner: `${EXCHANGE_ARC}.1.3`,
} as const

/** Access methods of authorityInfoAccess (RFC 5280 §4.2.2.1). */
export const ACCESS_METHOD = { ocsp: '1.3.6.1.5.5.7.48.1' } as const

export const ANY_POLICY = '2.5.29.32.0'

/** Extensions of certificates, CRLs and CRL entries (RFC 5280 §4.2, §5.2, §5.3). */
export const EXTENSION = {
  subjectKeyIdentifier: '2.5.29.14',
  keyUsage: '2.5.29.15',
  subjectAltName: '2.5.29.17',
  issuerAltName: '2.5.29.18',
  basicConstraints: '2.5.29.19',
  crlNumber: '2.5.29.20',
  reasonCode: '2.5.29.21',
  invalidityDate: '2.5.29.24',
  deltaCrlIndicator: '2.5.29.27',
  issuingDistributionPoint: '2.5.29.28',
  certificateIssuer: '2.5.29.29',
  nameConstraints: '2.5.29.30',
  crlDistributionPoints: '2.5.29.31',
  certificatePolicies: '2.5.29.32',
  policyMappings: '2.5.29.33',
  authorityKeyIdentifier: '2.5.29.35',
  policyConstraints: '2.5.29.36',
  extendedKeyUsage: '2.5.29.37',
  freshestCrl: '2.5.29.46',
  /** X.509 §9.5.2.8, not in RFC 5280. */
  expiredCertsOnCrl: '2.5.29.60',
  inhibitAnyPolicy: '2.5.29.54',
  authorityInfoAccess: '1.3.6.1.5.5.7.1.1',
  ocspNoCheck: '1.3.6.1.5.5.7.48.1.5',
} as const
