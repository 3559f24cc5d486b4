import type { Crl } from './crl.ts'
import type { DistinguishedName } from './distinguished-name.ts'

/** Evidence about revocation, already fetched: validation asks no network. */
export interface CrlSource {
  /** Every CRL at hand that names `issuer` as its issuer, in no order. */
  find(issuer: Pick<DistinguishedName, 'key'>): readonly Crl[]
  /** The evidence that counts for paths to a root of this state. */
  of(state: string): CrlSource
}

/** A kept CRL, with the state whose node served it. */
export interface KeptCrl {
  readonly state: string
  readonly crl: Crl
}

/** A source over a fixed set of lists, for every state. */
export function crlSource(crls: Iterable<Crl>): CrlSource {
  const byIssuer = indexed(crls)
  const source: CrlSource = { find: (issuer) => byIssuer.get(issuer.key) ?? [], of: () => source }
  return source
}

/** A source over kept lists: what one state serves does not count for authorities of another. */
export function keptCrlSource(kept: readonly KeptCrl[]): CrlSource {
  const all = crlSource(kept.map(({ crl }) => crl))
  const states = new Set(kept.map(({ state }) => state))
  const byState = new Map(
    [...states].map((one): [string, CrlSource] => [
      one,
      crlSource(kept.filter(({ state }) => state === one).map(({ crl }) => crl)),
    ]),
  )
  const none = crlSource([])
  return { find: (issuer) => all.find(issuer), of: (state) => byState.get(state) ?? none }
}

function indexed(crls: Iterable<Crl>): ReadonlyMap<string, readonly Crl[]> {
  const byIssuer = new Map<string, Crl[]>()
  for (const crl of crls) {
    const held = byIssuer.get(crl.issuer.key)
    if (held) held.push(crl)
    else byIssuer.set(crl.issuer.key, [crl])
  }
  return byIssuer
}
