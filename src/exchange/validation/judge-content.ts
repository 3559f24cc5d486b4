import { dayAt } from '../../certificate/day.ts'
import type { CertificateState } from '../../certificate/certificate-state.ts'
import { judge } from '../../certificate/judge.ts'
import type { Finding } from '../../certificate/rule.ts'
import { zoneOffset } from '../../certificate/zone.ts'
import type { Trust } from '../../trust/trust.ts'
import type { CertificateContent } from './certificate-content.ts'
import type { StoredCertificate } from '../certificate-store.ts'
import { passed, type Check } from './check.ts'
import { type Declaration, type LineMatch, matchDeclaration } from './declaration.ts'
import { judgeUnknown, type UnknownDependencies } from '../incoming/judge-unknown.ts'
import { judgeStatus, type StatusDependencies } from './judge-status.ts'
import { officialsFact, type OfficialsStore } from '../keep-trust/officials.ts'
import { registryFor } from '../registered.ts'
import type { VerifiedStatusList } from '../status-lists/token.ts'

export interface Judged {
  readonly checks: readonly Check[]
  readonly status: CertificateState | undefined
  readonly findings: readonly Finding[]
  readonly notEvaluated: readonly string[]
  readonly lines: readonly LineMatch[]
  /** The list that told the status of a certificate which this node never received. */
  readonly statusList: VerifiedStatusList | undefined
}

type JudgeDependencies = UnknownDependencies &
  StatusDependencies & { readonly officials: OfficialsStore }

/** What customs asks of a genuine certificate: is it for us, the registered one, in order, in force? */
export async function judgeContent(
  deps: JudgeDependencies,
  now: Date,
  {
    sha256,
    stored,
    signedAt,
    trust,
  }: { sha256: string; stored: StoredCertificate | undefined; signedAt: Date; trust: Trust },
  content: CertificateContent,
  declaration: Declaration | undefined,
): Promise<Judged> {
  const { type, payload, id } = content
  const checks: Check[] = []
  const ownIssue = id.state === deps.state
  checks.push(
    ownIssue || payload.aud.includes(deps.state)
      ? passed('addressee')
      : {
          check: 'addressee',
          outcome: 'failed',
          code: 'not-addressed-here',
          detail: payload.aud.join(', '),
        },
  )
  const registered = stored ?? (await deps.certificates.find(id))
  const unknown = registered ? undefined : await judgeUnknown(deps, content, { signedAt, now })
  checks.push(unknown?.identity ?? identityCheck(registered!, sha256))

  const certificate = payload.certificate
  const day = declaration?.date ?? dayAt(now, zoneOffset(deps.policy, id.state) ?? 0)
  const { state: status, checks: inForce } = await judgeStatus(
    deps,
    { sha256: stored?.sha256, day, isOwn: stored?.origin === 'issued' },
    content,
    { trust, now },
  )
  const officials = await officialsFact(deps.officials, trust, id.state)
  const { findings, notEvaluated } = judge(type, certificate, {
    stage: 'customs',
    policy: deps.policy,
    issuer: payload.iss,
    now,
    registry: await registryFor(
      deps.certificates,
      { type, certificate, document: { sha256, id } },
      deps.policy,
    ),
    state: status,
    ...(officials && { officials }),
    message: [id],
  })
  const broken = findings.filter(({ severity }) => severity !== 'info')
  checks.push(
    broken.length === 0
      ? passed('rules')
      : {
          check: 'rules',
          outcome: 'warning',
          code: 'rules-broken',
          detail: [...new Set(broken.map(({ rule }) => rule))].join(', '),
        },
  )
  const listed = unknown?.listed?.status
  checks.push(
    ...(listed ? [listed, ...inForce.filter((check) => !isPassedStatus(check))] : inForce),
  )

  const lines = declaration
    ? matchDeclaration(type.lines(certificate), declaration.lines, deps.policy.deliveryLimitPercent)
    : []
  if (declaration) checks.push(declarationCheck(lines))
  return {
    checks,
    status: listed?.outcome === 'failed' ? undefined : status,
    findings,
    notEvaluated,
    lines,
    statusList: unknown?.listed?.by,
  }
}

function isPassedStatus({ check, outcome }: Check): boolean {
  return check === 'status' && outcome === 'passed'
}

function identityCheck(registered: StoredCertificate, sha256: string): Check {
  if (registered.sha256 === sha256) return passed('identity')
  const detail = registered.sha256
  return { check: 'identity', outcome: 'failed', code: 'content-differs-from-registered', detail }
}

/** Whether the certificate covers the lines of a declaration. */
export function declarationCheck(lines: readonly LineMatch[]): Check {
  const check = 'declaration'
  const uncovered = lines.filter(({ item }) => item === null)
  if (uncovered.length > 0)
    return { check, outcome: 'failed', code: 'line-not-covered', detail: numbersOf(uncovered) }
  const exceeding = lines.filter(({ differences }) =>
    differences.some(({ differs }) => differs === 'quantity'),
  )
  if (exceeding.length > 0)
    return { check, outcome: 'failed', code: 'line-exceeds', detail: numbersOf(exceeding) }
  const differing = lines.filter(({ differences }) => differences.length > 0)
  if (differing.length > 0)
    return { check, outcome: 'warning', code: 'line-differs', detail: numbersOf(differing) }
  return passed(check)
}

function numbersOf(lines: readonly LineMatch[]): string {
  return lines.map(({ line }) => line).join(', ')
}
