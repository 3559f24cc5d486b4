import { z } from 'zod'
import { dayAt, type Day } from '../certificate/day.ts'
import { DEFAULT_POLICY } from '../certificate/default-policy.ts'
import { Policy } from '../certificate/policy.ts'
import { zoneOffset } from '../certificate/zone.ts'
import { formatInstant } from '../encoding/time.ts'
import { authenticate, digestOf } from '../exchange/authenticate.ts'
import { checkContent } from '../exchange/certificate-content.ts'
import { checkNotices } from '../exchange/check-notices.ts'
import { checkStatement, claimedAsOf, type StatementVerdict } from '../exchange/check-statement.ts'
import type { Check } from '../exchange/check.ts'
import { composeReport } from '../exchange/compose-report.ts'
import type { Declaration } from '../exchange/declaration.ts'
import { packNotices } from '../exchange/evidence-notices.ts'
import type { EvidencePack } from '../exchange/evidence-pack.ts'
import { statusByPack } from '../exchange/evidence-status.ts'
import { type GivenTrust, packTrust, type PackTrust } from '../exchange/evidence-trust.ts'
import type { ValidationReport } from '../exchange/validation-report.ts'
import { type NotWitnessed, type WitnessedTime, witnessedTime } from '../exchange/witnessed-time.ts'
import type { Trust } from '../trust/trust.ts'
import { createPathCache } from '../x509/path-cache.ts'
import { claimedState, judgeGoods } from './offline-validation.ts'

export interface EvidenceQuestion {
  readonly pack: EvidencePack
  /** What was given beside the pack; its roots above all, for a pack proves nothing by itself. */
  readonly given: Omit<GivenTrust, 'now'>
  /** The day asked about; else that of the declaration, else the last that the pack speaks of. */
  readonly day: Day | undefined
  /** So many states beside the one whose log it is must have witnessed the document. */
  readonly witnesses: number
  readonly presentedIn: string | undefined
  readonly declaration: Declaration | undefined
  readonly now: Date
  readonly id: string
}

export interface EvidenceAnswer {
  readonly report: ValidationReport
  readonly refused: PackTrust['refused']
}

/**
 * Whether a certificate was valid and usable on a day, by an evidence pack and pinned roots alone. It is
 * judged as of the time at which its node stated that nothing is missing; what is not proven is unknown.
 */
export async function validateEvidence(question: EvidenceQuestion): Promise<EvidenceAnswer> {
  const { pack, given, now, id, witnesses } = question
  const paths = createPathCache()
  const sha256 = await digestOf(pack.document.jws)
  const asOf = earlier(claimedAsOf(pack) ?? now, now)
  const { trust, refused } = await packTrust(pack, { ...given, now: asOf })
  const statement = await checkStatement(pack, { document: sha256, trust, paths, now })
  const witnessed = { trust, state: pack.state, witnesses, now }
  const time = await witnessedTime(pack.document, sha256, witnessed)
  const provenAt = 'at' in time ? time.at : undefined
  // Two clocks differ: the witness may have signed a little later than the statement says.
  const present = provenAt && provenAt > asOf ? provenAt : asOf
  const context = { ...witnessed, now: present, paths }

  const authentication = await authenticate(pack.document.jws, {
    trust,
    paths,
    purpose: 'document-seal',
    at: provenAt ?? present,
    now: present,
    typs: ['product-certificate+jwt'],
  })
  const { document } = authentication
  const checked = document && checkContent(document, provenAt ?? present)
  const content = checked?.content
  const { notices, undecided } = await packNotices(pack, context)
  const policy = 'asOf' in statement ? policyOf(pack) : DEFAULT_POLICY
  const own = { state: question.presentedIn ?? pack.state, policy, notices }
  const checks: Check[] = []
  if (document)
    checks.push(
      await checkNotices(own, document, {
        proven: provenAt && formatInstant(provenAt),
        claimed: formatInstant(new Date(document.iat * 1000)),
        now: formatInstant(present),
      }),
    )
  const zone = content ? (zoneOffset(policy, content.id.state) ?? 0) : 0
  const day = question.day ?? question.declaration?.date ?? dayAt(present, zone)
  const goods = content && judgeGoods(content, { ...question, now: present })
  const status =
    content && (await statusByPack(pack, content, { sha256, day }, { ...context, notices: own }))
  if (goods) checks.push(...goods.checks)
  if (content) checks.push(identityCheck(time, day, zone))
  if (status && content) {
    const isExtendable = content.type.changes.extend !== undefined
    const known = { statement, undecided, day, zone, isExtendable }
    checks.push(...statusChecks(status.checks, known))
  }

  const staleSince = staleList(trust, document?.state ?? claimedState(pack.document.jws), present)
  const report = await composeReport({
    id,
    now: present,
    sha256,
    provenAt,
    provenBy: 'at' in time ? time.provenBy : undefined,
    view: trust.view,
    staleSince,
    trustFresh: staleSince === undefined && trust.anchors.length > 0,
    authentication,
    content: checked,
    furtherChecks: checks,
    leftOut: {
      'national-signature': 'not-available',
      // Left out where an extension after the pack may have moved the end.
      ...(content && { validity: 'not-available' }),
      ...(question.presentedIn === undefined && { addressee: 'not-asked' }),
      ...(!question.declaration && { declaration: 'not-asked' }),
    },
    status: status?.state,
    findings: goods?.findings ?? [],
    notEvaluated: goods?.notEvaluated ?? [],
    lines: goods?.lines ?? [],
    statusList: undefined,
  })
  const stated = 'asOf' in statement ? formatInstant(statement.asOf) : undefined
  const complete = 'asOf' in statement && 'at' in time && pack.missing.length === 0
  const evidence = { ...report.evidence, pack: { state: pack.state, day, asOf: stated, complete } }
  return { report: { ...report, createdAt: formatInstant(now), evidence }, refused }
}

