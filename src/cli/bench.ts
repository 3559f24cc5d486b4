import { existsSync, mkdirSync } from 'node:fs'
import { dirname } from 'node:path'
import { commandLineActor } from '../node/actor.ts'
import { openWorkbench, type Workbench } from '../node/bootstrap.ts'
import { type NodeSettings, readSettings } from '../node/config.ts'
import { CliError } from './cli-error.ts'

/** What commands on a database may know of its node, wherever it runs. */
export type BenchSettings = Pick<
  NodeSettings,
  'state' | 'environment' | 'publicUrl' | 'peers' | 'policy' | 'witnessing'
> &
  Partial<Pick<NodeSettings, 'database' | 'tls'>>

/**
 * Works on the database that a configuration names; without `create` it must be there. The configuration
 * of a node on Workers is its wrangler.toml.
 */
export async function withBench<T>(
  configFile: string | undefined,
  { create = false, as }: { create?: boolean; as?: string | undefined },
  work: (bench: Workbench, settings: BenchSettings) => Promise<T>,
): Promise<T> {
  if (isWranglerFile(configFile)) {
    const { withWorkerBench } = await import('./worker-bench.ts')
    return withWorkerBench(configFile, as, work)
  }
  const settings = readSettings(configFile, process.env)
  const { database } = settings
  if (create) mkdirSync(dirname(database), { recursive: true })
  else requireDatabase(database)
  const bench = await openWorkbench({ ...settings, actor: commandLineActor(as) })
  try {
    return await work(bench, settings)
  } finally {
    await bench.close()
  }
}

/** Whether a configuration is one of wrangler: the node runs on Workers. */
export function isWranglerFile(configFile: string | undefined): configFile is string {
  return configFile !== undefined && /\.(toml|jsonc)$/.test(configFile)
}

export function requireDatabase(database: string): void {
  if (!existsSync(database))
    throw new CliError(
      'usage',
      `There is no database ${database}: make it with certex migrate, or check the configuration`,
    )
}
