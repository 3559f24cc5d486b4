import type { Policy } from '../certificate/policy.ts'
import type { TrustStore } from '../trust/trust-store.ts'
import type { PathCache } from '../x509/path-cache.ts'
import type { CertificateStore } from './certificate-store.ts'
import type { Check } from './check.ts'
import type { Examined, Incoming } from './examine.ts'
import type { Inbox } from './inbox.ts'
import { type CertificateContext, judgeIncomingCertificate } from './judge-incoming-certificate.ts'
import { judgeIncomingChange } from './judge-incoming-change.ts'
import { judgeIncomingTrustList } from './judge-incoming-trust-list.ts'
import { notReadable, refused, type Verdict, waiting } from './verdict.ts'

export interface IncomingDependencies {
  readonly state: string
  readonly policy: Policy
  readonly certificates: CertificateStore
  readonly trustStore: TrustStore
  readonly inbox: Inbox
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
  if (examined.kind === 'trust-list') return judgeIncomingTrustList(examined, deps, context)
  if (examined.beginsSoon) return waiting('a key or scope to begin')
  const { document, checks } = examined.authentication!
  if (!document) return verdictOf(checks.at(-1)!, examined, context.trustCheckedAt)
  if (document.state !== examined.sender) return refused('SENDER-DIFFERS')
  switch (examined.kind) {
    case 'certificate':
      return judgeIncomingCertificate(examined, deps, context)
    case 'status-change':
      return judgeIncomingChange(examined, document, deps, context.now)
    default:
      return notReadable('TYPE-UNKNOWN')
  }
}

function verdictOf(
  check: Check,
  { arrivedAt }: Incoming,
  trustCheckedAt: string | undefined,
): Verdict {
  if (check.outcome === 'unknown') return waiting(`${check.check}: ${check.code}`)
  const mayBeNew = check.code === 'key-unknown' || check.code === 'no-anchor'
  if (mayBeNew && (trustCheckedAt === undefined || trustCheckedAt <= arrivedAt))
    return waiting('trust list')
  return refused(check.code.toUpperCase())
}
