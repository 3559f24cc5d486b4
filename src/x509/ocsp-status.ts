import { digest, type HashName, verifyX509Signature } from '../crypto/suite.ts'
import type { PublicKey } from '../crypto/public-key.ts'
import { decodeDer, TAG } from '../encoding/der.ts'
import { isSameOctets } from '../encoding/octets.ts'
import { decisiveAt } from './crl.ts'
import { isSameName } from './distinguished-name.ts'
import { EKU } from './oids.ts'
import type { CertId, OcspResponse, SingleResponse } from './ocsp-response.ts'
import type { UnknownCode } from './path-result.ts'
import type { RevocationStatus } from './revocation.ts'
import type { X509Certificate } from './x509-certificate.ts'

export interface OcspQuery {
  readonly certificate: X509Certificate
  /** The validated authority that issued it. */
  readonly issuer: { readonly certificate: X509Certificate; readonly key: PublicKey }
  readonly responses: readonly OcspResponse[]
  /** Responders known from elsewhere, for responses that bring no X.509 certificate. */
  readonly responders: readonly X509Certificate[]
  /** The instant whose status is asked. */
  readonly at: Date
  /** The instant at which a response must be current; not before `at`. */
  readonly now: Date
  readonly maxAgeDays: number
  /** Whether the responder is validly certified by the issuing authority, as of `now`. */
  validResponder(responder: X509Certificate): Promise<boolean>
}

type Unknown = Extract<RevocationStatus, { status: 'unknown' }>

const DAY_MS = 86_400_000

/** Hashes that name an issuer here; SHA-1 would let one be passed off as another. */
const HASHES = new Map<string, HashName>([
  ['2.16.840.1.101.3.4.2.1', 'SHA-256'],
  ['2.16.840.1.101.3.4.2.2', 'SHA-384'],
  ['2.16.840.1.101.3.4.2.3', 'SHA-512'],
])

/**
 * Status of one X.509 certificate by OCSP (RFC 6960 §3.2, trust profile R2). Any acceptable response that
 * revokes decides; silence, staleness and "unknown" are unknown.
 */
export async function ocspStatus(query: OcspQuery): Promise<RevocationStatus> {
  let good: RevocationStatus | undefined
  let failure = unknownStatus('ocsp-missing', 'no response about the certificate is at hand')
  for (const response of query.responses) {
    for (const single of response.responses) {
      if (single.certId.serialNumber !== query.certificate.serialNumber) continue
      const answer = await statusBy(response, single, query)
      if (answer.status === 'revoked') return answer
      if (answer.status === 'good') good = answer
      else failure = answer
    }
  }
  return good ?? failure
}

async function statusBy(
  response: OcspResponse,
  single: SingleResponse,
  query: OcspQuery,
): Promise<RevocationStatus> {
  const { at, now, maxAgeDays } = query
  if (!(await isAbout(single.certId, query)))
    return unknownStatus('ocsp-missing', 'the response is about another certificate')
  const unsupported = response.notSupported ?? single.notSupported
  if (unsupported) return unknownStatus('ocsp-not-supported', unsupported)
  const { thisUpdate, nextUpdate } = single
  if (!nextUpdate) return unknownStatus('ocsp-not-supported', 'the response has no nextUpdate')
  if (thisUpdate > now)
    return unknownStatus('ocsp-too-early', `valid from ${thisUpdate.toISOString()}`)
  const byPolicy = new Date(thisUpdate.getTime() + maxAgeDays * DAY_MS)
  const until = nextUpdate < byPolicy ? nextUpdate : byPolicy
  const isCurrent = now <= until
  if (!isCurrent && !(thisUpdate <= at && at <= until))
    return unknownStatus('ocsp-stale', `current until ${until.toISOString()}`)
  if (!(await isSignedByResponder(response, query)))
    return unknownStatus('ocsp-signature-invalid', 'no responder of the issuer signed the response')
  const { status } = single
  if (status.status === 'unknown')
    return unknownStatus('ocsp-unknown', 'the responder does not know the certificate')
  if (status.status === 'revoked' && decisiveAt(status) <= at) return status
  const lastGood = status.status === 'revoked' ? decisiveAt(status).getTime() - 1 : until.getTime()
  return {
    status: 'good',
    from: isCurrent ? query.certificate.notBefore : thisUpdate,
    until: new Date(Math.min(lastGood, until.getTime())),
  }
}

/** All four parts of the CertID (R2): a serial number alone is one of many issuers. */
async function isAbout(id: CertId, { certificate, issuer }: OcspQuery): Promise<boolean> {
  const hash = HASHES.get(id.hashAlgorithm)
  const keyBits = publicKeyBits(issuer.certificate.spki)
  if (!hash || !keyBits || id.serialNumber !== certificate.serialNumber) return false
  const [name, key] = await Promise.all([
    digest(hash, issuer.certificate.subject.der),
    digest(hash, keyBits),
  ])
  return isSameOctets(name, id.issuerNameHash) && isSameOctets(key, id.issuerKeyHash)
}

function publicKeyBits(spki: Uint8Array): Uint8Array | undefined {
  const bits = decodeDer(spki, (reader) => {
    const fields = reader.sequence()
    fields.next(TAG.SEQUENCE)
    return { octets: fields.bitString() }
  })
  return 'malformed' in bits ? undefined : bits.octets
}

/** Signed by the authority itself, or by a responder that it issued for that (RFC 6960 §4.2.2.2). */
async function isSignedByResponder(response: OcspResponse, query: OcspQuery): Promise<boolean> {
  const { issuer } = query
  if (isNamed(response, issuer.certificate) && (await isSignedBy(response, issuer.key))) return true
  for (const responder of [...response.certificates, ...query.responders]) {
    const { key } = responder
    if (!key || !isNamed(response, responder) || !mayRespond(responder, issuer.certificate))
      continue
    if ((await isSignedBy(response, key)) && (await query.validResponder(responder))) return true
  }
  return false
}

function isNamed({ responderName }: OcspResponse, { subject }: X509Certificate): boolean {
  return !responderName || isSameName(responderName, subject)
}

/** Without ocsp-nocheck its own revocation would have to be asked of itself. */
function mayRespond(responder: X509Certificate, issuer: X509Certificate): boolean {
  return (
    isSameName(responder.issuer, issuer.subject) &&
    responder.extendedKeyUsage?.includes(EKU.ocspSigning) === true &&
    responder.extensions.some(({ oid }) => oid === OCSP_NOCHECK)
  )
}

const OCSP_NOCHECK = '1.3.6.1.5.5.7.48.1.5'

async function isSignedBy(response: OcspResponse, key: PublicKey): Promise<boolean> {
  const { signatureAlgorithm, signature, tbs } = response
  return (await verifyX509Signature(signatureAlgorithm, key, signature, tbs)) === 'valid'
}

function unknownStatus(code: UnknownCode, detail: string): Unknown {
  return { status: 'unknown', code, detail }
}
