import { existsSync, mkdirSync } from 'node:fs'
import { dirname } from 'node:path'
import { openWorkbench, type Workbench } from '../node/bootstrap.ts'
import { type NodeSettings, readSettings } from '../node/config.ts'
import { CliError } from './cli-error.ts'

/** Works on the database that a configuration names; without `create` it must be there. */
export async function withBench<T>(
  configFile: string,
  { create = false }: { create?: boolean },
  work: (bench: Workbench, settings: NodeSettings) => Promise<T>,
): Promise<T> {
  const settings = readSettings(configFile)
  const { database } = settings
  if (create) mkdirSync(dirname(database), { recursive: true })
  else requireDatabase(database, configFile)
  const bench = await openWorkbench(settings)
  try {
    return await work(bench, settings)
  } finally {
    bench.close()
  }
}

export function requireDatabase(database: string, configFile: string): void {
  if (!existsSync(database))
    throw new CliError(
      'usage',
      `There is no database ${database}: make it with certex migrate --config ${configFile}`,
    )
}
