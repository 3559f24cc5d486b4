import type { LogStore, WitnessName } from '../../tlog/log-store.ts'
import type { TrustQuestion } from '../../trust/trust-decisions.ts'
import type { TrustStore } from '../../trust/trust-store.ts'
import { NO_STATE } from './policy.ts'

/**
 * The decision of two persons that what a witness says against the own log counts for nothing: it lies, or
 * errs. It names the key of the witness and holds until a database is restored: from then on what a
 * witness has seen may be more than is here, and its word counts again.
 */
export function setAsideQuestion(
  { state, name, keyId }: WitnessName,
  { self, epoch }: { readonly self: string; readonly epoch: string },
): TrustQuestion {
  const subject = `${name}+${keyId.toString(16).padStart(8, '0')}@${epoch}`
  return { kind: 'witness', state: state === NO_STATE ? self : state, subject }
}

/** The witness that a subject names, and the epoch in which it was set aside. */
function readSetAside(
  subject: string,
): (Omit<WitnessName, 'state'> & { readonly epoch: string }) | undefined {
  const [, name, id, epoch] = /^([^+]+)\+([0-9a-f]{8})@(.+)$/.exec(subject) ?? []
  if (name === undefined || id === undefined || epoch === undefined) return undefined
  return { name, keyId: Number.parseInt(id, 16), epoch }
}

export interface SetAsideDependencies {
  readonly state: string
  readonly trustStore: Pick<TrustStore, 'approvals'>
  readonly log: Pick<LogStore, 'epoch'>
}

/** Whose claims two persons have set aside since a database was restored last. */
export async function setAsideWitnesses({
  state: self,
  trustStore,
  log,
}: SetAsideDependencies): Promise<WitnessName[]> {
  const [approvals, epoch] = await Promise.all([trustStore.approvals(), log.epoch()])
  return approvals.flatMap(({ kind, state, subject }) => {
    const named = kind === 'witness' ? readSetAside(subject) : undefined
    if (named?.epoch !== epoch) return []
    const { name, keyId } = named
    return [{ state: state === self ? NO_STATE : state, name, keyId }]
  })
}

export interface WitnessClaims {
  readonly state: string
  readonly log: Pick<LogStore, 'doubt' | 'epoch'>
}

/** Whether a claim of this witness stands against the own log: only such a one can be set aside. */
export async function isContradicting(
  { state: self, log }: WitnessClaims,
  { state, subject }: TrustQuestion,
): Promise<boolean> {
  const [doubt, epoch] = await Promise.all([log.doubt(), log.epoch()])
  const against = doubt?.answers.filter(({ answer }) => answer === 'contradicted') ?? []
  return against.some(({ witness }) => {
    const question = setAsideQuestion(witness, { self, epoch })
    return question.state === state && question.subject === subject
  })
}
