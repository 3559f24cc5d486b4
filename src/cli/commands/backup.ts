import type { Command } from 'commander'
import { existsSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { backUp } from '../../node/backup.ts'
import { readSettings } from '../../node/config.ts'
import { requireDatabase } from '../bench.ts'
import { CliError } from '../cli-error.ts'
import { configOption, example, jsonOption } from '../options.ts'
import { printResult } from '../print.ts'

/** `certex backup`: the whole database into one checked file, also while the node runs. */
export function declare(program: Command): void {
  const command = program
    .command('backup')
    .description(
      'copy the database into one checked file, also while the node runs; keys are not in it',
    )
    .addOption(configOption())
    .requiredOption('--out <file>', 'new file for the copy')
    .addOption(jsonOption())
    .action(run)
  example(command, 'certex backup --config by/node.json --out by-2026-03-02.sqlite')
}

async function run({ config, out, json }: { config?: string; out: string; json?: boolean }) {
  const { database } = readSettings(config, process.env)
  requireDatabase(database)
  if (existsSync(out)) throw new CliError('usage', `${out} exists already: choose another file`)
  if (!existsSync(dirname(resolve(out))))
    throw new CliError('usage', `${out}: there is no such folder`)
  const facts = await backUp(database, out)
  const { state, entries, lastEntryAt = 'never', uncovered } = facts
  const rest =
    uncovered === 0
      ? ''
      : `\n${uncovered} rows stand behind no entry of the log yet: an audit of this copy proves nothing of them`
  const text = `Copied the database of ${state} to ${out}: ${entries} entries, the last of ${lastEntryAt}; integrity checked${rest}`
  printResult(json, { file: out, ...facts }, text)
}
