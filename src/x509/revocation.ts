import type { PublicKey } from '../crypto/public-key.ts'
import { type Crl, decisiveAt } from './crl.ts'
import { signerAmong } from './crl-signer.ts'
import { isSameName } from './distinguished-name.ts'
import type { DistributionPoint } from './distribution-point.ts'
import { generalNameKey } from './general-name.ts'
import { earliest, isBefore } from './instants.ts'
import type { UnknownCode } from './path-result.ts'
import {
  ALL_REASONS,
  type GoodStatement,
  type Revocation,
  type RevocationEvidence,
  type UnknownStatus,
  unknownStatus,
} from './revocation-evidence.ts'
import type { X509Certificate } from './x509-certificate.ts'

/** A certificate of the authority that has itself been validated, with its key. */
export interface CrlIssuer {
  readonly certificate: X509Certificate
  readonly key: PublicKey
}

export interface RevocationQuery {
  readonly certificate: X509Certificate
  /** Validated certificates; those of the issuing name with cRLSign may vouch for a list. */
  readonly issuers: readonly CrlIssuer[]
  readonly crls: readonly Crl[]
  /** The instant whose status is asked. */
  readonly at: Date
  /** The instant at which lists must be current; not before `at`. */
  readonly now: Date
  readonly maxAgeDays: number
  /** Also the rules on issuing (P13): CRLNumber present, cRLSign stated. */
  readonly issuanceRules: boolean
}

const DAY_MS = 86_400_000
const NEVER = new Date(8.64e15)

const NO_LIST = unknownStatus('crl-missing', 'no CRL of the issuer is at hand')

/**
 * What full CRLs of its own issuer say of one certificate (RFC 5280 §6.3.3 without delta and indirect lists).
 */
export async function crlEvidence(query: RevocationQuery): Promise<RevocationEvidence> {
  const { certificate, at } = query
  if (certificate.version !== 3) return without('the certificate is not of version 3')
  if (certificate.hasFreshestCrl) return without('the certificate announces delta CRLs')
  const good: GoodStatement[] = []
  const revocations: Revocation[] = []
  let failure = NO_LIST
  for (const crl of query.crls) {
    const entry = crl.entries.get(certificate.serialNumber)
    const asOf = crl.thisUpdate
    const claimed = claimedScope(crl, entry !== undefined, query)
    const scope =
      'code' in claimed ? claimed : scopeBy(await signerAmong(crl, query), crl, claimed, query)
    if ('code' in scope) failure = moreTelling(failure, scope)
    else if ('outside' in scope) {
      failure = moreTelling(failure, scope.outside)
      if (entry) revocations.push({ asOf, entry, outside: scope.outside })
    } else if (entry) {
      revocations.push({ asOf, entry, outside: undefined })
      if (isBefore(at, decisiveAt(entry))) good.push({ asOf, ...scope })
    } else if (isBefore(certificate.notAfter, asOf) && !keepsExpired(crl, certificate))
      // Entries may be dropped once the certificate has expired (RFC 5280 §3.3).
      failure = moreTelling(failure, unknownStatus('crl-too-late', 'issued after the expiry'))
    else good.push({ asOf, ...scope })
  }
  return { good, revocations, failure }
}

function without(detail: string): RevocationEvidence {
  return { good: [], revocations: [], failure: unknownStatus('crl-not-supported', detail) }
}

/** Whether the list says of itself that an entry would stand in it although the certificate expired. */
function keepsExpired(
  { expiredKeptSince }: Crl,
  { notAfter }: Pick<X509Certificate, 'notAfter'>,
): boolean {
  return expiredKeptSince !== undefined && !isBefore(notAfter, expiredKeptSince)
}

type Scope = Omit<GoodStatement, 'asOf'>

/** What a list says it speaks about, and how it stands to its time. */
interface ClaimedScope {
  readonly reasons: ReadonlySet<number>
  readonly until: Date
  readonly isEarly: boolean
  readonly isCurrent: boolean
  readonly isOfThatTime: boolean
  /** Whether it may count by its time alone; else it is asked only what it revokes. */
  readonly mayServe: boolean
}

/** For which reasons and how long a list claims to speak about the certificate, or why it does not. */
function claimedScope(
  crl: Crl,
  hasEntry: boolean,
  query: RevocationQuery,
): ClaimedScope | UnknownStatus {
  const { certificate, at, now } = query
  if (!isSameName(crl.issuer, certificate.issuer))
    return unknownStatus('crl-missing', 'the list is of another issuer')
  if (crl.notSupported) return unknownStatus('crl-not-supported', crl.notSupported)
  if (query.issuanceRules && crl.crlNumber === undefined)
    return unknownStatus('crl-malformed', 'the list has no CRL number')
  if (query.issuanceRules && crl.isNumberCritical)
    return unknownStatus('crl-malformed', 'the CRL number is marked critical')
  const reasons = reasonsInScope(crl, certificate)
  if (reasons.size === 0)
    return unknownStatus('crl-out-of-scope', 'the list covers other certificates')
  const until = freshUntil(crl, query.maxAgeDays)
  const isEarly = isBefore(now, crl.thisUpdate)
  const isCurrent = !isEarly && !isBefore(until, now)
  // A list kept from the time asked about is as good as a current one.
  const isOfThatTime = !isEarly && !isBefore(at, crl.thisUpdate) && !isBefore(until, at)
  const mayServe = isCurrent || isOfThatTime || (!isEarly && mayBeLast(crl, until, query))
  if (!mayServe && !hasEntry) return outsideItsTime(crl, until, isEarly)
  return { reasons, until, isEarly, isCurrent, isOfThatTime, mayServe }
}

