import { octetsToHex } from '../../encoding/octets.ts'
import { authoritiesOf, skiOf } from '../../trust/accept-crl.ts'
import type { TrustView } from '../../trust/trust-view.ts'
import type { TrustList } from '../../trust/trust-list.ts'
import { readX509, type X509Certificate } from '../../x509/x509-certificate.ts'
import type { NoticeSubject } from './security-notice.ts'

/** Whether a trust list of its state names the key of a notice. */
export function isListed(view: TrustView, subject: NoticeSubject): boolean {
  if ('x5tS256' in subject) return view.key(subject.x5tS256, subject.state) !== undefined
  const list = view.list(subject.state)
  return list !== undefined && isListedAuthority(list, subject.ski)
}

export function isListedAuthority(list: TrustList, ski: string): boolean {
  return authoritiesOf(list).some((authority) => skiOf(authority) === ski)
}

/** The seals of a list that a notice names, by thumbprint: the one, or all below a CA. */
export function sealsNamed(list: TrustList | undefined, subject: NoticeSubject): readonly string[] {
  if ('x5tS256' in subject) return [subject.x5tS256]
  if (!list) return []
  const below = authoritiesBelow(list, subject.ski)
  return list.keys
    .filter(({ usage, der }) => {
      const certificate = usage === 'seal' && readX509(der)
      return certificate && below.has(issuerOf(certificate))
    })
    .map(({ x5tS256 }) => x5tS256)
}

/** This CA and those that it certified, directly or not. */
function authoritiesBelow(list: TrustList, ski: string): ReadonlySet<string> {
  const authorities = authoritiesOf(list)
  const found = new Set([ski])
  for (let before = 0; before < found.size;) {
    before = found.size
    for (const authority of authorities)
      if (found.has(issuerOf(authority))) found.add(skiOf(authority))
  }
  return found
}

function issuerOf({ authorityKeyIdentifier }: X509Certificate): string {
  return octetsToHex(authorityKeyIdentifier?.keyIdentifier ?? new Uint8Array())
}
