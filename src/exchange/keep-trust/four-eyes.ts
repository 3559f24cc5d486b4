import { formatInstant } from '../../encoding/time.ts'
import type { AdminAct } from '../../trust/admin-act.ts'
import type { TrustProposal, TrustQuestion } from '../../trust/trust-decisions.ts'
import { readWithdrawal } from '../../trust/root-withdrawal.ts'
import type { TrustStore } from '../../trust/trust-store.ts'
import { isContradicting, type WitnessClaims } from '../log/set-aside-witness.ts'
import { type DecidingClients, namesOf } from './persons.ts'

interface FourEyesDependencies {
  readonly now: () => Date
  readonly trustStore: TrustStore
  readonly clients: DecidingClients
  /** What witnesses say against the own log; without it none of them can be set aside. */
  readonly claims?: WitnessClaims
}

/** Who does it as the record of administrative acts names them, and what is to be said of it there. */
export interface Deciding {
  readonly actor: string
  readonly detail?: string | undefined
}

export type ProposeOutcome =
  | { readonly outcome: 'proposed' | 'already-proposed'; readonly proposal: TrustProposal }
  | { readonly outcome: 'already-approved' | 'unknown-subject' | 'nobody-named' }

export type ApproveOutcome =
  | { readonly outcome: 'approved' | 'same-person' | 'lapsed'; readonly proposal: TrustProposal }
  | { readonly outcome: 'already-approved' | 'not-proposed' | 'nobody-named' }

/** A proposal that nobody has approved for so long is none any more. */
export const PROPOSAL_DAYS = 7

const PROPOSED = {
  root: 'root-proposed',
  'root-withdrawn': 'root-withdrawal-proposed',
  additions: 'additions-proposed',
  fork: 'fork-decision-proposed',
  witness: 'witness-set-aside-proposed',
} as const satisfies Record<TrustQuestion['kind'], AdminAct['act']>
const APPROVED = {
  root: 'root-pinned',
  'root-withdrawn': 'root-withdrawn',
  additions: 'additions-approved',
  fork: 'fork-decided',
  witness: 'witness-set-aside',
} as const satisfies Record<TrustQuestion['kind'], AdminAct['act']>

/** The first of two persons asks for a decision on trust; nothing changes yet. */
export function proposeTrust(deps: FourEyesDependencies) {
  const { now, trustStore, clients } = deps
  return async (
    { kind, state, subject }: TrustQuestion,
    { actor, detail }: Deciding,
  ): Promise<ProposeOutcome> => {
    const question = { kind, state, subject }
    if (await isDecided(trustStore, question)) return { outcome: 'already-approved' }
    if (!(await namesOf(actor, clients))) return { outcome: 'nobody-named' }
    const at = now()
    if (!(await isKnown(deps, question, at))) return { outcome: 'unknown-subject' }
    const standing = await lastProposal(trustStore, question)
    if (standing && !hasLapsed(standing, at) && (await namesOf(standing.proposedBy, clients)))
      return { outcome: 'already-proposed', proposal: standing }
    const proposal = { ...question, proposedAt: formatInstant(at), proposedBy: actor }
    await trustStore.propose(proposal, [actOf(PROPOSED[kind], question, at, actor, detail)])
    return { outcome: 'proposed', proposal }
  }
}

/** The second person decides: from then on it counts. Who proposed it cannot be the one to approve it. */
export function approveTrust({ now, trustStore, clients }: FourEyesDependencies) {
  return async (
    { kind, state, subject }: TrustQuestion,
    { actor, detail }: Deciding,
  ): Promise<ApproveOutcome> => {
    const question = { kind, state, subject }
    if (await isDecided(trustStore, question)) return { outcome: 'already-approved' }
    const proposal = await lastProposal(trustStore, question)
    if (!proposal) return { outcome: 'not-proposed' }
    const at = now()
    if (hasLapsed(proposal, at)) return { outcome: 'lapsed', proposal }
    const { proposedBy } = proposal
    const [first, second] = [await namesOf(proposedBy, clients), await namesOf(actor, clients)]
    if (!second) return { outcome: 'nobody-named' }
    // It was proposed before client systems named persons.
    if (!first) return { outcome: 'lapsed', proposal }
    if (second.some((name) => first.includes(name))) return { outcome: 'same-person', proposal }
    const approvedAt = formatInstant(at)
    const said = [`proposed by ${proposedBy}`, ...(detail === undefined ? [] : [detail])]
    const outcome = await trustStore.approve(
      { ...question, proposedBy, approvedAt, approvedBy: actor },
      kind === 'root' ? { state, rootSha256: subject, pinnedAt: approvedAt } : undefined,
      [actOf(APPROVED[kind], question, at, actor, said.join('; '))],
    )
    return outcome === 'approved' ? { outcome, proposal } : { outcome }
  }
}

/** What waits for a second person. */
export async function openProposals(
  trustStore: Pick<TrustStore, 'proposals' | 'approvals' | 'pins'>,
  now: Date,
): Promise<(TrustProposal & { readonly lapsesAt: string })[]> {
  const [proposals, approvals] = await Promise.all([trustStore.proposals(), trustStore.approvals()])
  return proposals
    .filter((proposal) => !hasLapsed(proposal, now))
    .filter((proposal) => !approvals.some((approval) => isSame(approval, proposal)))
    .map((proposal) => ({ ...proposal, lapsesAt: formatInstant(lapseOf(proposal)) }))
}

async function isDecided(store: TrustStore, question: TrustQuestion): Promise<boolean> {
  if (question.kind === 'root') {
    const pins = await store.pins()
    return pins.some((pin) => pin.state === question.state && pin.rootSha256 === question.subject)
  }
  return (await store.approvals()).some((approval) => isSame(approval, question))
}

/** Whether there is such a thing to decide on; of a root only the people know. */
async function isKnown(
  { trustStore: store, claims }: FourEyesDependencies,
  question: TrustQuestion,
  now: Date,
): Promise<boolean> {
  const { kind, state, subject } = question
  if (kind === 'root') return true
  if (kind === 'witness') return claims !== undefined && isContradicting(claims, question)
  if (kind === 'root-withdrawn') {
    const withdrawal = readWithdrawal(subject)
    if (!withdrawal || withdrawal.from > formatInstant(now)) return false
    const { rootSha256 } = withdrawal
    return (await store.pins()).some((pin) => pin.state === state && pin.rootSha256 === rootSha256)
  }
  const known = kind === 'additions' ? await store.accepted() : await store.forks()
  return known.some((one) => one.state === state && one.sha256 === subject)
}

async function lastProposal(
  store: TrustStore,
  question: TrustQuestion,
): Promise<TrustProposal | undefined> {
  return (await store.proposals()).findLast((proposal) => isSame(proposal, question))
}

function isSame(a: TrustQuestion, b: TrustQuestion): boolean {
  return a.kind === b.kind && a.state === b.state && a.subject === b.subject
}

function hasLapsed(proposal: TrustProposal, now: Date): boolean {
  return now > lapseOf(proposal)
}

function lapseOf({ proposedAt }: TrustProposal): Date {
  return new Date(Date.parse(proposedAt) + PROPOSAL_DAYS * 86_400_000)
}

function actOf(
  act: AdminAct['act'],
  { state, subject }: TrustQuestion,
  at: Date,
  actor: string,
  detail: string | undefined,
): AdminAct {
  const said = detail === undefined ? subject : `${subject}; ${detail}`
  return { at: formatInstant(at), actor, act, subject: state, detail: said }
}
