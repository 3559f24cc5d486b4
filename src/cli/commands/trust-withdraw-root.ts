import type { Command } from 'commander'
import { formatInstant } from '../../encoding/time.ts'
import { parseFingerprint, parseInstant, parseState } from '../arguments.ts'
import { withBench } from '../bench.ts'
import { CliError } from '../cli-error.ts'
import { copyable } from '../copyable.ts'
import { asOption, configOption, example, jsonOption } from '../options.ts'
import { printResult } from '../print.ts'
import { proposed, questionOf, subjectText } from '../trust-question.ts'

interface Options {
  config?: string
  state: string
  fingerprint: string
  from?: Date
  as?: string
  json?: boolean
}

/** `certex trust withdraw-root`: the first of two persons, when the key of a root is in wrong hands. */
export function declare(trust: Command): void {
  const command = trust
    .command('withdraw-root')
    .description(
      'propose that a pinned root is not believed from an instant on, because its key is in wrong hands; what was proven before stays. Another person approves it',
    )
    .addOption(configOption())
    .requiredOption('--state <code>', 'the state, also the own one', parseState)
    .requiredOption('--fingerprint <sha256>', 'SHA-256 of its root certificate', parseFingerprint)
    .option('--from <time>', 'since when it is not believed; now unless given', parseInstant)
    .addOption(asOption())
    .addOption(jsonOption())
    .action(run)
  example(
    command,
    'certex trust withdraw-root --config by/node.json --state UZ --fingerprint 3F:A0:…:9C --from 2026-03-01T00:00:00Z',
  )
}

async function run({ config, state, fingerprint, from, as, json }: Options) {
  const now = new Date()
  const withdrawnFrom = from ?? now
  if (withdrawnFrom > now)
    throw new CliError('usage', '--from lies in the future: a root is withdrawn at once')
  await withBench(config, { as }, async (bench) => {
    const question = await questionOf(bench, { state, fingerprint, withdrawnFrom })
    const outcome = await bench.propose(question)
    const text = proposed(outcome, {
      what: `that the root of ${state} is not believed, ${subjectText(question.kind, question.subject)}`,
      done: 'decided',
      approve: `certex trust approve --state ${state} --fingerprint ${fingerprint} --withdrawn-from ${formatInstant(withdrawnFrom)}`,
    })
    printResult(json, { ...question, ...outcome }, copyable(text, { config, as }))
  })
}
