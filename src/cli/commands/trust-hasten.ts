import type { Command } from 'commander'
import { parseState, parseVersion } from '../arguments.ts'
import { withBench } from '../bench.ts'
import { copyable } from '../copyable.ts'
import { asOption, configOption, example, jsonOption } from '../options.ts'
import { printResult } from '../print.ts'
import { proposed, questionOf } from '../trust-question.ts'

interface Options {
  config?: string
  state: string
  version: number
  as?: string
  json?: boolean
}

/** `certex trust hasten`: the first of two persons, when a successor is needed before its delay is over. */
export function declare(trust: Command): void {
  const command = trust
    .command('hasten')
    .description(
      'propose that what a version of a trust list adds counts at once; another person approves it',
    )
    .addOption(configOption())
    .requiredOption('--state <code>', 'whose list', parseState)
    .requiredOption('--version <number>', 'the version', parseVersion)
    .addOption(asOption())
    .addOption(jsonOption())
    .action(run)
  example(command, 'certex trust hasten --config by/node.json --state UZ --version 7')
}

async function run({ config, state, version, as, json }: Options) {
  await withBench(config, { as }, async (bench) => {
    const question = await questionOf(bench, { state, version })
    const text = proposed(await bench.propose(question), {
      what: `what version ${version} of the trust list of ${state} adds`,
      done: 'approved to count at once',
      approve: `certex trust approve --state ${state} --version ${version}`,
    })
    printResult(json, question, copyable(text, { config, as }))
  })
}
