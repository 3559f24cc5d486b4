import { digest, type HashName, verifyX509Signature } from '../crypto/suite.ts'
import type { PublicKey } from '../crypto/public-key.ts'
import { isSameOctets } from '../encoding/octets.ts'
import { decisiveAt } from './crl.ts'
import { isSameName } from './distinguished-name.ts'
import { earliest } from './instants.ts'
import { EKU, EXTENSION } from './oids.ts'
import { type CertId, certIdHash, issuerKeyBits } from './ocsp-cert-id.ts'
import type { OcspResponse, SingleResponse } from './ocsp-response.ts'
import type { UnknownCode } from './path-result.ts'
import { freshUntil } from './revocation.ts'
import {
  ALL_REASONS,
  type GoodStatement,
  type Revocation,
  type RevocationEvidence,
  type UnknownStatus,
  unknownStatus,
} from './revocation-evidence.ts'
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
  /** Until when the responder is validly certified by the issuing authority; undefined: not as of `at`. */
  validResponder(responder: X509Certificate, at: Date): Promise<Date | undefined>
}

const NEVER = new Date(8.64e15)
const MISSING = unknownStatus('ocsp-missing', 'no response about the certificate is at hand')

/** What OCSP responses say of one X.509 certificate (RFC 6960 §3.2, trust profile R2). */
export async function ocspEvidence(query: OcspQuery): Promise<RevocationEvidence> {
  const good: GoodStatement[] = []
  const revocations: Revocation[] = []
  let failure = MISSING
  const isAbout = namedBy(query.certificate, query.issuer.certificate)
  for (const response of query.responses) {
    for (const single of response.responses) {
      if (!(await isAbout(single.certId))) continue
      const said = await saidBy(response, single, query)
      if (said.revocation) revocations.push(said.revocation)
      if (said.good) good.push(said.good)
      if (said.failure && failure === MISSING) failure = said.failure
    }
  }
  return { good, revocations, failure }
}

interface Said {
  readonly good?: GoodStatement
  readonly revocation?: Revocation
  readonly failure?: UnknownStatus
}

async function saidBy(
  response: OcspResponse,
  single: SingleResponse,
  query: OcspQuery,
): Promise<Said> {
  const { at, now, maxAgeDays, certificate } = query
  const unsupported = response.notSupported ?? single.notSupported
  if (unsupported) return failed('ocsp-not-supported', unsupported)
  const { thisUpdate, nextUpdate, status } = single
  if (!nextUpdate) return failed('ocsp-not-supported', 'the response has no nextUpdate')
  const until = freshUntil({ thisUpdate, nextUpdate }, maxAgeDays)
  const isCurrent = thisUpdate <= now && now <= until
  const isOfThatTime = thisUpdate <= now && thisUpdate <= at && at <= until
  const isInTime = isCurrent || isOfThatTime
  const revokes = status.status === 'revoked'
  // Who revoked may have ended since; the revocation does not end with it.
  const signerEnds = isInTime || revokes ? await signerCountsUntil(response, query, now) : undefined
  const isSigned =
    signerEnds !== undefined ||
    (revokes && (await signerCountsUntil(response, query, thisUpdate)) !== undefined)
  const fault = faultOf({ isInTime, isSigned: signerEnds !== undefined, isEarly: thisUpdate > now })
  const outside =
    fault && unknownStatus(fault, `from ${thisUpdate.toISOString()} until ${until.toISOString()}`)
  const failure = outside && { failure: outside }
  if (revokes && !isSigned) return failure ?? {}
  const revocation = revokes && { revocation: { asOf: thisUpdate, entry: status, outside } }
  if (outside) return { ...revocation, ...failure }
  if (status.status === 'unknown')
    return failed('ocsp-unknown', 'the responder does not know the certificate')
  if (revokes && decisiveAt(status) <= at) return { ...revocation }
  const from = isCurrent ? certificate.notBefore : thisUpdate
  // A response signed beforehand knows nothing of what happened since.
  const asOf = earliest([thisUpdate, response.producedAt])
  return {
    ...revocation,
    good: { asOf, from, until, currentUntil: earliest([until, signerEnds!]), reasons: ALL_REASONS },
  }
}

function faultOf(of: {
  isInTime: boolean
  isSigned: boolean
  isEarly: boolean
}): UnknownCode | undefined {
  if (of.isEarly) return 'ocsp-too-early'
  if (!of.isInTime) return 'ocsp-stale'
  return of.isSigned ? undefined : 'ocsp-signature-invalid'
}

function failed(code: UnknownCode, detail: string): Said {
  return { failure: unknownStatus(code, detail) }
}

/**
 * Whether a CertID means the certificate, in all four parts (R2): a serial number alone is one of many
 * issuers. The issuer is hashed once, however many there are.
 */
export function namedBy(
  certificate: X509Certificate,
  issuer: X509Certificate,
): (id: CertId) => Promise<boolean> {
  const keyBits = issuerKeyBits(issuer)
  const hashes = new Map<HashName, readonly [Uint8Array, Uint8Array]>()
  return async (id) => {
    const hash = certIdHash(id)
    if (!hash || !keyBits || id.serialNumber !== certificate.serialNumber) return false
    const known = hashes.get(hash) ?? [
      await digest(hash, issuer.subject.der),
      await digest(hash, keyBits),
    ]
    hashes.set(hash, known)
    return isSameOctets(known[0], id.issuerNameHash) && isSameOctets(known[1], id.issuerKeyHash)
  }
}

/**
 * Until when the signature counts: that of the authority itself, or of a responder that it issued for that
 * (RFC 6960 §4.2.2.2) and that is valid as of `at`. Undefined: neither has signed.
 */
async function signerCountsUntil(
  response: OcspResponse,
  query: OcspQuery,
  at: Date,
): Promise<Date | undefined> {
  const { issuer } = query
  if (isNamed(response, issuer.certificate) && (await isSignedBy(response, issuer.key)))
    return NEVER
  for (const responder of [...response.certificates, ...query.responders]) {
    const { key } = responder
    if (!key || !isNamed(response, responder) || !mayRespond(responder, issuer.certificate))
      continue
    const until = (await isSignedBy(response, key)) && (await query.validResponder(responder, at))
    if (until) return until
  }
  return undefined
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
