import type { Command } from 'commander'
import type { Workbench } from '../../node/bootstrap.ts'
import { parseFingerprint, parseState } from '../arguments.ts'
import { withBench } from '../bench.ts'
import { copyable } from '../copyable.ts'
import { asOption, configOption, example, jsonOption } from '../options.ts'
import { printResult } from '../print.ts'
import { proposed, questionOf } from '../trust-question.ts'

interface Options {
  config?: string
  state: string
  fork: string
  as?: string
  json?: boolean
}

/** `certex trust settle-fork`: the first of two persons, after the other state was asked. */
export function declare(trust: Command): void {
  const command = trust
    .command('settle-fork')
    .description(
      'propose that the accepted branch of a forked trust list stands, or that what a forked or rolled back log means was cleared up, after its state was asked; another person approves it',
    )
    .addOption(configOption())
    .requiredOption('--state <code>', 'whose list', parseState)
    .requiredOption(
      '--fork <sha256>',
      'the refused list, or what trust show names for a log',
      parseFingerprint,
    )
    .addOption(asOption())
    .addOption(jsonOption())
    .action(run)
  example(command, 'certex trust settle-fork --config by/node.json --state UZ --fork 3F:A0:…:9C')
}

/** What the second person approves, in words. */
async function questionText(
  { trustStore }: Pick<Workbench, 'trustStore'>,
  state: string,
  sha256: string,
): Promise<string> {
  const fork = (await trustStore.forks()).find((one) => one.sha256 === sha256)
  return fork?.of === 'log'
    ? `that additions to the trust list of ${state} count again, although its log ${fork.origin} was ${fork.proof}`
    : `that the accepted branch of the trust list of ${state} stands against ${sha256}`
}

async function run({ config, state, fork, as, json }: Options) {
  await withBench(config, { as }, async (bench) => {
    const question = await questionOf(bench, { state, fork })
    const text = proposed(await bench.propose(question), {
      what: await questionText(bench, state, fork),
      done: 'decided',
      approve: `certex trust approve --state ${state} --fork ${fork}`,
    })
    printResult(json, question, copyable(text, { config, as }))
  })
}
