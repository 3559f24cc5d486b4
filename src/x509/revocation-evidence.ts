import { type CrlEntry, decisiveAt } from './crl.ts'
import { earliest, justBefore, latest } from './instants.ts'
import type { UnknownCode } from './path-result.ts'

/** Three answers, and only one of them is good (RFC 5280 §6.3). */
export type RevocationStatus = GoodStatus | RevokedStatus | UnknownStatus

export interface GoodStatus {
  readonly status: 'good'
  /** The answer holds for every `at` from `from` to `until`, until the evidence goes stale. */
  readonly from: Date
  readonly until: Date
  /** The last check at which the evidence still serves. */
  readonly currentUntil: Date
}

export type RevokedStatus = Entry & { readonly status: 'revoked' }

export interface UnknownStatus {
  readonly status: 'unknown'
  readonly code: UnknownCode
  readonly detail: string
  /** It is genuine and revokes, only not in its time: nothing makes the certificate good again. */
  readonly revokes?: true
}

type Entry = Pick<CrlEntry, 'revokedAt' | 'reason' | 'invalidityDate'>

/** A genuine list or response, in its time, that does not revoke as of the instant asked about. */
export interface GoodStatement extends Omit<GoodStatus, 'status'> {
  /** What it says was known then, and may have changed after. */
  readonly asOf: Date
  /** Bits of ReasonFlags it speaks about. */
  readonly reasons: ReadonlySet<number>
}

/** A genuine list or response that revokes, in its time or not. */
export interface Revocation {
  readonly asOf: Date
  readonly entry: Entry
  /** Why it cannot revoke by itself; absent: it can. */
  readonly outside: UnknownStatus | undefined
}

/** What lists, or responses, say of one X.509 certificate. */
export interface RevocationEvidence {
  readonly good: readonly GoodStatement[]
  readonly revocations: readonly Revocation[]
  /** Why there is no more; of several reasons the most telling. */
  readonly failure: UnknownStatus
}

/** Bits 1 to 8 of ReasonFlags: evidence that covers them all covers every reason. */
export const ALL_REASONS: ReadonlySet<number> = new Set([1, 2, 3, 4, 5, 6, 7, 8])

const NOT_COVERED = unknownStatus('crl-out-of-scope', 'the lists do not cover every reason')

/**
 * What all evidence together says of the status at `at` (RFC 5280 §6.3, trust profile R3 and R5). A revocation
 * is for good: past its time it proves nothing any more, and yet nothing makes it good again. A hold alone may
 * be released, by evidence that is newer than it.
 */
export function statusOf(
  at: Date,
  crl: RevocationEvidence,
  ocsp: RevocationEvidence | undefined,
): RevocationStatus {
  if (crl.revocations.length === 0 && (ocsp?.revocations.length ?? 0) === 0)
    return (ocsp && combined(ocsp.good)) ?? combined(crl.good) ?? silence(crl, ocsp)
  const revocations = [...crl.revocations, ...(ocsp?.revocations ?? [])]
  const told = revocations.filter(({ entry }) => decisiveAt(entry) <= at)
  const final = told.filter(({ entry }) => !isReleasable(entry))
  if (final.length > 0) return strongest([...final, ...told])
  const newer = (good: GoodStatement) => told.every((hold) => good.asOf > hold.asOf)
  const good = combined(ocsp?.good.filter(newer) ?? []) ?? combined(crl.good.filter(newer))
  if (!good) return told.length > 0 ? strongest(told) : silence(crl, ocsp)
  // What is revoked later is good no longer than that, whoever says so and however old it is.
  const later = revocations.filter(({ entry }) => decisiveAt(entry) > at)
  const until = earliest([good.until, ...later.map(({ entry }) => justBefore(decisiveAt(entry)))])
  return { ...good, until }
}

/** Whether it holds up for a while only: everything else is for good (RFC 5280 §5.3.1). */
export function isReleasable({ reason }: Pick<Entry, 'reason'>): boolean {
  return reason === 'certificateHold' || reason === 'removeFromCRL'
}

function strongest(revocations: readonly Revocation[]): RevokedStatus | UnknownStatus {
  const inTime = revocations.find(({ outside }) => outside === undefined)
  const { entry, outside } = inTime ?? revocations[0]!
  if (!outside) return { status: 'revoked', ...entry }
  return { ...outside, revokes: true, detail: `${outside.detail}; it revokes the certificate` }
}

/** The statements that speak for one another; undefined unless they cover every reason. */
function combined(good: readonly GoodStatement[]): GoodStatus | undefined {
  if (good.length === 0 || !isCovering(good)) return undefined
  if (good.length === 1) {
    const { from, until, currentUntil } = good[0]!
    return { status: 'good', from, until, currentUntil }
  }
  return {
    status: 'good',
    from: latest(good.map(({ from }) => from)),
    until: earliest(good.map(({ until }) => until)),
    currentUntil: earliest(good.map(({ currentUntil }) => currentUntil)),
  }
}

function isCovering(good: readonly GoodStatement[]): boolean {
  if (good.some(({ reasons }) => reasons === ALL_REASONS)) return true
  return [...ALL_REASONS].every((reason) => good.some(({ reasons }) => reasons.has(reason)))
}

function silence(crl: RevocationEvidence, ocsp: RevocationEvidence | undefined): UnknownStatus {
  if (ocsp && ocsp.failure.code !== 'ocsp-missing') return ocsp.failure
  return crl.good.length > 0 ? NOT_COVERED : crl.failure
}

export function unknownStatus(code: UnknownCode, detail: string): UnknownStatus {
  return { status: 'unknown', code, detail }
}
