import { existsSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { formatInstant } from '../encoding/time.ts'
import { commandLineActor } from '../node/actor.ts'
import { type Workbench, workbenchOver } from '../node/bootstrap.ts'
import { newEpoch } from '../node/epoch.ts'
import { type D1Binding, D1Database } from '../storage/dialect/d1.ts'
import { schemaObstacle } from '../storage/dialect/d1-schema.ts'
import { readNodeIdentity, startEpoch } from '../storage/node-store.ts'
import { openLog } from '../storage/open-log.ts'
import { differencesFromLog } from '../storage/rebuild-differences.ts'
import { D1_GATEWAY, d1Through, GATEWAY_SECRET } from './d1-gateway.ts'
import { BindingError, type Bindings, readSettings } from '../worker/bindings.ts'
import type { BenchSettings } from './bench.ts'
import { CliError } from './cli-error.ts'

/**
 * Works on the D1 database that a wrangler.toml binds as DB: the local copy, or the deployed one if the
 * binding says `remote = true`. Who may write to it is for the account at Cloudflare to say.
 */
export async function withWorkerBench<T>(
  configFile: string,
  as: string | undefined,
  work: (bench: Workbench, settings: BenchSettings) => Promise<T>,
): Promise<T> {
  return withDatabase(configFile, async (database, settings, dispose) => {
    const owner = { ...settings, name: `bound as DB in ${configFile}`, actor: commandLineActor(as) }
    return work(await workbenchOver(database, owner, dispose), settings)
  })
}

/**
 * After D1 put a database back to an earlier time: makes sure that it says what its own log says, and
 * starts a new epoch.
 */
export async function startEpochAfterRestore(
  configFile: string,
  as: string | undefined,
): Promise<{ state: string; epoch: string }> {
  return withDatabase(configFile, async (database, { state, environment }) => {
    const owner = await readNodeIdentity(database)
    if (owner?.state !== state || owner.environment !== environment)
      throw new CliError('refused', `The database is none of ${state} (${environment})`)
    const differences = await differencesFromLog(database, state)
    if (differences.length > 0)
      throw new CliError(
        'refused',
        `The database says other than its own log. Go back to another time.\n  ${differences.join('\n  ')}`,
      )
    await openLog(database, () => new Date())
    const epoch = newEpoch()
    const act = {
      at: formatInstant(new Date()),
      actor: commandLineActor(as),
      act: 'restored',
    } as const
    await startEpoch(database, epoch, [{ ...act, subject: epoch, detail: configFile }])
    return { state, epoch }
  })
}

async function withDatabase<T>(
  configFile: string,
  work: (database: D1Database, settings: BenchSettings, dispose: () => Promise<void>) => Promise<T>,
): Promise<T> {
  const configPath = resolve(configFile)
  if (!existsSync(configPath)) throw new CliError('usage', `${configFile}: there is no such file`)
  const { bindings, dispose } = await platformOf(configPath)
  try {
    const settings = settingsOf(bindings, configFile)
    const binding = databaseOf(bindings, configFile)
    await requireSchema(binding, configFile)
    return await work(new D1Database(binding), settings, dispose)
  } finally {
    await dispose()
  }
}

/**
 * What a worker with this configuration has bound, and its database, local or deployed; nothing is sent
 * anywhere but to that.
 */
async function platformOf(configPath: string) {
  process.env['CLOUDFLARE_CF_FETCH_ENABLED'] ??= 'false'
  process.env['WRANGLER_SEND_METRICS'] ??= 'false'
  const [wrangler, { Miniflare }] = await Promise.all([
    import('wrangler'),
    import('miniflare'),
  ]).catch((cause: unknown) => {
    const install = 'wrangler is not installed: npm install wrangler miniflare'
    throw new CliError('usage', install, { cause })
  })
  const deployed = (await wrangler.maybeStartOrUpdateRemoteProxySession({ path: configPath }))
    ?.session
  const { workerOptions } = wrangler.unstable_getMiniflareWorkerOptions(
    configPath,
    undefined,
    deployed && { remoteProxyConnectionString: deployed.remoteProxyConnectionString },
  )
  const secret = crypto.randomUUID()
  const { bindings = {}, d1Databases = {}, compatibilityDate } = workerOptions
  const miniflare = new Miniflare({
    modules: true,
    script: D1_GATEWAY,
    ...(compatibilityDate !== undefined && { compatibilityDate }),
    d1Databases,
    bindings: { [GATEWAY_SECRET]: secret },
    // Where wrangler itself keeps local databases.
    defaultPersistRoot: join(dirname(configPath), '.wrangler', 'state', 'v3'),
    cf: false,
  })
  const gateway = { url: 'http://d1.example', secret, database: 'DB' }
  const fetch: Parameters<typeof d1Through>[0] = (...request) => miniflare.dispatchFetch(...request)
  return {
    bindings: {
      ...bindings,
      ...(Object.hasOwn(d1Databases, 'DB') && { DB: d1Through(fetch, gateway) }),
    } satisfies Bindings,
    dispose: once(async () => {
      await deployed?.dispose()
      await miniflare.dispose()
    }),
  }
}

function settingsOf(bindings: Bindings, configFile: string): BenchSettings {
  try {
    return readSettings(bindings)
  } catch (error) {
    if (!(error instanceof BindingError)) throw error
    throw new CliError('usage', `${configFile}: ${error.message}`, { cause: error })
  }
}

function databaseOf({ DB }: Bindings, configFile: string): D1Binding {
  if (DB) return DB
  throw new CliError('usage', `${configFile} binds no D1 database as DB`)
}

async function requireSchema(binding: D1Binding, configFile: string): Promise<void> {
  const obstacle = await schemaObstacle(binding)
  if (obstacle === 'not-migrated')
    throw new CliError(
      'usage',
      `The database is not migrated: wrangler d1 migrations apply DB --config ${configFile}, with --local or --remote`,
    )
  if (obstacle === 'newer-than-program')
    throw new CliError('usage', 'The database is newer than this program: update it')
}

function once(work: () => Promise<void>): () => Promise<void> {
  let done: Promise<void> | undefined
  return () => (done ??= work())
}
