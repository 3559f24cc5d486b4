import { formatInstant } from '../encoding/time.ts'
import { isSameName } from '../x509/distinguished-name.ts'
import { isSameOctets } from '../encoding/octets.ts'
import { readX509, type X509Certificate } from '../x509/x509-certificate.ts'
import { authoritiesOf, skiOf } from './accept-crl.ts'
import type { TrustList } from './trust-list.ts'

/** An X.509 certificate that a trust list names, and the authorities that lead from it to the root. */
export interface OcspTarget {
  readonly state: string
  readonly certificate: X509Certificate
  readonly issuer: X509Certificate
  /** Subject key identifier of the issuer, lower-case hex. */
  readonly ski: string
  /** This one first, without the root. */
  readonly x5c: readonly Uint8Array[]
  readonly root: X509Certificate
}

/** More keys than that a state does not use at once; further ones are known by CRLs alone. */
const MAX_KEYS = 2000
const MAX_AUTHORITIES_ABOVE = 5

/**
 * Authorities and keys of a list, in use or all that it names, whose way to a pinned root is known. Nothing
 * is verified: that is for who takes a response about one.
 */
export function ocspTargets(
  list: TrustList,
  roots: readonly X509Certificate[],
  now: Date,
  which: 'in-use' | 'listed' = 'in-use',
): OcspTarget[] {
  const at = formatInstant(now)
  const authorities = authoritiesOf(list)
  const isInUse = ({ removedAt, until }: TrustList['keys'][number]) =>
    (removedAt === undefined || removedAt > at) && (until === undefined || until >= at)
  const inUse = list.keys.filter(isInUse)
  const ended = which === 'listed' ? list.keys.filter((key) => !isInUse(key)) : []
  const keys = [...ended, ...inUse].slice(-MAX_KEYS).flatMap(({ der }) => readX509(der) ?? [])
  return [...authorities, ...keys].flatMap((certificate): OcspTarget[] => {
    if (certificate.notAfter < now) return []
    const way = wayUp(certificate, authorities, roots)
    if (!way) return []
    const { above, root } = way
    const issuer = above[0] ?? root
    const x5c = [certificate, ...above].map(({ der }) => der)
    return [{ state: list.state, certificate, issuer, ski: skiOf(issuer), x5c, root }]
  })
}

function wayUp(
  certificate: X509Certificate,
  authorities: readonly X509Certificate[],
  roots: readonly X509Certificate[],
): { above: X509Certificate[]; root: X509Certificate } | undefined {
  const above: X509Certificate[] = []
  let last = certificate
  while (above.length <= MAX_AUTHORITIES_ABOVE) {
    if (roots.some(({ der }) => isSameOctets(der, last.der))) return undefined
    const root = roots.find((candidate) => mayHaveIssued(candidate, last))
    if (root) return { above, root }
    const next = authorities.find((candidate) => mayHaveIssued(candidate, last))
    if (!next) return undefined
    above.push(next)
    last = next
  }
  return undefined
}

function mayHaveIssued(issuer: X509Certificate, certificate: X509Certificate): boolean {
  const [own, named] = [
    issuer.subjectKeyIdentifier,
    certificate.authorityKeyIdentifier?.keyIdentifier,
  ]
  return (
    isSameName(issuer.subject, certificate.issuer) &&
    own !== undefined &&
    named !== undefined &&
    isSameOctets(own, named)
  )
}
