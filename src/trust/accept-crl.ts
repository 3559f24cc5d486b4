import { verifyX509Signature } from '../crypto/suite.ts'
import { decodeBase64 } from '../encoding/base64url.ts'
import { parseCrl, type Crl } from '../x509/crl.ts'
import { parseX509Certificate, type X509Certificate } from '../x509/x509-certificate.ts'
import type { TrustList } from './trust-list.ts'

/**
 * Checks that a CRL was signed by the root or a CA of a trust list, before it is kept: what it says of a
 * certificate is for path validation to judge. `ski` names the CA.
 */
export async function verifyCrl(
  der: Uint8Array,
  list: TrustList,
): Promise<{ crl: Crl; ski: string } | { refused: string }> {
  const crl = parseCrl(der)
  if ('malformed' in crl) return { refused: `it is not a CRL: ${crl.malformed}` }
  for (const ca of authoritiesOf(list)) {
    if (ca.subject.key !== crl.issuer.key || !ca.key) continue
    const verdict = await verifyX509Signature(
      crl.signatureAlgorithm,
      ca.key,
      crl.signature,
      crl.tbs,
    )
    if (verdict === 'valid') return { crl, ski: skiOf(ca) }
  }
  return { refused: 'no CA of the trust list signed it' }
}

/** Root and CAs of a list. */
export function authoritiesOf(list: TrustList): X509Certificate[] {
  return [list.root, ...list.cas].flatMap((text) => {
    const certificate = parseX509Certificate(decodeBase64(text) ?? new Uint8Array())
    return 'malformed' in certificate ? [] : [certificate]
  })
}

/** Subject key identifier as lower-case hex: the name under which a CA's CRL is published. */
export function skiOf(certificate: X509Certificate): string {
  const bytes = certificate.subjectKeyIdentifier ?? new Uint8Array()
  return [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('')
}