/**
 * For which reasons and how long a list by this signer speaks about the certificate, or why it does not.
 * `outside`: the list is genuine, but not in its time; found out only of one that has an entry.
 */
function scopeBy(
  signer: CrlIssuer | UnknownStatus,
  crl: Crl,
  { reasons, until, isEarly, isCurrent, isOfThatTime, mayServe }: ClaimedScope,
  { certificate }: RevocationQuery,
): Scope | UnknownStatus | { readonly outside: UnknownStatus } {
  if ('status' in signer) return mayServe ? signer : outsideItsTime(crl, until, isEarly)
  if (!isEarly && isLastList(crl, until, certificate, signer.certificate))
    return { from: certificate.notBefore, until: NEVER, currentUntil: NEVER, reasons }
  if (isCurrent) return { from: certificate.notBefore, until, currentUntil: until, reasons }
  if (isOfThatTime) return { from: crl.thisUpdate, until, currentUntil: NEVER, reasons }
  return { outside: outsideItsTime(crl, until, isEarly) }
}

function outsideItsTime({ thisUpdate }: Crl, until: Date, isEarly: boolean): UnknownStatus {
  return isEarly
    ? unknownStatus('crl-too-early', `issued ${thisUpdate.toISOString()}`)
    : unknownStatus('crl-stale', `current until ${until.toISOString()}`)
}

/** Whether it is the last list by one of those who may have signed it. */
function mayBeLast(crl: Crl, until: Date, { certificate, issuers }: RevocationQuery): boolean {
  return issuers.some((known) => isLastList(crl, until, certificate, known.certificate))
}

/**
 * Whether no later list can say more about the certificate, so that this one never goes stale: it was
 * issued after the certificate had expired, from when on entries may only leave (RFC 5280 §3.3), or it
 * was current when its issuer's own validity ended, after which none is due.
 */
function isLastList(
  { thisUpdate }: Crl,
  freshUntil: Date,
  certificate: X509Certificate,
  issuer: X509Certificate,
): boolean {
  return isBefore(certificate.notAfter, thisUpdate) || !isBefore(freshUntil, issuer.notAfter)
}

/** The narrower of nextUpdate, where present, and the policy's window. */
export function freshUntil(
  { thisUpdate, nextUpdate }: Pick<Crl, 'thisUpdate' | 'nextUpdate'>,
  maxAgeDays: number,
): Date {
  const byPolicy = new Date(thisUpdate.getTime() + maxAgeDays * DAY_MS)
  return nextUpdate ? earliest([nextUpdate, byPolicy]) : byPolicy
}

const NO_REASONS: ReadonlySet<number> = new Set()

/** RFC 5280 §6.3.3 (b) and (d): the reasons for which this list covers this certificate. */
function reasonsInScope(crl: Crl, certificate: X509Certificate): ReadonlySet<number> {
  const idp = crl.issuingDistributionPoint
  const isCa = certificate.basicConstraints?.cA === true
  if (idp?.onlyAttributeCerts || (isCa ? idp?.onlyUserCerts : idp?.onlyCaCerts)) return NO_REASONS
  // Of the certificate's own issuer, for everything that it issued.
  if (!idp && !certificate.crlDistributionPoints) return ALL_REASONS
  const covered = new Set<number>()
  for (const { name, reasons, hasCrlIssuer } of distributionPoints(certificate)) {
    if (hasCrlIssuer) continue
    const isNamed = !idp?.name || [...idp.name].some((key) => name?.has(key))
    if (isNamed && !reasons && !idp?.onlyReasons) return ALL_REASONS
    for (const reason of isNamed ? ALL_REASONS : [])
      if (reasons?.includes(reason) !== false && idp?.onlyReasons?.includes(reason) !== false)
        covered.add(reason)
  }
  return covered
}

/** Without the extension the list of the issuer itself is meant (RFC 5280 §6.3.3, last paragraph). */
function distributionPoints(certificate: X509Certificate): readonly DistributionPoint[] {
  const { crlDistributionPoints, issuer } = certificate
  if (crlDistributionPoints) return crlDistributionPoints
  const own = new Set([generalNameKey({ form: 'directoryName', name: issuer })])
  return [{ name: own, reasons: undefined, hasCrlIssuer: false }]
}

/** Of several lists that did not decide, the reason of the one that came closest. */
const TELLING: readonly UnknownCode[] = [
  'crl-missing',
  'crl-malformed',
  'crl-not-supported',
  'crl-out-of-scope',
  'crl-signature-invalid',
  'signature-algorithm-not-supported',
  'crl-too-early',
  'crl-stale',
  'crl-too-late',
]

function moreTelling(a: UnknownStatus, b: UnknownStatus): UnknownStatus {
  return TELLING.indexOf(b.code) > TELLING.indexOf(a.code) ? b : a
}
