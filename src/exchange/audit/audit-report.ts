import type { Text } from '../../certificate/wording.ts'
import {
  type AuditCode,
  type AuditFinding,
  type AuditOutcome,
  isNote,
  meaningOf,
} from './finding.ts'

/** What restores could not bring back and have listed: documents, and records of acts and readings. */
export interface LostFromAudit {
  readonly documents: number
  readonly administrative: number
  /**
   * Documents of which nobody can tell whether their key counted when they were appended: by the acts that
   * are here it waited, and behind the trust list that adds it acts are lost, which may have hastened it.
   */
  readonly signatures?: number
}

/** What an audit says, for people and programs; whoever audits signs it. */
export interface AuditReport {
  readonly schema: 'audit-report/1'
  readonly createdAt: string
  readonly program: string
  /** What was audited: a database, or what a node shows of its log. */
  readonly audited: 'database' | 'node'
  /** Empty, and what follows as well: the file cannot be read so far, as a finding says. */
  readonly state: string
  readonly environment: string
  readonly answer: 'clean' | 'findings' | 'cannot-tell'
  readonly entries: number
  /** Over all entries: what a checkpoint of this size has to say. */
  readonly root: string
  /** The newest checkpoint that the log signed: with it a later audit goes on (`--since`). */
  readonly checkpoint?: string
  /** Entries before this one were audited before. */
  readonly since?: number
  readonly signatures: number
  /** What restores could not bring back and have listed; `certex lost list` names it. */
  readonly lost?: LostFromAudit
  /**
   * Documents whose signer was revoked after they were appended, for a time before it: the first of them by
   * name. No fault of node or log; they count only as far as validations say.
   */
  readonly revokedLater?: {
    readonly documents: number
    readonly meaning: Text
    readonly named: readonly Omit<AuditFinding, 'code'>[]
  }
  /** Until when the evidence of revocation speaks: the last time that stands in what was audited. */
  readonly asOf?: string
  /** Of a database: rows by table that stand behind no entry of the log yet; they prove nothing. */
  readonly uncovered?: Readonly<Record<string, number>>
  /**
   * Sizes up to which the log is signed by its key, and cosigned by another state: of what lies behind
   * nothing proves that it was not written anew.
   */
  readonly vouched: { readonly signed: number; readonly cosigned: number }
  /** The auditor has brought all of the roots (`--anchor`). */
  readonly rootsCompared: boolean
  /** Roots that the audited party says it has pinned: nothing proves them but a comparison out of band. */
  readonly roots: readonly { readonly state: string; readonly fingerprint: string }[]
  /** How many findings there are; beyond some thousand they are counted and not named. */
  readonly found: number
  readonly findings: readonly (AuditFinding & {
    readonly outcome: AuditOutcome
    readonly meaning: Text
  })[]
  /** What such an audit makes sure of nowhere, and why that does no harm. */
  readonly notCovered: readonly { readonly what: string; readonly why: string }[]
}

type Audited = Omit<AuditReport, 'schema' | 'answer' | 'findings' | 'revokedLater'> & {
  /** Notes among them. */
  readonly findings: readonly AuditFinding[]
  readonly revokedLater?: number
}

export function auditReport({ revokedLater = 0, findings: all, ...audited }: Audited): AuditReport {
  const findings = all.filter((finding) => !isNote(finding))
  return {
    schema: 'audit-report/1',
    ...audited,
    answer: answerOf({ findings, lost: audited.lost }),
    ...(revokedLater > 0 && {
      revokedLater: {
        documents: revokedLater,
        meaning: meaningOf('signer-revoked-later').text,
        named: all.filter(isNote).map(({ where, detail }) => ({ where, detail })),
      },
    }),
    findings: findings.map((finding) => {
      const { outcome, text: meaning } = meaningOf(finding.code)
      return { ...finding, outcome, meaning }
    }),
  }
}

function answerOf({
  findings,
  lost,
}: {
  readonly findings: readonly AuditFinding[]
  readonly lost: LostFromAudit | undefined
}): AuditReport['answer'] {
  const isFault = ({ code }: { code: AuditCode }) => meaningOf(code).outcome === 'fault'
  if (findings.some(isFault)) return 'findings'
  return findings.length > 0 || lost?.signatures ? 'cannot-tell' : 'clean'
}
