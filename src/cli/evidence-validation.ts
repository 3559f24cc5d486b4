import { z } from 'zod'
import { dayAt, type Day } from '../certificate/day.ts'
import { DEFAULT_POLICY } from '../certificate/default-policy.ts'
import { Policy } from '../certificate/policy.ts'
import { zoneOffset } from '../certificate/zone.ts'
import { formatInstant } from '../encoding/time.ts'
import { authenticate, type Authentication, digestOf } from '../exchange/validation/authenticate.ts'
import { checkContent } from '../exchange/validation/certificate-content.ts'
import { checkNotices } from '../exchange/notices/check-notices.ts'
import {
  checkStatement,
  claimedAsOf,
  type StatementVerdict,
} from '../exchange/evidence/check-statement.ts'
import type { Check } from '../exchange/validation/check.ts'
import { claimedState } from '../exchange/validation/claimed-state.ts'
import { composeReport } from '../exchange/validation/compose-report.ts'
import type { Declaration } from '../exchange/validation/declaration.ts'
import { packNotices } from '../exchange/evidence/notices.ts'
import type { EvidencePack } from '../exchange/evidence/pack.ts'
import { packReceipts, type PackReceipts, receiptChecks } from '../exchange/evidence/receipts.ts'
import { statusByPack } from '../exchange/evidence/status.ts'
import { type GivenTrust, packTrust, type PackTrust } from '../exchange/evidence/trust.ts'
import { appliedPolicy, type LogPolicy } from '../exchange/log/policy.ts'
import type { ValidationReport } from '../exchange/validation/validation-report.ts'
import {
  type NotWitnessed,
  type WitnessContext,
  type WitnessedTime,
  witnessedTime,
} from '../exchange/evidence/witnessed-time.ts'
import { createPathCache, type PathCache } from '../x509/path-cache.ts'
import { identityCheck, statusChecks } from './evidence-checks.ts'
import { rulesOfThen } from './evidence-rules.ts'
import { judgeGoods, undecidedList } from './offline-validation.ts'

export interface EvidenceQuestion {
  readonly pack: EvidencePack
  /** What was given beside the pack; its roots above all, for a pack proves nothing by itself. */
  readonly given: Omit<GivenTrust, 'now' | 'clock' | 'policy'>
  /** The day asked about; else that of the declaration, else the last that the pack speaks of. */
  readonly day: Day | undefined
  /** Which witnesses are needed; undefined: one of another state, by the trust lists. */
  readonly policy: LogPolicy | undefined
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
  const { pack, now, id } = question
  const basis = await basisOf(question)
  const { sha256, trust, refused, statement, time, provenAt, present, context } = basis
  const authentication = await authenticateByPack(pack, basis, now)
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
  const then = await rulesOfThen(pack, 'asOf' in statement ? time : undefined, context)
  const judgedAs = { ...question, now: present, policy: then.policy }
  const goods = content && judgeGoods(content, judgedAs)
  if (goods) checks.push(...goods.checks, ...then.checks)
  if (content) checks.push(identityCheck(time, day, zone))
  const status =
    content && (await statusByPack(pack, content, { sha256, day }, { ...context, notices: own }))
  if (status && content) {
    const isExtendable = content.type.changes.extend !== undefined
    const known = { statement, undecided, day, zone, isExtendable }
    checks.push(...statusChecks(status.checks, known))
  }
  const receipts = content && (await packReceipts(pack, { issuedIn: content.id.state }, context))
  if (receipts) checks.push(...receiptChecks(receipts, { ...question, sha256 }))

