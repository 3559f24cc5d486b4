import { dayAt, type Day } from '../certificate/day.ts'
import { DEFAULT_POLICY } from '../certificate/default-policy.ts'
import { judge } from '../certificate/judge.ts'
import type { Policy } from '../certificate/policy.ts'
import { stateOn } from '../certificate/status-transition.ts'
import { usability } from '../certificate/usability.ts'
import { zoneOffset } from '../certificate/zone.ts'
import { formatInstant } from '../encoding/time.ts'
import { againstClaimed } from '../exchange/validation/against-claimed.ts'
import {
  authenticate,
  type Authentication,
  digestOf,
  listUndecided,
} from '../exchange/validation/authenticate.ts'
import {
  type CertificateContent,
  checkContent,
} from '../exchange/validation/certificate-content.ts'
import { type Check, passed } from '../exchange/validation/check.ts'
import { claimedState } from '../exchange/validation/claimed-state.ts'
import { composeReport } from '../exchange/validation/compose-report.ts'
import { type Declaration, matchDeclaration } from '../exchange/validation/declaration.ts'
import { declarationCheck } from '../exchange/validation/judge-content.ts'
import { checkStatusList } from '../exchange/status-lists/check.ts'
import type { StatusListSource } from '../exchange/status-lists/source.ts'
import type { ValidationReport } from '../exchange/validation/validation-report.ts'
import type { TrustList } from '../trust/trust-list.ts'
import type { Trust } from '../trust/trust.ts'
import type { PathCache } from '../x509/path-cache.ts'

interface OfflineQuestion {
  readonly jws: string
  readonly trust: Trust
  /** States of which a list is at hand that is newer than what is believed, and cannot be judged. */
  readonly undecided: ReadonlySet<string>
  readonly paths: PathCache
  readonly statusLists: StatusListSource
  /** The state in which the certificate is presented; without it that check is left out. */
  readonly presentedIn: string | undefined
  readonly declaration: Declaration | undefined
  readonly now: Date
  readonly id: string
}

/**
 * What only a register could tell: whether the issuer has changed its mind since. `list`: under which address
 * the status list is that would say it.
 */
const statusNotKnown = (list: string): Check => ({
  check: 'status',
  outcome: 'unknown',
  code: 'status-source-absent',
  detail: list,
})

/**
 * Validates a document by lists, CRLs and roots at hand, without network and register. Without a status
 * list the best answer is "cannot tell" under a signature that has passed; with one it is as old as the list.
 */
export async function validateOffline(question: OfflineQuestion): Promise<ValidationReport> {
  const { jws, trust, now, id } = question
  const authentication = await authenticate(jws, {
    trust,
    paths: question.paths,
    purpose: 'document-seal',
    at: now,
    now,
    typs: ['product-certificate+jwt'],
  })
  const { document } = authentication
  const checked = document && checkContent(document, now)
  const content = checked?.content
  const judged = content && (await judgeCertificate(content, question))
  const against = await againstClaimed(authentication, { isProven: false, now }, (claimed) =>
    judgeCertificate(claimed, question),
  )
  const furtherChecks: Check[] = [...(judged ?? against).checks]
  const claimed = document?.state ?? authentication.state ?? claimedState(jws)
  const list = claimed === undefined ? undefined : trust.view.list(claimed)
  const isUndecided = claimed !== undefined && question.undecided.has(claimed)
  if (isUndecided && !list) furtherChecks.push(...undecidedList(authentication, claimed))
  const staleSince = list && (isUndecided ? list.issuedAt : endOfStale(list, now))
  return composeReport({
    id,
    now,
    sha256: await digestOf(jws),
    provenAt: undefined,
    provenBy: undefined,
    view: trust.view,
    staleSince,
    trustFresh: list !== undefined && staleSince === undefined,
    authentication,
    content: checked,
    furtherChecks,
    leftOut: {
      'security-notice': 'not-available',
      'national-signature': 'not-available',
      identity: 'not-available',
      ...(question.presentedIn === undefined && { addressee: 'not-asked' }),
      ...(!question.declaration && { declaration: 'not-asked' }),
    },
    status: undefined,
    findings: judged?.findings ?? [],
    notEvaluated: judged?.notEvaluated ?? [],
    lines: (judged ?? against).lines,
    statusList: (judged ?? against).statusList,
  })
}

