import type { Command } from 'commander'
import { setAsideQuestion } from '../../exchange/log/set-aside-witness.ts'
import { foreignText } from '../../exchange/texts/foreign-text.ts'
import type { Workbench } from '../../node/bootstrap.ts'
import { withBench } from '../bench.ts'
import { CliError } from '../cli-error.ts'
import { copyable, quoted } from '../copyable.ts'
import { asOption, configOption, example, jsonOption } from '../options.ts'
import { printResult } from '../print.ts'
import { proposed } from '../trust-question.ts'

interface Options {
  config?: string
  witness: string
  as?: string
  json?: boolean
}

/** `certex log set-aside`: the first of two persons, after the operator of the witness was asked. */
export function declare(log: Command): void {
  const command = log
    .command('set-aside')
    .description(
      'propose that what a witness says against the own log counts for nothing, after its operator was asked; another person approves it',
    )
    .addOption(configOption())
    .requiredOption('--witness <name>', 'the name of its key, as the alarm tells it; or name+id')
    .addOption(asOption())
    .addOption(jsonOption())
    .action(run)
  example(command, 'certex log set-aside --config by/node.json --witness exchange.uz/witness/1')
}

async function run({ config, witness, as, json }: Options) {
  await withBench(config, { as }, async (bench, { state: self }) => {
    const claim = await claimOf(bench, witness)
    const question = setAsideQuestion(claim.witness, { self, epoch: bench.epoch })
    const key = question.subject.slice(0, question.subject.lastIndexOf('@'))
    const text = proposed(await bench.propose(question), {
      what: `that the claim of ${foreignText(key)} to have cosigned ${claim.size} entries of another log counts for nothing`,
      done: 'decided',
      approve: `certex trust approve --state ${question.state} --witness ${quoted(key)}`,
    })
    printResult(json, question, copyable(text, { config, as }))
  })
}

/** What a witness claims against the own log. */
async function claimOf({ log }: Workbench, named: string) {
  const doubt = await log.doubt()
  const against = doubt?.answers.filter(({ answer }) => answer === 'contradicted') ?? []
  const [name, id] = named.split('+')
  const claims = against.filter(
    ({ witness }) =>
      witness.name === name &&
      (id === undefined || witness.keyId.toString(16).padStart(8, '0') === id),
  )
  const [claim] = claims
  if (!claim) {
    const names = against.map(({ witness }) => foreignText(witness.name)).join(', ') || 'none'
    throw new CliError(
      'refused',
      `No witness ${named} contradicts the own log; those that do: ${names}`,
    )
  }
  if (claims.length > 1)
    throw new CliError('usage', `Several keys are named ${named}: give it as name+id`)
  return claim
}
