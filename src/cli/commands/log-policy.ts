import type { Command } from 'commander'
import { appliedPolicy } from '../../exchange/log/policy.ts'
import { logPolicyText } from '../../exchange/log/policy-text.ts'
import { withBench } from '../bench.ts'
import { CliError } from '../cli-error.ts'
import { configOption, example, jsonOption } from '../options.ts'
import { printResult } from '../print.ts'

/** `certex log policy`: which quorum of witnesses makes evidence of this node's log complete. */
export function declare(log: Command): void {
  const command = log
    .command('policy')
    .description(
      'print the policy for the own log, as the file that validate and audit take with --policy',
    )
    .addOption(configOption())
    .addOption(jsonOption())
    .action(run)
  example(command, 'certex log policy --config by/node.json > by-log.policy')
}

async function run({ config, json }: { config?: string; json?: boolean }) {
  await withBench(config, {}, async (bench, { state, witnessing }) => {
    const applied = appliedPolicy((await bench.trust()).view, state, witnessing)
    if (!applied)
      throw new CliError(
        'cannot-tell',
        'No trust list of another state names a witness: nothing that this node logs is witnessed, and its evidence is not complete. Wait for the lists of the others, or configure logPolicyFile',
      )
    const policy = logPolicyText(applied.policy)
    const by = witnessing.policy ? ('configuration' as const) : ('trust-lists' as const)
    const head = `# The log of ${state}, by ${by === 'configuration' ? 'logPolicyFile' : 'the trust lists'}`
    printResult(json, { state, by, policy }, `${head}\n${policy.trimEnd()}`)
  })
}
