import type { Command } from 'commander'
import { PROPOSAL_DAYS } from '../../exchange/keep-trust/four-eyes.ts'
import type { Workbench } from '../../node/bootstrap.ts'
import type { TrustQuestion } from '../../trust/trust-decisions.ts'
import { parseFingerprint, parseInstant, parseState, parseVersion } from '../arguments.ts'
import { withBench } from '../bench.ts'
import { CliError } from '../cli-error.ts'
import { asOption, configOption, example, jsonOption } from '../options.ts'
import { printResult } from '../print.ts'
import { questionOf, subjectText } from '../trust-question.ts'

interface Options {
  config?: string
  state: string
  fingerprint?: string
  withdrawnFrom?: Date
  version?: number
  fork?: string
  witness?: string
  as?: string
  json?: boolean
}

/** `certex trust approve`: the second of the two persons that a decision on trust takes. */
export function declare(trust: Command): void {
  const command = trust
    .command('approve')
    .description(
      'approve what another person proposed: a root or its withdrawal, early additions, a settled fork, a witness that is set aside',
    )
    .addOption(configOption())
    .requiredOption('--state <code>', 'the state that it is about', parseState)
    .option('--fingerprint <sha256>', 'the root that trust pin proposed', parseFingerprint)
    .option('--withdrawn-from <time>', 'the instant that trust withdraw-root named', parseInstant)
    .option('--version <number>', 'the version that trust hasten named', parseVersion)
    .option('--fork <sha256>', 'the refused list that trust settle-fork named', parseFingerprint)
    .option('--witness <name+id>', 'the key of the witness that log set-aside named')
    .addOption(asOption())
    .addOption(jsonOption())
    .action(run)
  example(command, 'certex trust approve --config by/node.json --state UZ --fingerprint 3F:A0:…:9C')
}

const DONE = {
  root: 'Pinned the root of',
  'root-withdrawn': 'Not believed any more: the root of',
  additions: 'Counts at once from now on: what was added to the trust list of',
  fork: 'Settled: the accepted branch stands of the trust list of',
  witness: 'Set aside until a database is restored: the claim against the own log of',
} as const

const LOG_SETTLED =
  'Settled: what the proof against its log meant was cleared up, and additions count again, of'

async function isOfLog(
  { trustStore }: Pick<Workbench, 'trustStore'>,
  { kind, subject }: TrustQuestion,
): Promise<boolean> {
  const forks = kind === 'fork' ? await trustStore.forks() : []
  return forks.some((fork) => fork.sha256 === subject && fork.of === 'log')
}

async function run({ config, as, json, ...subject }: Options) {
  await withBench(config, { as }, async (bench) => {
    const question = await questionOf(bench, subject)
    const { kind, state, subject: sha256 } = question
    const outcome = await bench.approve(question)
    switch (outcome.outcome) {
      case 'not-proposed':
        throw new CliError('refused', `Nobody has proposed this: see certex trust show`)
      case 'lapsed':
        throw new CliError(
          'refused',
          `The proposal of ${outcome.proposal.proposedAt} has lapsed after ${PROPOSAL_DAYS} days: propose it again`,
        )
      case 'nobody-named':
        throw new CliError('refused', 'Nobody is named who approves this: give --as NAME')
      case 'same-person':
        throw new CliError(
          'refused',
          `${outcome.proposal.proposedBy} proposed this and cannot approve it as well: another person must, under their own login or with --as NAME`,
        )
      case 'already-approved':
      case 'approved': {
        const done = (await isOfLog(bench, question)) ? LOG_SETTLED : DONE[kind]
        const said = outcome.outcome === 'approved' ? done : 'Approved already, of'
        printResult(
          json,
          { ...question, outcome: outcome.outcome },
          `${said} ${state}: ${subjectText(question.kind, sha256)}`,
        )
      }
    }
  })
}
