import { octetsToHex } from '../encoding/octets.ts'
import type { OcspResponse } from './ocsp-response.ts'
import type { X509Certificate } from './x509-certificate.ts'

/** What of an X.509 certificate responses about it are found by. */
export interface NameForOcsp {
  readonly serialNumber: string
  /** Key identifier of the issuer, lower-case hex; empty when the certificate tells none. */
  readonly issuerSki: string
}

/** OCSP responses already fetched: validation asks no network. */
export interface OcspSource {
  /** Every response at hand that may be about the certificate, in no order. */
  find(certificate: NameForOcsp): readonly OcspResponse[]
  /** The evidence that counts for paths to a root of this state. */
  of(state: string): OcspSource
}

/** A kept response, with what it was kept about. */
export interface KeptOcspResponse extends NameForOcsp {
  readonly state: string
  readonly response: OcspResponse
}

export function nameForOcsp(certificate: X509Certificate): NameForOcsp {
  const issuer = certificate.authorityKeyIdentifier?.keyIdentifier
  return {
    serialNumber: certificate.serialNumber,
    issuerSki: octetsToHex(issuer ?? new Uint8Array()),
  }
}

/** A source over a fixed set of responses, each about everything that it names, for every state. */
export function ocspSource(responses: Iterable<OcspResponse>): OcspSource {
  const bySerial = new Map<string, OcspResponse[]>()
  for (const response of responses)
    for (const serial of new Set(response.responses.map(({ certId }) => certId.serialNumber)))
      add(bySerial, serial, response)
  const source: OcspSource = {
    find: ({ serialNumber }) => bySerial.get(serialNumber) ?? [],
    of: () => source,
  }
  return source
}

/**
 * A source over kept responses, each about the one certificate it was kept for: what else stands in it, or
 * what another state serves, is nothing that a validation would have to look at.
 */
export function keptOcspSource(kept: readonly KeptOcspResponse[]): OcspSource {
  const states = new Set(kept.map(({ state }) => state))
  const byState = new Map(
    [...states].map((one): [string, OcspSource] => [
      one,
      byNames(kept.filter(({ state }) => state === one)),
    ]),
  )
  const none = byNames([])
  return { ...byNames(kept), of: (state) => byState.get(state) ?? none }
}

function byNames(kept: readonly KeptOcspResponse[]): OcspSource {
  const byName = new Map<string, OcspResponse[]>()
  for (const { response, ...name } of kept) add(byName, keyOf(name), response)
  const source: OcspSource = {
    find: (name) => (byName.size === 0 ? NOTHING : (byName.get(keyOf(name)) ?? NOTHING)),
    of: () => source,
  }
  return source
}

const NOTHING: readonly OcspResponse[] = []

function keyOf({ serialNumber, issuerSki }: NameForOcsp): string {
  return `${issuerSki} ${serialNumber}`
}

function add<V>(into: Map<string, V[]>, key: string, value: V): void {
  const held = into.get(key)
  if (held) held.push(value)
  else into.set(key, [value])
}
