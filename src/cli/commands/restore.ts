import { type Command } from 'commander'
import { existsSync } from 'node:fs'
import { commandLineActor } from '../../node/actor.ts'
import type { RestoreOutcome } from '../../node/backup.ts'
import { readConfig, readSettings } from '../../node/config.ts'
import { type Anchor, collectAnchor, parseState } from '../arguments.ts'
import { isWranglerFile } from '../bench.ts'
import { CliError } from '../cli-error.ts'
import { copyable } from '../copyable.ts'
import { asOption, configOption, example, jsonOption } from '../options.ts'
import { printResult } from '../print.ts'
import { progressOf, restoredText, wouldLose } from '../restore-text.ts'

interface Options {
  config?: string
  from?: string
  mirror?: string[]
  withoutBackup?: boolean
  root?: Anchor[]
  acceptLoss?: boolean
  force?: boolean
  as?: string
  json?: boolean
}

const SINCE_THEN =
  'Since its last entry much may have changed: publish the newest trust list and CRLs again, add the clients that were added, and disable those that were disabled.'

/** `certex restore`: a backup, and what the mirrors of peers hold, in the place of the database. */
export function declare(program: Command): void {
  const command = program
    .command('restore')
    .description('put a backup in the place of the database and start a new epoch')
    .addOption(configOption())
    .option('--from <file>', 'file made by certex backup; none where D1 has put the database back')
    .option(
      '--mirror <state>',
      'go on behind the backup with what the node of this peer holds of the log and the documents; may be given several times',
      (text: string, before?: string[]) => [...(before ?? []), parseState(text)],
    )
    .option('--without-backup', 'there is none: begin with an empty database and the mirror alone')
    .option(
      '--root <state=sha256>',
      'with --mirror: a root of that state, compared in person just now, in the place of what the backup knows of it',
      collectAnchor,
    )
    .option('--accept-loss', 'go on without the documents that nobody who was asked has')
    .option('--force', 'replace a database that stands there; it is kept under another name')
    .addOption(asOption())
    .addOption(jsonOption())
    .action(run)
  example(
    command,
    'certex restore --config by/node.json --from by-2026-03-02.sqlite --mirror UZ',
    'certex restore --config by/node.json --from by-2026-03-02.sqlite',
  )
}

async function run(options: Options) {
  const { config, from, mirror, as, json } = options
  if (isWranglerFile(config)) return afterTimeTravel(config, options)
  if (from !== undefined && !existsSync(from))
    throw new CliError('usage', `${from}: there is no such file`)
  if (mirror) return fromMirror({ ...options, mirror })
  if (from === undefined)
    throw new CliError(
      'usage',
      'Name the backup: --from FILE; or, if there is none, --without-backup --mirror STATE',
    )
  if (options.withoutBackup || options.root || options.acceptLoss)
    throw new CliError('usage', '--without-backup, --root and --accept-loss go with --mirror STATE')
  const { state, environment, database } = readSettings(config, process.env)
  const { restoreBackup } = await import('../../node/backup.ts')
  const restored = await restoreBackup({
    state,
    environment,
    database,
    from,
    replace: options.force ?? false,
    now: new Date(),
    actor: commandLineActor(as),
  })
  if (restored.outcome !== 'restored')
    throw refusal(restored, { state, environment, database, from })
  const { facts, replaced } = restored
  const text = [
    `Restored ${facts.entries} entries of ${state}, the last of ${facts.lastEntryAt ?? 'never'}, in the new epoch ${facts.epoch}`,
    'If it is older than the last entry of the log, what is missing stands in the mirrors of the peers: restore it with --mirror STATE instead, before the node is started',
    SINCE_THEN,
    ...(replaced ? [`The database that stood there is now ${replaced}`] : []),
  ].join('\n')
  printResult(json, { database, replaced, ...facts }, text)
}

async function afterTimeTravel(config: string, { from, mirror, as, json }: Options): Promise<void> {
  if (mirror)
    throw new CliError(
      'usage',
      'A database of D1 cannot be continued from a mirror: see docs/operating.md, "After a loss"',
    )
  if (from !== undefined)
    throw new CliError(
      'usage',
      'A database of D1 is put back by wrangler d1 time-travel restore: then call this without --from',
    )
  const { startEpochAfterRestore } = await import('../worker-bench.ts')
  const { state, epoch } = await startEpochAfterRestore(config, as)
  const done = `The database of ${state} says what its log says; it goes on in the new epoch ${epoch}. ${SINCE_THEN}`
  printResult(json, { state, epoch }, done)
}

async function fromMirror(options: Options & { readonly mirror: readonly string[] }) {
  const { from, withoutBackup = false, root = [], json } = options
  if ((from === undefined) !== withoutBackup)
    throw new CliError(
      'usage',
      'Name the backup with --from FILE, or say --without-backup if there is none: then the mirror is all there is',
    )
  const config = readConfig(options.config, process.env)
  const { state, environment, database } = config
  if (options.mirror.includes(state))
    throw new CliError('usage', `The mirror of ${state} is held by its peers, not by itself`)
  const { restoreFromMirror } = await import('../../node/restore-from-mirror.ts')
  const outcome = await resumable(restoreFromMirror)({
    config,
    from,
    mirrors: [...new Set(options.mirror)],
    roots: root.map(rootOfState),
    replace: options.force ?? false,
    acceptLoss: options.acceptLoss ?? false,
    now: () => new Date(),
    actor: commandLineActor(options.as),
    progress: progressOf(),
  })
  if (outcome.outcome === 'would-lose') throw new CliError('refused', wouldLose(outcome))
  if (outcome.outcome !== 'restored')
    throw refusal(outcome, { state, environment, database, from: from ?? 'The mirror' })
  const { facts, replaced, log, documents, lost, waiting, replacedDocuments } = outcome
  const { size, added, from: mirror, beyond } = log
  const came = { size: Number(size), added: Number(added), mirror, documents, lost }
  const given = { replacedDocuments, waiting, beyond: beyond?.note }
  const result = { database, replaced, ...facts, ...came, ...given }
  const text = copyable(restoredText(state, outcome), { config: options.config })
  printResult(json, result, text)
}

/** A peer that does not answer stops a restore, and ends nothing. */
function resumable<Request, Outcome>(restore: (request: Request) => Promise<Outcome>) {
  return async (request: Request): Promise<Outcome> => {
    try {
      return await restore(request)
    } catch (error) {
      if (!(error instanceof Error) || error.name !== 'SourceUnusable') throw error
      throw new CliError(
        'failed',
        `${error.message}. Nothing was replaced, and what came is kept: see with the operator of that peer that its node runs and answers, and give the same command again; it goes on where it was`,
        { cause: error },
      )
    }
  }
}

function rootOfState({ state, rootSha256 }: Anchor) {
  if (state === undefined)
    throw new CliError('usage', '--root names the state as well: --root UZ=FINGERPRINT')
  return { state, rootSha256 }
}

function refusal(
  outcome: Exclude<RestoreOutcome, { outcome: 'restored' }>,
  of: { state: string; environment: string; database: string; from: string },
): CliError {
  const { state, environment, database, from } = of
  switch (outcome.outcome) {
    case 'foreign-state':
      return new CliError('refused', `${from} belongs to ${outcome.owner}, not to ${state}`)
    case 'foreign-environment':
      return new CliError(
        'refused',
        `${from} is of a ${outcome.environment} environment, the configuration says ${environment}`,
      )
    case 'exists':
      return new CliError('refused', `${database} exists: --force puts the backup in its place`)
    case 'in-use':
      return new CliError('refused', `${database} is in use: stop the node first`)
  }
}