  const signedIn = document?.state ?? authentication.state ?? claimedState(pack.document.jws)
  const staleSince = staleList(basis, signedIn ?? '')
  const list = trust.view.list(signedIn ?? '')
  if (!list && signedIn !== undefined && basis.newerLists.has(signedIn))
    checks.push(...undecidedList(authentication, signedIn))
  const report = await composeReport({
    id,
    now: present,
    sha256,
    provenAt,
    provenBy: 'at' in time ? time.provenBy : undefined,
    view: trust.view,
    staleSince,
    trustFresh: list !== undefined && staleSince === undefined,
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
  const evidence = {
    ...report.evidence,
    pack: { ...saidOf(pack, basis, receipts, day), rules: then.said },
  }
  return { report: { ...report, createdAt: formatInstant(now), evidence }, refused }
}

/** What a pack is judged by: the trust that it brings, its statement, and since when it exists. */
interface Basis extends Pick<PackTrust, 'trust' | 'refused'> {
  readonly sha256: string
  readonly newerLists: PackTrust['undecided']
  readonly statement: StatementVerdict
  readonly time: WitnessedTime | NotWitnessed
  readonly provenAt: Date | undefined
  /** As of when it is judged. */
  readonly present: Date
  readonly context: WitnessContext & { readonly paths: PathCache; readonly clock: Date }
}

async function basisOf({ pack, given, now, policy }: EvidenceQuestion): Promise<Basis> {
  const paths = createPathCache()
  const sha256 = await digestOf(pack.document.jws)
  const asOf = earlier(claimedAsOf(pack) ?? now, now)
  const trusted = { ...given, policy, now: asOf, clock: now }
  const { trust, refused, undecided: newerLists } = await packTrust(pack, trusted)
  const statement = await checkStatement(pack, { document: sha256, trust, paths, now })
  const quorum = appliedPolicy(trust.view, pack.state, { further: [], policy })
  const witnessed = { trust, state: pack.state, quorum, now }
  const time = await witnessedTime(pack.document, sha256, witnessed)
  const provenAt = 'at' in time ? time.at : undefined
  // Two clocks differ: the witness may have signed a little later than the statement says.
  const present = provenAt && provenAt > asOf ? provenAt : asOf
  const context = { ...witnessed, now: present, paths, clock: now }
  return { sha256, trust, refused, newerLists, statement, time, provenAt, present, context }
}

const earlier = (a: Date, b: Date) => (a < b ? a : b)

/**
 * As of the pack, for what it brings is overdue some day. Evidence given beside it may be newer: what it
 * says against the seal counts; that nothing is known of later takes nothing away.
 */
async function authenticateByPack(
  { document: { jws } }: EvidencePack,
  { trust, context: { paths }, provenAt, present }: Basis,
  now: Date,
): Promise<Authentication> {
  const at = provenAt ?? present
  const question = { trust, paths, purpose: 'document-seal', at } as const
  const typs = ['product-certificate+jwt']
  const byPack = await authenticate(jws, { ...question, now: present, typs })
  const byNow = await authenticate(jws, { ...question, now, typs })
  return !byNow.document && byNow.checks.at(-1)?.outcome === 'failed' ? byNow : byPack
}

/** Whose word the answer rests on, and what registries decided. */
function saidOf(
  pack: EvidencePack,
  { statement, time }: Basis,
  receipts: PackReceipts | undefined,
  day: Day,
): NonNullable<ValidationReport['evidence']['pack']> {
  const isBelieved = 'asOf' in statement && 'at' in time && receipts?.notBelieved.length === 0
  return {
    state: pack.state,
    day,
    asOf: 'asOf' in statement ? formatInstant(statement.asOf) : undefined,
    complete: isBelieved && pack.missing.length === 0,
    receipts: receipts?.decisions ?? [],
  }
}

/** Of the settings that came with the pack only those that decide nothing but days and holds. */
function policyOf({ policy }: EvidencePack): Policy {
  const given = z
    .object({ zones: Policy.shape.zones, securityHold: Policy.shape.securityHold })
    .safeParse(policy)
  return given.success ? { ...DEFAULT_POLICY, ...given.data } : DEFAULT_POLICY
}

/**
 * Since when more is to be known of a state than its list at hand says: a newer one was given that nobody
 * can judge, or it should have been renewed; undefined: not by then.
 */
function staleList({ trust, newerLists, present }: Basis, state: string): string | undefined {
  const list = trust.view.list(state)
  if (newerLists.has(state)) return list?.issuedAt
  const nextUpdate = list?.nextUpdate
  return nextUpdate !== undefined && formatInstant(present) > nextUpdate ? nextUpdate : undefined
}