const earlier = (a: Date, b: Date) => (a < b ? a : b)

/** Of the settings that came with the pack only those that decide nothing but days and holds. */
function policyOf({ policy }: EvidencePack): Policy {
  const given = z
    .object({ zones: Policy.shape.zones, securityHold: Policy.shape.securityHold })
    .safeParse(policy)
  return given.success ? { ...DEFAULT_POLICY, ...given.data } : DEFAULT_POLICY
}

/** In the place of the register: whether the log proves the document, and by when. */
function identityCheck(time: WitnessedTime | NotWitnessed, day: Day, zone: number): Check {
  const check = 'identity'
  if ('code' in time) return { check, outcome: 'unknown', ...time }
  const { at, provenBy } = time
  const instant = formatInstant(at)
  if (day < dayAt(at, zone))
    return { check, outcome: 'unknown', code: 'not-proven-by-then', detail: instant }
  const { witness, origin, index } = provenBy
  const detail = `${origin} ${index}, ${witness}, ${instant}`
  return { check, outcome: 'warning', code: 'logged-and-witnessed', detail }
}

/** What ended a certificate for good stands, whatever else is not known. */
const FINAL: readonly string[] = ['annulled', 'replaced', 'terminated', 'archived']

/**
 * What the changes say, as far as they are known to be all and the day is one that they speak of. Else a
 * suspension may have been lifted and a period extended by a change that is not here.
 */
function statusChecks(
  byChanges: readonly Check[],
  known: {
    readonly statement: StatementVerdict
    readonly undecided: readonly string[]
    readonly day: Day
    readonly zone: number
    readonly isExtendable: boolean
  },
): readonly Check[] {
  const { statement, undecided, day, zone, isExtendable } = known
  const check = 'status'
  const open = openStatus({ statement, undecided, day, zone })
  if (open) {
    const stands = ({ check: of, code }: Check) =>
      of === check ? FINAL.includes(code) : code !== 'expired-document' || !isExtendable
    return [...byChanges.filter(stands), { check, outcome: 'unknown', ...open }]
  }
  const checks = byChanges.filter((one) => one.check !== check || one.outcome !== 'passed')
  if (checks.some((one) => one.check === check) || !('asOf' in statement)) return checks
  const detail = formatInstant(statement.asOf)
  return [...checks, { check, outcome: 'warning', code: 'valid-by-pack', detail }]
}

/** Why the pack may lack a change that matters on the day. */
function openStatus(known: {
  readonly statement: StatementVerdict
  readonly undecided: readonly string[]
  readonly day: Day
  readonly zone: number
}): { readonly code: string; readonly detail: string } | undefined {
  const { statement, undecided, day, zone } = known
  if (!('asOf' in statement)) return statement
  if (undecided.length > 0)
    return { code: 'pack-not-whole', detail: `securityNotices: ${undecided.join(', ')}` }
  if (day <= dayAt(statement.asOf, zone)) return undefined
  return { code: 'later-than-pack', detail: formatInstant(statement.asOf) }
}

/** When the list of the signer's state should have been renewed; undefined: not by then. */
function staleList({ view }: Trust, state: string | undefined, at: Date): string | undefined {
  const nextUpdate = state === undefined ? undefined : view.list(state)?.nextUpdate
  return nextUpdate !== undefined && formatInstant(at) > nextUpdate ? nextUpdate : undefined
}
