import type { CrlSource } from './crl-source.ts'
import { formatName, isSameName } from './distinguished-name.ts'
import { earliest, latest } from './instants.ts'
import { type OcspQuery, ocspEvidence } from './ocsp-status.ts'
import { nameForOcsp, type OcspSource } from './ocsp-source.ts'
import { EKU } from './oids.ts'
import { PATH_RULES, unknown } from './path-result.ts'
import type { InvalidRevoked, PathResult, UnknownPath } from './path-result.ts'
import type { PathQuery } from './path-validation.ts'
import { crlEvidence, type CrlIssuer } from './revocation.ts'
import {
  type GoodStatus,
  type RevocationEvidence,
  type RevokedStatus,
  statusOf,
} from './revocation-evidence.ts'
import type { X509Certificate } from './x509-certificate.ts'

export interface RevocationDemand {
  readonly crls: CrlSource
  /** OCSP responses at hand, and responders known from elsewhere. */
  readonly ocsp?: {
    readonly source: OcspSource
    readonly responders: readonly X509Certificate[]
  }
  /**
   * Certificates outside the path that may have signed a list in the name of an authority in it (R1).
   * Each must be valid itself under the same anchor.
   */
  readonly crlSigners: readonly X509Certificate[]
  /** The instant at which lists must be current. */
  readonly now: Date
  /** Oldest list accepted, by who signs it: the anchor, or an authority below. */
  readonly maxAgeDays: { readonly anchor: number; readonly intermediate: number }
  /** False: silence is accepted, a revocation still counts. */
  readonly required: boolean
}

export interface RevocationWindow {
  readonly state: 'good' | 'not-checked'
  readonly from: Date
  readonly until: Date
  readonly currentUntil: Date
}

const EVER = new Date(-8.64e15)
const NEVER = new Date(8.64e15)

/** RFC 5280 §6.1.3 (a)(3): the status of each certificate below the anchor, authorities first. */
export async function checkRevocation(
  query: PathQuery,
  validate: (query: PathQuery) => Promise<PathResult>,
): Promise<RevocationWindow | InvalidRevoked | UnknownPath> {
  const { path, anchor, at, revocation } = query
  if (!revocation) return { state: 'not-checked', from: EVER, until: NEVER, currentUntil: NEVER }
  const issuers = [...path.slice(1), anchor].map(crlIssuer)
  const good: GoodStatus[] = []
  let silence: UnknownPath | undefined
  for (let index = path.length - 1; index >= 0; index--) {
    const certificate = path[index]!
    let crl = await listsAbout(query, revocation, index, issuers)
    if (revocation.crlSigners.length > 0 && isSignerMissing(at, crl)) {
      const others = await otherSigners(query, index, validate)
      crl = await listsAbout(query, revocation, index, [...issuers, ...others])
    }
    const ocsp = responsesAbout(query, revocation, index, validate)
    const status = statusOf(at, crl, ocsp && (await ocsp))
    if (status.status === 'revoked') return revoked(certificate, index, status)
    if (status.status === 'good') good.push(status)
    else {
      silence ??= unknown(status.code, index, status.detail)
      if (status.revokes) silence = { ...silence, revokes: true }
    }
  }
  if (silence && revocation.required) return silence
  return {
    state: silence ? 'not-checked' : 'good',
    from: latest([EVER, ...good.map(({ from }) => from)]),
    until: earliest([NEVER, ...good.map(({ until }) => until)]),
    currentUntil: earliest([NEVER, ...good.map(({ currentUntil }) => currentUntil)]),
  }
}

/** What the lists at hand say of the certificate at `index`, where these may have signed them. */
function listsAbout(
  { path, at, issuanceRules }: PathQuery,
  { crls, now, maxAgeDays }: RevocationDemand,
  index: number,
  issuers: readonly CrlIssuer[],
): Promise<RevocationEvidence> {
  const certificate = path[index]!
  return crlEvidence({
    certificate,
    issuers,
    crls: crls.find(certificate.issuer),
    at,
    now,
    maxAgeDays: index === path.length - 1 ? maxAgeDays.anchor : maxAgeDays.intermediate,
    issuanceRules,
  })
}

/** Whether lists decide nothing, and one of them was signed by none of those who were asked. */
function isSignerMissing(at: Date, crl: RevocationEvidence): boolean {
  const status = statusOf(at, crl, undefined)
  return status.status === 'unknown' && status.code === 'crl-signature-invalid'
}

/** What the responses at hand say of the certificate at `index`; undefined: there are none. */
function responsesAbout(
  query: PathQuery,
  { ocsp, now, maxAgeDays }: RevocationDemand,
  index: number,
  validate: (query: PathQuery) => Promise<PathResult>,
): Promise<RevocationEvidence> | undefined {
  const responses = ocsp?.source.find(nameForOcsp(query.path[index]!)) ?? []
  if (!ocsp || responses.length === 0) return undefined
  const evidence = { now, responses, responders: ocsp.responders }
  return evidenceByOcsp(
    query,
    index,
    { ...evidence, maxAgeDays: maxAgeDays.intermediate },
    validate,
  )
}

/** What OCSP says of the certificate at `index`. */
export function evidenceByOcsp(
  query: PathQuery,
  index: number,
  evidence: Pick<OcspQuery, 'now' | 'responses' | 'responders' | 'maxAgeDays'>,
  validate: (query: PathQuery) => Promise<PathResult>,
): Promise<RevocationEvidence> {
  const { path, anchor, at } = query
  const above = path.slice(index + 1)
  return ocspEvidence({
    ...evidence,
    certificate: path[index]!,
    issuer: crlIssuer(above[0] ?? anchor),
    at,
    async validResponder(responder, then) {
      const result = await validate({
        ...query,
        path: [responder, ...above],
        at: then,
        eku: [EKU.ocspSigning],
        revocation: undefined,
      })
      return result.result === 'valid' ? result.validUntil : undefined
    },
  })
}

/** Separate CRL signers of the authority that issued the certificate at `index`, each validated. */
async function otherSigners(
  query: PathQuery,
  index: number,
  validate: (query: PathQuery) => Promise<PathResult>,
): Promise<CrlIssuer[]> {
  const { path, anchor, revocation } = query
  const signers: CrlIssuer[] = []
  for (const signer of revocation?.crlSigners ?? []) {
    if (!isSameName(signer.subject, path[index]!.issuer)) continue
    const above = path.findIndex(
      ({ subject }, i) => i > index && isSameName(subject, signer.issuer),
    )
    const rest = above >= 0 ? path.slice(above) : []
    const result = await validate({
      ...query,
      path: [signer, ...rest],
      anchor,
      eku: [],
      revocation: revocation && { ...revocation, crlSigners: [] },
    })
    if (result.result === 'valid') signers.push(crlIssuer(signer))
  }
  return signers
}

function crlIssuer(certificate: X509Certificate): CrlIssuer {
  return { certificate, key: certificate.key! }
}

function revoked(
  certificate: X509Certificate,
  index: number,
  status: RevokedStatus,
): InvalidRevoked {
  const { revokedAt, reason, invalidityDate } = status
  const detail = `${formatName(certificate.subject)}: ${reason}, ${revokedAt.toISOString()}`
  return {
    result: 'invalid',
    code: 'revoked',
    rule: PATH_RULES.revoked,
    index,
    detail,
    revokedAt,
    reason,
    ...(invalidityDate && { invalidityDate }),
  }
}
