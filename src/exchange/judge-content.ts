import { dayAt, type Day } from '../certificate/day.ts'
import type { CertificateState } from '../certificate/certificate-state.ts'
import { judge } from '../certificate/judge.ts'
import type { Policy } from '../certificate/policy.ts'
import type { Finding } from '../certificate/rule.ts'
import { stateOn } from '../certificate/status-transition.ts'
import { usability } from '../certificate/usability.ts'
import { zoneOffset } from '../certificate/zone.ts'
import type { CertificateContent } from './certificate-content.ts'
import type { CertificateStore, StoredCertificate } from './certificate-store.ts'
import { passed, type Check } from './check.ts'
import { type Declaration, type LineMatch, matchDeclaration } from './declaration.ts'
import { loadChanges, registryFor } from './registered.ts'

export interface Judged {
  readonly checks: readonly Check[]
  readonly status: CertificateState | undefined
  readonly findings: readonly Finding[]
  readonly notEvaluated: readonly string[]
  readonly lines: readonly LineMatch[]
}

/** What customs asks of a genuine certificate: is it for us, the registered one, in order, in force? */
export async function judgeContent(
  deps: {
    readonly state: string
    readonly policy: Policy
    readonly certificates: CertificateStore
  },
  now: Date,
  { sha256, stored }: { sha256: string; stored: StoredCertificate | undefined },
  { type, payload, id }: CertificateContent,
  declaration: Declaration | undefined,
): Promise<Judged> {
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
  checks.push(identityCheck(registered, sha256))

  const certificate = payload.certificate
  const changes = stored ? await loadChanges(deps.certificates, sha256) : []
  const day = declaration?.date ?? dayAt(now, zoneOffset(deps.policy, id.state) ?? 0)
  const status = stateOn(
    type,
    certificate,
    changes.map(({ change }) => change),
    day,
  )
  const { findings, notEvaluated } = judge(type, certificate, {
    stage: 'customs',
    policy: deps.policy,
    issuer: payload.iss,
    now,
    registry: await registryFor(deps.certificates, type, certificate, deps.policy),
    state: status,
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
  checks.push(...usabilityChecks(type.validity(certificate), status, day))

  const lines = declaration
    ? matchDeclaration(type.lines(certificate), declaration.lines, deps.policy.deliveryLimitPercent)
    : []
  if (declaration) checks.push(declarationCheck(lines))
  return { checks, status, findings, notEvaluated, lines }
}

function identityCheck(registered: StoredCertificate | undefined, sha256: string): Check {
  if (!registered) return { check: 'identity', outcome: 'unknown', code: 'unknown-here' }
  if (registered.sha256 === sha256) return passed('identity')
  const detail = registered.sha256
  return { check: 'identity', outcome: 'failed', code: 'content-differs-from-registered', detail }
}

function usabilityChecks(
  validity: Parameters<typeof usability>[1],
  status: CertificateState,
  day: Day,
): Check[] {
  const usable = usability(status, validity, day)
  if (usable.verdict === 'usable') return [passed('status'), passed('validity')]
  const inTime = usable.reason === 'expired' || usable.reason === 'not-yet-valid'
  const outcome = usable.verdict === 'not-usable' ? 'failed' : 'unknown'
  const check: Check = {
    check: inTime || usable.reason === 'extended-without-end' ? 'validity' : 'status',
    outcome,
    code: inTime ? `${usable.reason}-document` : usable.reason,
    detail: usable.since,
  }
  return check.check === 'validity' ? [passed('status'), check] : [check]
}

function declarationCheck(lines: readonly LineMatch[]): Check {
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
