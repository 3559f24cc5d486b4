import type { Command } from 'commander'
import { parseState } from '../arguments.ts'
import { withBench } from '../bench.ts'
import { CliError } from '../cli-error.ts'
import { configOption, example, jsonOption } from '../options.ts'
import { printResult } from '../print.ts'
import { shownTrust } from '../shown-trust.ts'
import { shownTrustText } from '../shown-trust-text.ts'

/** `certex trust show`: who may sign what, as this node believes it. */
export function declare(trust: Command): void {
  const command = trust
    .command('show')
    .description('who may sign what, from when until when, by the lists this node believes')
    .addOption(configOption())
    .option('--state <code>', 'only this state', parseState)
    .addOption(jsonOption())
    .action(run)
  example(command, 'certex trust show --config by/node.json --state UZ')
}

async function run(options: { config?: string; state?: string; json?: boolean }) {
  const { config, state, json } = options
  await withBench(config, {}, async (bench) => {
    const shown = await shownTrust(bench.trustStore, new Date())
    const states = shown.filter((one) => state === undefined || one.state === state)
    if (state !== undefined && states.length === 0)
      throw new CliError('usage', `${state} is neither pinned nor listed: see certex trust pin`)
    const text =
      states.map((one) => shownTrustText(one, { config })).join('\n\n') || 'No root is pinned yet'
    printResult(json, { states }, text)
  })
}
