import type { Crl } from './crl.ts'
import type { DistinguishedName } from './distinguished-name.ts'

/** Evidence about revocation, already fetched: validation asks no network. */
export interface CrlSource {
  /** Every CRL at hand that names `issuer` as its issuer, in no order. */
  find(issuer: DistinguishedName): readonly Crl[]
}

/** A source over a fixed set of lists. */
export function crlSource(crls: Iterable<Crl>): CrlSource {
  const byIssuer = new Map<string, Crl[]>()
  for (const crl of crls) {
    const held = byIssuer.get(crl.issuer.key)
    if (held) held.push(crl)
    else byIssuer.set(crl.issuer.key, [crl])
  }
  return { find: (issuer) => byIssuer.get(issuer.key) ?? [] }
}
