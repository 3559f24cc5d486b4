import { digest, type HashName } from '../crypto/suite.ts'
import { type DerReader, decodeDer, TAG } from '../encoding/der.ts'
import { isSameOctets, octetsToHex } from '../encoding/octets.ts'
import type { X509Certificate } from './x509-certificate.ts'

type Bytes = Uint8Array<ArrayBuffer>

/** Which X.509 certificate is meant (RFC 6960 §4.1.1 CertID). */
export interface CertId {
  readonly hashAlgorithm: string
  readonly issuerNameHash: Bytes
  readonly issuerKeyHash: Bytes
  readonly serialNumber: string
}

const SHA_256 = '2.16.840.1.101.3.4.2.1'

/** Hashes that name an issuer here; SHA-1 would let one be passed off as another. */
const HASHES = new Map<string, HashName>([
  [SHA_256, 'SHA-256'],
  ['2.16.840.1.101.3.4.2.2', 'SHA-384'],
  ['2.16.840.1.101.3.4.2.3', 'SHA-512'],
])

export function readCertId(reader: DerReader): CertId {
  const id = reader.sequence()
  const algorithm = id.sequence()
  const hashAlgorithm = algorithm.oid()
  algorithm.optional(TAG.NULL)
  algorithm.end()
  const certId = {
    hashAlgorithm,
    issuerNameHash: id.octetString(),
    issuerKeyHash: id.octetString(),
    serialNumber: octetsToHex(id.integer()),
  }
  id.end()
  return certId
}

/** The hash by which an issuer is named; undefined for one that is not taken here. */
export function certIdHash({ hashAlgorithm }: CertId): HashName | undefined {
  return HASHES.get(hashAlgorithm)
}

/** Names an X.509 certificate by SHA-256 of its issuer's name and key. */
export async function certIdOf(
  { serialNumber }: X509Certificate,
  issuer: X509Certificate,
): Promise<CertId> {
  const [issuerNameHash, issuerKeyHash] = await Promise.all([
    digest('SHA-256', issuer.subject.der),
    digest('SHA-256', issuerKeyBits(issuer) ?? new Uint8Array()),
  ])
  return { hashAlgorithm: SHA_256, issuerNameHash, issuerKeyHash, serialNumber }
}

export function isSameCertId(a: CertId, b: CertId): boolean {
  return (
    a.hashAlgorithm === b.hashAlgorithm &&
    a.serialNumber === b.serialNumber &&
    isSameOctets(a.issuerNameHash, b.issuerNameHash) &&
    isSameOctets(a.issuerKeyHash, b.issuerKeyHash)
  )
}

/** The key's BIT STRING, which issuerKeyHash is over (RFC 6960 §4.1.1). */
export function issuerKeyBits({ spki }: X509Certificate): Uint8Array | undefined {
  const bits = decodeDer(spki, (reader) => {
    const fields = reader.sequence()
    fields.next(TAG.SEQUENCE)
    return { octets: fields.bitString() }
  })
  return 'malformed' in bits ? undefined : bits.octets
}
