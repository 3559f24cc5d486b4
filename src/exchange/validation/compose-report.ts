import type { CertificateState } from '../../certificate/certificate-state.ts'
import type { Finding } from '../../certificate/rule.ts'
import { formatInstant } from '../../encoding/time.ts'
import type { TrustView } from '../../trust/trust-view.ts'
import type { Authentication } from './authenticate.ts'
import type { CertificateContent, ContentCheck } from './certificate-content.ts'
import { sentenceOf } from '../texts/check-texts.ts'
import { type Check, type CheckName, inOrder, notMade } from './check.ts'
import type { LineMatch } from './declaration.ts'
import { judgeAtInstants } from './judge-signature.ts'
import { findReason } from './reason-catalogue.ts'
import { signingTimeCheck } from './signing-time.ts'
import type { VerifiedStatusList } from '../status-lists/token.ts'
import {
  type AlsoProven,
  answerOf,
  type CheckNotMade,
  type ProvenBy,
  type ReportedCheck,
  type ValidationReport,
} from './validation-report.ts'

/** All that a validation found, before it is put in order. */
export interface Findings {
  readonly id: string
  readonly now: Date
  readonly sha256: string
  /** When the signature is proven to have existed; it was judged then, else now. */
  readonly provenAt: Date | undefined
  /** What proves it, and what else does. */
  readonly provenBy: ProvenBy | undefined
  readonly provenAlso?: readonly AlsoProven[] | undefined
  readonly view: TrustView
  /** The end of a trust list that the answer rests on and that is out of date. */
  readonly staleSince: string | undefined
  /** Whether the trust lists at hand are those that an unknown signer would stand in. */
  readonly trustFresh: boolean
  readonly authentication: Authentication
  readonly content: ContentCheck | undefined
  /** What customs asks beyond the signature. */
  readonly furtherChecks: readonly Check[]
  /** Checks that were left out for another reason than that one before them ended the validation. */
  readonly leftOut: Readonly<Partial<Record<CheckName, CheckNotMade['because']>>>
  readonly status: CertificateState | undefined
  readonly findings: readonly Finding[]
  readonly notEvaluated: readonly string[]
  readonly lines: readonly LineMatch[]
  readonly statusList: VerifiedStatusList | undefined
}

/** The report on a document: every check that could be made in its place, and why the others were not. */
export async function composeReport(found: Findings): Promise<ValidationReport> {
  const { authentication, content, provenAt, now, staleSince, statusList } = found
  const { document, claimedAt } = authentication
  const made = [...authentication.checks, ...(content?.checks ?? []), ...found.furtherChecks]
  if (document && claimedAt) made.push(signingTimeCheck(claimedAt, provenAt, now))
  // A document that never got to its signer does not depend on any list.
  if (authentication.at && staleSince !== undefined) made.push(staleList(staleSince))
  const checks = inOrder(made)
  const instants = { provenAt, now }
  const { judgements, signedAfterEnd } = await judgeAtInstants(authentication, checks, instants)
  const { indication, subIndication } = judgements.find(({ decides }) => decides)!
  return {
    id: found.id,
    createdAt: formatInstant(now),
    ...answerOf(checks, {
      trustFresh: found.trustFresh,
      proven: provenAt !== undefined,
      signedAfterEnd,
    }),
    indication,
    subIndication,
    instants: {
      claimed: claimedAt && formatInstant(claimedAt),
      proven: provenAt && formatInstant(provenAt),
      checked: formatInstant(now),
    },
    provenBy: found.provenBy,
    provenAlso: found.provenAlso,
    judgements,
    certificate: content?.content && describe(content.content, found.sha256),
    status: found.status,
    checks: reported(checks),
    notMade: withReasons(checks, found.leftOut),
    stoppedBy: (document ? (content?.content ? undefined : content) : authentication)?.checks.at(-1)
      ?.check,
    findings: found.findings,
    notEvaluated: found.notEvaluated,
    lines: found.lines,
    evidence: {
      ...listsOf(found.view),
      statusList: statusList && {
        uri: statusList.uri,
        issuedAt: formatInstant(statusList.issuedAt),
        expiresAt: formatInstant(statusList.expiresAt),
      },
    },
  }
}

function describe({ type, payload }: CertificateContent, sha256: string) {
  const { certificate, iss: issuer } = payload
  return { sha256, ...type.identity(certificate), type: type.type, issuer, content: certificate }
}

/** Checks with what each of them says, and the rule of the trust profile that it applied. */
export function reported(checks: readonly Check[]): ReportedCheck[] {
  return checks.map((check) => {
    const rule = findReason(check.code)?.rule
    return { ...check, ...(rule !== undefined && { rule }), sentence: sentenceOf(check) }
  })
}

/** What was not checked and why; without a reason of its own because one before it ended the validation. */
export function withReasons(
  checks: readonly Check[],
  leftOut: Findings['leftOut'],
): readonly CheckNotMade[] {
  return notMade(checks).map((check) => ({ check, because: leftOut[check] ?? 'stopped' }))
}

/** The trust lists at hand, as evidence. */
export function listsOf(view: TrustView): Pick<ValidationReport['evidence'], 'trustLists'> {
  return {
    trustLists: view.states().map((state) => {
      const { version, nextUpdate } = view.list(state)!
      return { state, version, nextUpdate }
    }),
  }
}

function staleList(detail: string): Check {
  return { check: 'registration', outcome: 'unknown', code: 'trust-list-stale', detail }
}
