import { keyId } from '../crypto/key-id.ts'
import type { PublicKey } from '../crypto/public-key.ts'
import { verifyX509Signature } from '../crypto/suite.ts'
import { type Crl, decisiveAt } from './crl.ts'
import { isSameName } from './distinguished-name.ts'
import type { DistributionPoint } from './distribution-point.ts'
import { generalNameKey } from './general-name.ts'
import { earliest } from './instants.ts'
import { isSameOctets } from '../encoding/octets.ts'
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

/**
 * What full CRLs of its own issuer say of one certificate (RFC 5280 §6.3.3 without delta and indirect lists).
 */
export async function crlEvidence(query: RevocationQuery): Promise<RevocationEvidence> {
  const { certificate, at } = query
  if (certificate.version !== 3) return without('the certificate is not of version 3')
  if (certificate.hasFreshestCrl) return without('the certificate announces delta CRLs')
  const good: GoodStatement[] = []
  const revocations: Revocation[] = []
  let failure = unknownStatus('crl-missing', 'no CRL of the issuer is at hand')
  for (const crl of query.crls) {
    const entry = crl.entries.get(certificate.serialNumber)
    const asOf = crl.thisUpdate
    const scope = await acceptedScope(crl, entry !== undefined, query)
    if ('code' in scope) failure = moreTelling(failure, scope)
    else if ('outside' in scope) {
      failure = moreTelling(failure, scope.outside)
      if (entry) revocations.push({ asOf, entry, outside: scope.outside })
    } else if (entry) {
      revocations.push({ asOf, entry, outside: undefined })
      if (decisiveAt(entry) > at) good.push({ asOf, ...scope })
    } else if (asOf > certificate.notAfter && !keepsExpired(crl, certificate))
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
  return expiredKeptSince !== undefined && expiredKeptSince <= notAfter
}

type Scope = Omit<GoodStatement, 'asOf'>

/**
 * For which reasons and how long a list speaks about the certificate, or why it does not. `outside`: the list
 * is genuine, but not in its time; found out only of one that has an entry.
 */
async function acceptedScope(
  crl: Crl,
  hasEntry: boolean,
  query: RevocationQuery,
): Promise<Scope | UnknownStatus | { readonly outside: UnknownStatus }> {
  const { certificate, at, now } = query
  if (!isSameName(crl.issuer, certificate.issuer))
    return unknownStatus('crl-missing', 'the list is of another issuer')
  if (crl.notSupported) return unknownStatus('crl-not-supported', crl.notSupported)
  if (query.issuanceRules && crl.crlNumber === undefined)
    return unknownStatus('crl-malformed', 'the list has no CRL number')
  const reasons = reasonsInScope(crl, certificate)
  if (reasons.size === 0)
    return unknownStatus('crl-out-of-scope', 'the list covers other certificates')
  const until = freshUntil(crl, query.maxAgeDays)
  const isEarly = crl.thisUpdate > now
  const isCurrent = !isEarly && now <= until
  // A list kept from the time asked about is as good as a current one.
  const isOfThatTime = !isEarly && crl.thisUpdate <= at && at <= until
  const mayBeLast = (issuer: X509Certificate) =>
    !isEarly && isLastList(crl, until, certificate, issuer)
  const outside = isEarly
    ? unknownStatus('crl-too-early', `issued ${crl.thisUpdate.toISOString()}`)
    : unknownStatus('crl-stale', `current until ${until.toISOString()}`)
  const mayServe =
    isCurrent || isOfThatTime || query.issuers.some((known) => mayBeLast(known.certificate))
  if (!mayServe && !hasEntry) return outside
  const signer = await signerAmong(crl, query)
  if ('status' in signer) return mayServe ? signer : outside
  if (mayBeLast(signer.certificate))
    return { from: certificate.notBefore, until: NEVER, currentUntil: NEVER, reasons }
  if (isCurrent) return { from: certificate.notBefore, until, currentUntil: until, reasons }
  return isOfThatTime ? { from: crl.thisUpdate, until, currentUntil: NEVER, reasons } : { outside }
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
  return thisUpdate > certificate.notAfter || freshUntil >= issuer.notAfter
}

/** The narrower of nextUpdate, where present, and the policy's window. */
export function freshUntil(
  { thisUpdate, nextUpdate }: Pick<Crl, 'thisUpdate' | 'nextUpdate'>,
  maxAgeDays: number,
): Date {
  const byPolicy = new Date(thisUpdate.getTime() + maxAgeDays * DAY_MS)
  return nextUpdate ? earliest([nextUpdate, byPolicy]) : byPolicy
}

/** RFC 5280 §6.3.3 (b) and (d): the reasons for which this list covers this certificate. */
function reasonsInScope(crl: Crl, certificate: X509Certificate): ReadonlySet<number> {
  const covered = new Set<number>()
  const idp = crl.issuingDistributionPoint
  const isCa = certificate.basicConstraints?.cA === true
  if (idp?.onlyAttributeCerts || (isCa ? idp?.onlyUserCerts : idp?.onlyCaCerts)) return covered
  for (const { name, reasons, hasCrlIssuer } of distributionPoints(certificate)) {
    if (hasCrlIssuer) continue
    const isNamed = !idp?.name || [...idp.name].some((key) => name?.has(key))
    if (isNamed && !reasons && !idp?.onlyReasons) return ALL_REASONS
    for (const reason of isNamed ? ALL_REASONS : [])
      if (reasons?.has(reason) !== false && idp?.onlyReasons?.has(reason) !== false)
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

/** The validated issuer whose key signed the list. */
async function signerAmong(crl: Crl, query: RevocationQuery): Promise<CrlIssuer | UnknownStatus> {
  if (!isSameOctets(crl.signatureAlgorithm, crl.tbsSignatureAlgorithm))
    return unknownStatus('crl-malformed', 'the list names two signature algorithms')
  let failure = unknownStatus(
    'crl-signature-invalid',
    'no validated key of the issuer signed the list',
  )
  for (const issuer of query.issuers) {
    const { certificate, key } = issuer
    const maySign = certificate.keyUsage?.has('cRLSign') ?? !query.issuanceRules
    if (!maySign || !isSameName(certificate.subject, crl.issuer)) continue
    const verdict = await verifyOnce(crl, key)
    // A key that has ended may be in other hands.
    if (verdict === 'valid' && crl.thisUpdate > certificate.notAfter)
      failure = unknownStatus('crl-too-late', 'issued after its issuer had ended')
    else if (verdict === 'valid') return issuer
    if (verdict !== 'invalid' && verdict !== 'valid')
      failure = unknownStatus('signature-algorithm-not-supported', 'of the CRL')
  }
  return failure
}

/** An authority has few keys; who has many issuers of one name makes only itself slow. */
const MAX_KEYS_OF_A_LIST = 16

/** Verdicts by list and key: one list decides about many certificates. */
const verdicts = new WeakMap<Crl, Map<string, ReturnType<typeof verifyX509Signature>>>()

function verifyOnce(crl: Crl, key: PublicKey): ReturnType<typeof verifyX509Signature> {
  const byKey = verdicts.get(crl) ?? new Map<string, ReturnType<typeof verifyX509Signature>>()
  verdicts.set(crl, byKey)
  const id = keyId(key)
  const held = byKey.get(id)
  if (held) return held
  const verdict = verifyX509Signature(crl.signatureAlgorithm, key, crl.signature, crl.tbs)
  if (byKey.size >= MAX_KEYS_OF_A_LIST) byKey.delete(byKey.keys().next().value!)
  byKey.set(id, verdict)
  // Who had no answer may have one the next time.
  void verdict.then((said) => said === 'unknown' && byKey.delete(id))
  return verdict
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
