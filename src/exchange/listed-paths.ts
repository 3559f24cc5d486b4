import { decodeBase64 } from '../encoding/base64url.ts'
import { authoritiesOf } from '../trust/accept-crl.ts'
import type { TrustKey, TrustList } from '../trust/trust-list.ts'
import { parseX509Certificate } from '../x509/x509-certificate.ts'

/** Paths of a listed key: its entry holds the leaf alone, its issuer is one of the CAs of the same list. */
export function listedPaths(list: TrustList, { der }: Pick<TrustKey, 'der'>): Uint8Array[][] {
  const leaf = decodeBase64(der)!
  const certificate = parseX509Certificate(leaf)
  if ('malformed' in certificate) return []
  return authoritiesOf(list)
    .filter(({ subject }) => subject.key === certificate.issuer.key)
    .map((authority) => [leaf, authority.der])
}
