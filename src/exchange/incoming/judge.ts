import type { Policy } from '../../certificate/policy.ts'
import { formatInstant } from '../../encoding/time.ts'
import { parseJws } from '../../jose/parse.ts'
import type { TrustStore } from '../../trust/trust-store.ts'
import type { PathCache } from '../../x509/path-cache.ts'
import type { AuthenticDocument } from '../validation/authenticate.ts'
import type { CertificateStore } from '../certificate-store.ts'
import { checkNotices } from '../notices/check-notices.ts'
import type { Check } from '../validation/check.ts'
import type { Examined, Incoming } from './examine.ts'
import type { Inbox } from './inbox.ts'
import { type CertificateContext, judgeIncomingCertificate } from './certificate.ts'
import { judgeIncomingChange } from './change.ts'
import { judgeIncomingNotice } from './notice.ts'
import { judgeIncomingOfficials, type OfficialsStore } from '../keep-trust/officials.ts'
import { judgeIncomingReconciliation } from './reconciliation.ts'
import { judgeIncomingTrustList } from './trust-list.ts'
import { judgeAttestation, judgeSecondSignature } from './second-signature.ts'
import type { NoticeStore } from '../notices/store.ts'
import type { LostPlaces } from '../log/lost-documents.ts'
import type { AlarmLog } from '../records.ts'
import type { ReconciliationStore } from '../reconciliation/store.ts'
import type { SecondSignatureStore } from '../second-signatures/store.ts'
import {
  accepted,
  mayBecomeTrusted,
  notReadable,
  refused,
  type Verdict,
  waiting,
} from './verdict.ts'
import { WAITS_FOR_ITS_RECEIPT } from './waiting-changes.ts'

export interface IncomingDependencies {
  readonly state: string
  readonly policy: Policy
  readonly certificates: CertificateStore
  readonly notices: NoticeStore
  readonly secondSignatures: SecondSignatureStore
  readonly trustStore: TrustStore
  readonly officials: OfficialsStore
  readonly reconciliations: ReconciliationStore
  readonly inbox: Inbox
  readonly lost: LostPlaces
  readonly alarms: Pick<AlarmLog, 'raiseOnce'>
  readonly paths: PathCache
}

/**
 * The decision on one document as if its sender were hostile (wire.md "Refuse"): refused only if it is
 * not authentic, out of scope, not addressed here, unreadable or in conflict; accepted with findings if
 * its content breaks rules; waiting while something is missing that may come.
 */
export async function judgeIncoming(
  examined: Examined,
  deps: IncomingDependencies,
  context: CertificateContext & { readonly trustCheckedAt: string | undefined },
): Promise<Verdict> {
  if (examined.waitsFor === WAITS_FOR_ITS_RECEIPT) return decidedBefore(examined)
  if (examined.kind === 'trust-list') return judgeIncomingTrustList(examined, deps, context)
  if (examined.kind === 'officials-register') return judgeIncomingOfficials(examined, deps, context)
  if (examined.beginsSoon) return waiting('a key or scope to begin')
  const { document, checks } = examined.authentication!
  if (!document) return verdictOf(checks.at(-1)!, examined, context.trustCheckedAt)
  if (document.state !== examined.sender) return refused('SENDER-DIFFERS')
  if (examined.kind === 'security-notice')
    return judgeIncomingNotice(examined, document, deps, context)
  const verdict = await judgeAuthentic(examined, document, deps, context)
  return withNotices(verdict, document, deps, context.now)
}

/** By its own word, which was verified when it was logged. */
function isOfItsSender({ jws, sender }: Examined): boolean {
  const parsed = parseJws(jws)
  if ('malformed' in parsed) return false
  const { iss, state } = (parsed.payload ?? {}) as { iss?: unknown; state?: unknown }
  return (typeof iss === 'string' ? iss.split('.')[0] : state) === sender
}

/** What stands in the log was accepted, as far as it could be read; nobody has seen the receipt that was lost. */
function decidedBefore(examined: Examined): Verdict {
  const { kind, loggedAs = kind } = examined
  if (loggedAs === 'unknown')
    return notReadable(kind === 'unknown' ? 'TYPE-UNKNOWN' : 'SCHEMA-UNKNOWN')
  return isOfItsSender(examined) ? accepted([]) : refused('SENDER-DIFFERS')
}

function judgeAuthentic(
  examined: Examined,
  document: AuthenticDocument,
  deps: IncomingDependencies,
  context: CertificateContext,
): Verdict | Promise<Verdict> {
  switch (examined.kind) {
    case 'certificate':
      return judgeIncomingCertificate(examined, deps, context)
    case 'status-change':
      return judgeIncomingChange(examined, document, deps, context.now)
    case 'second-signature':
      return judgeSecondSignature(examined, document, deps)
    case 'attestation':
      return judgeAttestation(examined, document, deps, context.now)
    case 'reconciliation':
      return judgeIncomingReconciliation(examined, document, deps, context.now)
    default:
      return notReadable('TYPE-UNKNOWN')
  }
}

/** An authentic document of a key under suspicion is kept and used as any other, as soon as that is lifted. */
async function withNotices(
  verdict: Verdict,
  document: AuthenticDocument,
  deps: IncomingDependencies,
  now: Date,
): Promise<Verdict> {
  if (verdict.verdict === 'wait' || verdict.effects.length === 0) return verdict
  const at = formatInstant(now)
  const claimed = formatInstant(new Date(document.iat * 1000))
  const { outcome, code } = await checkNotices(deps, document, { proven: at, claimed, now: at })
  if (outcome === 'passed') return verdict
  return {
    ...verdict,
    outcome: 'accepted-with-findings',
    findings: [...verdict.findings, code.toUpperCase()],
  }
}

function verdictOf(
  check: Check,
  { arrivedAt }: Incoming,
  trustCheckedAt: string | undefined,
): Verdict {
  if (check.outcome === 'unknown') return waiting(`${check.check}: ${check.code}`)
  const mayBeNew = check.code === 'key-unknown' || check.code === 'no-anchor'
  if (mayBeNew && mayBecomeTrusted(arrivedAt, trustCheckedAt)) return waiting('trust list')
  return refused(check.code.toUpperCase())
}
