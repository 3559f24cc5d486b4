import type { Command } from 'commander'
import { DEFAULT_POLICY } from '../../certificate/default-policy.ts'
import { ConfigError, type NodeConfig, readConfig } from '../../node/config.ts'
import { CliError } from '../cli-error.ts'
import { configOption, example, jsonOption } from '../options.ts'
import { printResult, table } from '../print.ts'

/** `certex config check`: what `serve` would work with, without secrets, or everything that is wrong. */
export function declare(config: Command): void {
  const command = config
    .command('check')
    .description('print the configuration in force without secrets, or everything wrong with it')
    .addOption(configOption())
    .addOption(jsonOption())
    .action((options: { config?: string; json?: boolean }) => {
      const shown = shownConfig(checked(options.config))
      const rows = Object.entries(shown).map(([name, value]) => [
        name,
        typeof value === 'string' ? value : JSON.stringify(value),
      ])
      printResult(options.json, shown, table(['setting', 'in force'], rows))
    })
  example(command, 'certex config check --config by/node.json')
}

function checked(file: string | undefined): NodeConfig {
  try {
    return readConfig(file, process.env)
  } catch (error) {
    // The question was whether it is right, and the answer is no.
    if (error instanceof ConfigError) throw new CliError('refused', error.message)
    throw error
  }
}

/** Everything but the passphrase; of the policy only what is not as by default. */
function shownConfig({ passphrase: _secret, witnessing: _read, policy, ...config }: NodeConfig) {
  const changed = Object.entries(policy).filter(
    ([name, value]) =>
      JSON.stringify(value) !== JSON.stringify(DEFAULT_POLICY[name as keyof typeof DEFAULT_POLICY]),
  )
  return { ...config, policy: Object.fromEntries(changed) }
}
