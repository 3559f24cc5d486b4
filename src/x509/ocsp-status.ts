import { digest, verifyX509Signature } from '../crypto/suite.ts'
import type { PublicKey } from '../crypto/public-key.ts'
import { isSameOctets } from '../encoding/octets.ts'
import { decisiveAt } from './crl.ts'
import { isSameName } from './distinguished-name.ts'
import { EKU, EXTENSION } from './oids.ts'
import { type CertId, certIdHash, issuerKeyBits } from './ocsp-cert-id.ts'
import type { OcspResponse, SingleResponse } from './ocsp-response.ts'
import type { UnknownCode } from './path-result.ts'
import { freshUntil, type RevocationStatus } from './revocation.ts'
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

/** `revokes`: a genuine response revokes, but outside its time; a list that says good does not outweigh it. */
export type OcspStatus = Exclude<RevocationStatus, Unknown> | (Unknown & { revokes?: true })

/**
 * Status of one X.509 certificate by OCSP (RFC 6960 §3.2, trust profile R2). Any acceptable response that
 * revokes decides; silence, staleness and "unknown" are unknown.
 */
export async function ocspStatus(query: OcspQuery): Promise<OcspStatus> {
  let good: OcspStatus | undefined
  let failure: Unknown & { revokes?: true } = unknownStatus(
    'ocsp-missing',
    'no response about the certificate is at hand',
  )
  for (const response of query.responses) {
    for (const single of response.responses) {
      if (single.certId.serialNumber !== query.certificate.serialNumber) continue
      const answer = await statusBy(response, single, query)
      if (answer.status === 'revoked') return answer
      if (answer.status === 'good') good = answer
      else if (!failure.revokes) failure = answer
    }
  }
  return good ?? failure
}

async function statusBy(
  response: OcspResponse,
  single: SingleResponse,
  query: OcspQuery,
): Promise<OcspStatus> {
  const { at, now, maxAgeDays } = query
  if (!(await isAbout(single.certId, query)))
    return unknownStatus('ocsp-missing', 'the response is about another certificate')
  const unsupported = response.notSupported ?? single.notSupported
  if (unsupported) return unknownStatus('ocsp-not-supported', unsupported)
  const { thisUpdate, nextUpdate, status } = single
  if (!nextUpdate) return unknownStatus('ocsp-not-supported', 'the response has no nextUpdate')
  const revokes = status.status === 'revoked' && decisiveAt(status) <= at
  const outsideItsTime = async (code: UnknownCode, detail: string): Promise<OcspStatus> => {
    const isGenuine = revokes && (await isSignedByResponder(response, query))
    return { ...unknownStatus(code, detail), ...(isGenuine && { revokes }) }
  }
  if (thisUpdate > now)
    return outsideItsTime('ocsp-too-early', `valid from ${thisUpdate.toISOString()}`)
  const until = freshUntil({ thisUpdate, nextUpdate }, maxAgeDays)
  const isCurrent = now <= until
  if (!isCurrent && !(thisUpdate <= at && at <= until))
    return outsideItsTime('ocsp-stale', `current until ${until.toISOString()}`)
  if (!(await isSignedByResponder(response, query)))
    return unknownStatus('ocsp-signature-invalid', 'no responder of the issuer signed the response')
  if (status.status === 'unknown')
    return unknownStatus('ocsp-unknown', 'the responder does not know the certificate')
  if (revokes) return status
  const lastGood = status.status === 'revoked' ? decisiveAt(status).getTime() - 1 : until.getTime()
  return {
    status: 'good',
    from: isCurrent ? query.certificate.notBefore : thisUpdate,
    until: new Date(Math.min(lastGood, until.getTime())),
  }
}

/** All four parts of the CertID (R2): a serial number alone is one of many issuers. */
async function isAbout(id: CertId, { certificate, issuer }: OcspQuery): Promise<boolean> {
  const hash = certIdHash(id)
  const keyBits = issuerKeyBits(issuer.certificate)
  if (!hash || !keyBits || id.serialNumber !== certificate.serialNumber) return false
  const [name, key] = await Promise.all([
    digest(hash, issuer.certificate.subject.der),
    digest(hash, keyBits),
  ])
  return isSameOctets(name, id.issuerNameHash) && isSameOctets(key, id.issuerKeyHash)
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
    responder.extensions.some(({ oid }) => oid === EXTENSION.ocspNoCheck)
  )
}

async function isSignedBy(response: OcspResponse, key: PublicKey): Promise<boolean> {
  const { signatureAlgorithm, signature, tbs } = response
  return (await verifyX509Signature(signatureAlgorithm, key, signature, tbs)) === 'valid'
}

function unknownStatus(code: UnknownCode, detail: string): Unknown {
  return { status: 'unknown', code, detail }
}
