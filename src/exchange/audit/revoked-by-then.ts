import type { Trust } from '../../trust/trust.ts'
import type { CrlSource } from '../../x509/crl-source.ts'
import type { Crl } from '../../x509/crl.ts'
import type { OcspResponse } from '../../x509/ocsp-response.ts'
import type { OcspSource } from '../../x509/ocsp-source.ts'

/**
 * Trust without the revocations that were made after an instant, whatever earlier date of invalidity they
 * name: what a node could know of them by then. All else that the evidence says stays.
 */
export function withoutLaterRevocations(trust: Trust, at: Date): Trust {
  return { ...trust, crls: crlsBy(trust.crls, at), ocsp: ocspBy(trust.ocsp, at) }
}

function crlsBy(source: CrlSource, at: Date): CrlSource {
  return {
    find: (issuer) => source.find(issuer).map((crl) => listBy(crl, at)),
    of: (state) => crlsBy(source.of(state), at),
  }
}

interface Shortened {
  /** When its entries were revoked, milliseconds. */
  readonly dates: readonly number[]
  last?: { readonly dropped: number; readonly crl: Crl }
}

/** Documents come in the order of the log: mostly the same entries of a list are left out as before. */
const shortened = new WeakMap<Crl, Shortened>()

function listBy(crl: Crl, at: Date): Crl {
  let known = shortened.get(crl)
  if (!known) {
    known = { dates: [...crl.entries.values()].map(({ revokedAt }) => revokedAt.getTime()) }
    shortened.set(crl, known)
  }
  const dropped = known.dates.filter((date) => date > at.getTime()).length
  if (dropped === 0) return crl
  if (known.last?.dropped !== dropped) {
    const entries = new Map([...crl.entries].filter(([, { revokedAt }]) => revokedAt <= at))
    // What is remembered of paths under the whole list must not serve under this one: it has another identity.
    known.last = { dropped, crl: { ...crl, id: `${crl.id} but ${dropped}`, entries } }
  }
  return known.last.crl
}

function ocspBy(source: OcspSource, at: Date): OcspSource {
  return {
    find: (certificate) => source.find(certificate).flatMap((response) => responseBy(response, at)),
    of: (state) => ocspBy(source.of(state), at),
  }
}

function responseBy(response: OcspResponse, at: Date): OcspResponse[] {
  const isLater = ({ status }: OcspResponse['responses'][number]) =>
    status.status === 'revoked' && status.revokedAt > at
  const responses = response.responses.filter((single) => !isLater(single))
  const dropped = response.responses.length - responses.length
  if (dropped === 0) return [response]
  return responses.length === 0
    ? []
    : [{ ...response, id: `${response.id} but ${dropped}`, responses }]
}
