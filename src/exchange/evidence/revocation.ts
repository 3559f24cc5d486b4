import { octetsToHex } from '../../encoding/octets.ts'
import { parseJws } from '../../jose/parse.ts'
import type { TrustStore } from '../../trust/trust-store.ts'
import { readX509, type X509Certificate } from '../../x509/x509-certificate.ts'

export interface RevocationAtHand {
  /** Base64 DER, in an order that depends on nothing but what they are. */
  readonly crls: readonly string[]
  readonly ocspResponses: readonly string[]
  /** Key identifiers of authorities, lower-case hex, of whose certificates nothing tells here. */
  readonly uncovered: readonly string[]
}

/**
 * CRLs and OCSP responses at hand, by CAs of these states, about the signing certificates of documents.
 *
 * @param signers the documents, and paths (x5c) of who is to sign yet
 */
export async function revocationOf(
  store: Pick<TrustStore, 'crl' | 'ocspResponse'>,
  signers: {
    readonly documents: readonly string[]
    readonly paths: readonly (readonly string[])[]
  },
  states: readonly string[],
): Promise<RevocationAtHand> {
  const certificates = new Map<string, X509Certificate>()
  for (const text of [...signers.documents.map(chainOf), ...signers.paths].flat()) {
    const certificate = readX509(text)
    if (certificate) certificates.set(text, certificate)
  }
  const wanted = [...certificates.values()].map((certificate) => ({
    serial: certificate.serialNumber,
    ski: octetsToHex(certificate.authorityKeyIdentifier?.keyIdentifier ?? new Uint8Array()),
  }))
  const authorities = new Set(wanted.map(({ ski }) => ski))
  const serials = new Set(wanted.map(({ serial }) => serial))
  const [crls, responses] = await Promise.all([
    askEach(states, authorities, (state, ski) => store.crl(state, ski)),
    askEach(states, serials, (state, serial) => store.ocspResponse(state, serial)),
  ])
  const lists = crls.filter((crl) => crl !== undefined)
  const answers = responses.flat().filter(({ ski }) => authorities.has(ski))
  const listed = new Set(lists.map(({ ski }) => ski))
  const answered = new Set(answers.map(({ ski, serial }) => `${ski} ${serial}`))
  const uncovered = wanted.filter(
    ({ ski, serial }) => !listed.has(ski) && !answered.has(`${ski} ${serial}`),
  )
  return {
    crls: lists.map(({ der }) => der).toSorted(),
    ocspResponses: answers.map(({ der }) => der).toSorted(),
    uncovered: [...new Set(uncovered.map(({ ski }) => ski))].toSorted(),
  }
}

/** Each by its key: a node may keep the lists of thousands of authorities. */
function askEach<T>(
  states: readonly string[],
  names: ReadonlySet<string>,
  ask: (state: string, name: string) => Promise<T>,
): Promise<T[]> {
  return Promise.all(states.flatMap((state) => [...names].map((name) => ask(state, name))))
}

function chainOf(jws: string): readonly string[] {
  const parsed = parseJws(jws)
  return 'malformed' in parsed ? [] : parsed.header.x5c
}
