import type { Command } from 'commander'
import { existsSync } from 'node:fs'
import { commandLineActor } from '../../node/actor.ts'
import { restoreBackup } from '../../node/backup.ts'
import { readSettings } from '../../node/config.ts'
import { isWranglerFile } from '../bench.ts'
import { CliError } from '../cli-error.ts'
import { asOption, configOption, example, jsonOption } from '../options.ts'
import { printResult } from '../print.ts'

interface Options {
  config?: string
  from?: string
  force?: boolean
  as?: string
  json?: boolean
}

const SINCE_THEN =
  'Since its last entry much may have changed: publish the newest trust list and CRLs again, and disable the clients that were disabled.'

/** `certex restore`: a backup in the place of the database, in a new epoch. */
export function declare(program: Command): void {
  const command = program
    .command('restore')
    .description('put a backup in the place of the database and start a new epoch')
    .addOption(configOption())
    .option('--from <file>', 'file made by certex backup; none where D1 has put the database back')
    .option('--force', 'replace a database that stands there; it is kept under another name')
    .addOption(asOption())
    .addOption(jsonOption())
    .action(run)
  example(command, 'certex restore --config by/node.json --from by-2026-03-02.sqlite')
}

async function run({ config, from, force = false, as, json }: Options) {
  if (isWranglerFile(config)) {
    if (from !== undefined)
      throw new CliError(
        'usage',
        'A database of D1 is put back by wrangler d1 time-travel restore: then call this without --from',
      )
    const { startEpochAfterRestore } = await import('../worker-bench.ts')
    const { state, epoch } = await startEpochAfterRestore(config, as)
    const done = `The database of ${state} says what its log says; it goes on in the new epoch ${epoch}. ${SINCE_THEN}`
    return printResult(json, { state, epoch }, done)
  }
  if (from === undefined) throw new CliError('usage', 'Name the backup: --from FILE')
  const { state, environment, database } = readSettings(config, process.env)
  if (!existsSync(from)) throw new CliError('usage', `${from}: there is no such file`)
  const restored = await restoreBackup({
    state,
    environment,
    database,
    from,
    replace: force,
    now: new Date(),
    actor: commandLineActor(as),
  })
  switch (restored.outcome) {
    case 'foreign-state':
      throw new CliError('refused', `${from} belongs to ${restored.owner}, not to ${state}`)
    case 'foreign-environment':
      throw new CliError(
        'refused',
        `${from} is of a ${restored.environment} environment, the configuration says ${environment}`,
      )
    case 'exists':
      throw new CliError('refused', `${database} exists: --force puts the backup in its place`)
    case 'in-use':
      throw new CliError('refused', `${database} is in use: stop the node first`)
    case 'restored': {
      const { facts, replaced } = restored
      const text = [
        `Restored ${facts.entries} entries of ${state}, the last of ${facts.lastEntryAt ?? 'never'}, in the new epoch ${facts.epoch}`,
        SINCE_THEN,
        ...(replaced ? [`The database that stood there is now ${replaced}`] : []),
      ].join('\n')
      return printResult(json, { database, replaced, ...facts }, text)
    }
  }
}
