import { formatInstant } from '../encoding/time.ts'
import { PROPOSAL_DAYS, type ProposeOutcome } from '../exchange/keep-trust/four-eyes.ts'
import type { TrustQuestion } from '../trust/trust-decisions.ts'
import { readWithdrawal, withdrawalSubject } from '../trust/root-withdrawal.ts'
import type { Workbench } from '../node/bootstrap.ts'
import { fingerprintText } from './fingerprint-text.ts'
import { CliError } from './cli-error.ts'

/** The decision that the options of a command are about. */
export async function questionOf(
  bench: Pick<Workbench, 'trustStore' | 'epoch'>,
  options: {
    state: string
    fingerprint?: string
    /** With the fingerprint: the root is not pinned but withdrawn. */
    withdrawnFrom?: Date
    version?: number
    fork?: string
    /** The key of a witness, its name and id. */
    witness?: string
  },
): Promise<TrustQuestion> {
  const { state, fingerprint, withdrawnFrom, version, fork, witness } = options
  const given = [fingerprint, version, fork, witness].filter((option) => option !== undefined)
  if (given.length !== 1)
    throw new CliError('usage', 'Name one of --fingerprint, --version, --fork and --witness')
  if (withdrawnFrom !== undefined) {
    if (fingerprint === undefined)
      throw new CliError('usage', 'Name the root that is withdrawn: --fingerprint')
    const subject = withdrawalSubject(fingerprint, formatInstant(withdrawnFrom))
    return { kind: 'root-withdrawn', state, subject }
  }
  if (fingerprint !== undefined) return { kind: 'root', state, subject: fingerprint }
  if (fork !== undefined) return { kind: 'fork', state, subject: fork }
  if (witness !== undefined) return { kind: 'witness', state, subject: `${witness}@${bench.epoch}` }
  const known = (await bench.trustStore.versions(state)).find((one) => one.version === version)
  if (known) return { kind: 'additions', state, subject: known.sha256 }
  throw new CliError(
    'refused',
    `This node has accepted no version ${version} of the trust list of ${state}: see certex trust versions`,
  )
}

/** What a decision is about, for people to compare. */
export function subjectText(kind: TrustQuestion['kind'], subject: string): string {
  if (kind === 'witness') return subject
  const withdrawal = readWithdrawal(subject)
  return withdrawal
    ? `SHA-256 ${fingerprintText(withdrawal.rootSha256)}, from ${withdrawal.from} on`
    : `SHA-256 ${fingerprintText(subject)}`
}

/** What became of a proposal, and what the second person types. */
export function proposed(
  outcome: ProposeOutcome,
  { what, done, approve }: { what: string; done: string; approve: string },
): string {
  switch (outcome.outcome) {
    case 'already-approved':
      return `Already ${done}: ${what}`
    case 'nobody-named':
      throw new CliError('refused', 'Nobody is named who proposes this: give --as NAME')
    case 'unknown-subject':
      throw new CliError('refused', `There is nothing of the kind to decide on: ${what}`)
    case 'proposed':
    case 'already-proposed': {
      const { proposedBy, proposedAt } = outcome.proposal
      const said =
        outcome.outcome === 'proposed'
          ? `Proposed: ${what}`
          : `Proposed already by ${proposedBy} on ${proposedAt}: ${what}`
      return `${said}\nAnother person approves it within ${PROPOSAL_DAYS} days: ${approve}`
    }
  }
}