/** All that customs asks of a certificate and the lists at hand can tell. */
async function judgeCertificate(content: CertificateContent, question: OfflineQuestion) {
  const { statusLists, now } = question
  const goods = judgeGoods(content, { ...question, policy: DEFAULT_POLICY })
  const { uri, idx } = content.payload.status.status_list
  // A certificate is of the state of its signer, or it has no content.
  const statusList = await statusLists.find(uri, content.id.state)
  const status = statusList ? checkStatusList(statusList, idx, now) : statusNotKnown(uri)
  const checks = [...goods.checks, inForce(content, dayOf(content, question)), status]
  return { ...goods, checks, statusList }
}

function endOfStale({ nextUpdate }: TrustList, now: Date): string | undefined {
  return formatInstant(now) > nextUpdate ? nextUpdate : undefined
}

/**
 * What is to be said of the registration of a signer under a pinned root whose list cannot be judged, where
 * revocation ended the validation before. For the same reason perhaps, yet it is a thing of its own.
 */
export function undecidedList({ checks }: Authentication, state: string): Check[] {
  const led = checks.some(({ check, code }) => check === 'certification-path' && code === 'ok')
  const said = checks.some(({ check }) => check === 'registration')
  return led && !said ? [listUndecided(state)] : []
}

/** What customs asks of a certificate and can be told without any register, but for its validity. */
export function judgeGoods(
  { type, payload, id }: CertificateContent,
  {
    presentedIn,
    declaration,
    now,
    policy,
  }: Pick<OfflineQuestion, 'presentedIn' | 'declaration' | 'now'> & { readonly policy: Policy },
) {
  const { certificate, aud, iss } = payload
  const checks: Check[] = []
  if (presentedIn !== undefined)
    checks.push(
      id.state === presentedIn || aud.includes(presentedIn)
        ? passed('addressee')
        : {
            check: 'addressee',
            outcome: 'failed',
            code: 'not-addressed-here',
            detail: aud.join(', '),
          },
    )
  // No registry: what a rule would look up there is not evaluated, rather than found missing.
  const facts = { stage: 'customs', policy, issuer: iss, now, message: [id] } as const
  const { findings, notEvaluated } = judge(type, certificate, facts)
  const broken = findings.filter(({ severity }) => severity !== 'info').map(({ rule }) => rule)
  const detail = [...new Set(broken)].join(', ')
  checks.push(
    broken.length === 0
      ? passed('rules')
      : { check: 'rules', outcome: 'warning', code: 'rules-broken', detail },
  )
  const lines = declaration
    ? matchDeclaration(type.lines(certificate), declaration.lines, policy.deliveryLimitPercent)
    : []
  if (declaration) checks.push(declarationCheck(lines))
  return { checks, findings, notEvaluated, lines }
}

function dayOf({ id }: CertificateContent, { declaration, now }: OfflineQuestion): Day {
  return declaration?.date ?? dayAt(now, zoneOffset(DEFAULT_POLICY, id.state) ?? 0)
}

/** What the document says of itself on a day. */
function inForce({ type, payload: { certificate } }: CertificateContent, day: Day): Check {
  const usable = usability(stateOn(type, certificate, [], day), type.validity(certificate), day)
  if (usable.verdict === 'usable') return passed('validity')
  const { reason, since: detail } = usable
  const outcome = usable.verdict === 'not-usable' ? 'failed' : 'unknown'
  if (reason === 'expired' || reason === 'not-yet-valid')
    return { check: 'validity', outcome, code: `${reason}-document`, detail }
  return { check: 'status', outcome, code: reason, detail }
}
