import type { Command } from 'commander'
import { existsSync } from 'node:fs'
import { restoreBackup } from '../../node/backup.ts'
import { readSettings } from '../../node/config.ts'
import { CliError } from '../cli-error.ts'
import { configOption, example, jsonOption } from '../options.ts'
import { printResult } from '../print.ts'

interface Options {
  config: string
  from: string
  force?: boolean
  json?: boolean
}

/** `certex restore`: a backup in the place of the database, in a new epoch. */
export function declare(program: Command): void {
  const command = program
    .command('restore')
    .description('put a backup in the place of the database and start a new epoch')
    .addOption(configOption())
    .requiredOption('--from <file>', 'file made by certex backup')
    .option('--force', 'replace a database that stands there; it is kept under another name')
    .addOption(jsonOption())
    .action(run)
  example(command, 'certex restore --config by/node.json --from by-2026-03-02.sqlite')
}

async function run({ config, from, force = false, json }: Options) {
  const { state, database } = readSettings(config)
  if (!existsSync(from)) throw new CliError('usage', `${from}: there is no such file`)
  const restored = await restoreBackup({ state, database, from, replace: force, now: new Date() })
  switch (restored.outcome) {
    case 'foreign-state':
      throw new CliError('refused', `${from} belongs to ${restored.owner}, not to ${state}`)
    case 'exists':
      throw new CliError('refused', `${database} exists: --force puts the backup in its place`)
    case 'in-use':
      throw new CliError('refused', `${database} is in use: stop the node first`)
    case 'restored': {
      const { facts, replaced } = restored
      const text = [
        `Restored ${facts.entries} entries of ${state}, the last of ${facts.lastEntryAt ?? 'never'}, in the new epoch ${facts.epoch}`,
        'Since that entry much may have changed: publish the newest trust list and CRLs again, and disable the clients that were disabled.',
        ...(replaced ? [`The database that stood there is now ${replaced}`] : []),
      ].join('\n')
      return printResult(json, { database, replaced, ...facts }, text)
    }
  }
}
