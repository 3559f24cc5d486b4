import { execFile } from 'node:child_process'
import { generateKeyPairSync } from 'node:crypto'
import { readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import type { JWK } from 'jose'
import { Miniflare } from 'miniflare'
import { D1_GATEWAY, d1Through, GATEWAY_SECRET } from '../../src/cli/d1-gateway.ts'
import { withWorkerBench } from '../../src/cli/worker-bench.ts'
import type { ClientRole } from '../../src/http/stores.ts'
import { type ApiClient, apiClient } from '../../src/node/api-client.ts'
import { type PreparedState, publishTrustOn } from '../../src/node/dev-state.ts'
import { certex } from './cli.ts'
import { EACH_ITS_OWN } from './two-nodes.ts'

const run = promisify(execFile)
const ROOT = fileURLToPath(new URL('../../', import.meta.url))
const ID = '00000000-0000-0000-0000-000000000000'
const GATEWAY = { url: 'http://d1.example/', database: 'DB' }

/** Runs wrangler as an operator does; it talks to nobody. */
export async function wrangler(args: readonly string[]): Promise<string> {
  const env = { ...process.env, WRANGLER_SEND_METRICS: 'false', CI: 'true', NO_COLOR: '1' }
  const { stdout } = await run(join(ROOT, 'node_modules/.bin/wrangler'), args, { cwd: ROOT, env })
  return stdout
}

/** The program as `wrangler deploy` would upload it; the file. */
export async function bundleWorker(folder: string): Promise<string> {
  await wrangler(['deploy', '--dry-run', '--outdir', folder])
  return join(folder, 'main.js')
}

/** A state whose node is a worker: keys, wrangler.toml and a database that is migrated. */
export interface PreparedWorker extends PreparedState {
  readonly wranglerFile: string
}

/** Writes the wrangler.toml of a state: the one of this project with its own variables. */
export async function writeWranglerFile(
  state: PreparedState,
  variables: Readonly<Record<string, string>> = {},
  name = 'wrangler.toml',
): Promise<string> {
  const template = await readFile(join(ROOT, 'wrangler.toml'), 'utf8')
  const peers = state.peers.map(
    ({ state: of, port }) => `{ state = "${of}", url = "${url(port)}" }`,
  )
  const vars = {
    CERTEX_STATE: `"${state.state}"`,
    CERTEX_ENVIRONMENT: `"${state.environment ?? 'production'}"`,
    CERTEX_PUBLIC_URL: `"${state.url}"`,
    CERTEX_PEERS: `[${peers.join(', ')}]`,
    CERTEX_ALLOW_HTTP_PEERS: 'true',
    ...variables,
  }
  const lines = Object.entries(vars).map(([name, value]) => `${name} = ${value}\n`)
  const file = join(state.data, name)
  await writeFile(
    file,
    template
      .replace(/^main = .*$/m, `main = "${join(ROOT, 'src/worker/main.ts')}"`)
      .replace(/^migrations_dir = .*$/m, `migrations_dir = "${join(ROOT, 'migrations')}"`)
      .replace(/^\[vars\]\n(?:CERTEX_.*\n)*/m, `[vars]\n${lines.join('')}`),
  )
  return file
}

const url = (port: number): string => `http://127.0.0.1:${port}`

/** Client systems by a name of their own. */
export type Systems<N extends string> = Readonly<
  Record<N, readonly [role: ClientRole, party: string]>
>

export interface RunningWorker {
  /** What the platform does every minute. */
  tick(): Promise<void>
  /** Rows of its database, past the program. */
  rows(sql: string): Promise<Record<string, unknown>[]>
  /** Ends it anywhere, as the platform may. */
  kill(): Promise<void>
  stop(): Promise<void>
}

export interface WorkerUnderTest<N extends string = string> extends PreparedWorker, RunningWorker {
  readonly clients: Readonly<Record<N, ApiClient>>
  /** The same again, over the same database. */
  restart(): Promise<WorkerUnderTest<N>>
}

/** A state's node as a worker in a workerd process of its own, set up as docs/workers.md says. */
export async function startWorker<N extends string>(
  program: string,
  state: PreparedState,
  others: readonly PreparedState[],
  systems: Systems<N>,
): Promise<WorkerUnderTest<N>> {
  const wranglerFile = await writeWranglerFile(state)
  await migrateLocally(wranglerFile)
  const clients = await withWorkerBench(wranglerFile, 'test', async (bench) => {
    await publishTrustOn(bench, state, others)
    const made: [string, ApiClient][] = []
    for (const [id, [role, party]] of Object.entries<Systems<N>[N]>(systems)) {
      const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
      const privateJwk = privateKey.export({ format: 'jwk' }) as JWK
      const { d: _d, ...jwk } = privateJwk
      const client = { id, role, party, jwk, ...(role === 'authority' && { person: id }) }
      await bench.clients.register(client, new Date().toISOString())
      const headers = { 'Access-Officer': 'Test', 'Access-Purpose': 'test', ...EACH_ITS_OWN }
      made.push([id, apiClient({ url: state.url, clientId: id, privateJwk, headers })])
    }
    return Object.fromEntries(made) as Record<N, ApiClient>
  })
  const prepared = { ...state, wranglerFile }
  const run = async (): Promise<WorkerUnderTest<N>> => {
    const running = await serveWorker(program, prepared)
    return { ...prepared, ...running, clients, restart: run }
  }
  return run()
}

export async function migrateLocally(wranglerFile: string): Promise<string> {
  return wrangler(['d1', 'migrations', 'apply', 'DB', '--local', '--config', wranglerFile])
}

const exported = new Map<string, Promise<Record<string, string>>>()

/** The secrets of a state, as they are piped into `wrangler secret bulk`. */
export function secretsOf({ keys }: PreparedState): Promise<Record<string, string>> {
  const made = exported.get(keys) ?? exportSecrets(keys)
  exported.set(keys, made)
  return made
}

async function exportSecrets(keys: string): Promise<Record<string, string>> {
  const passphraseFile = join(keys, 'passphrase')
  const args = ['pki', 'export-secrets', '--pki', keys, '--passphrase-file', passphraseFile]
  const { code, stdout, stderr } = await certex(args)
  if (code !== 0) throw new Error(stderr)
  return JSON.parse(stdout) as Record<string, string>
}

/** Serves the bundle at the state's address with the variables of its wrangler.toml and its secrets. */
export async function serveWorker(
  program: string,
  state: PreparedWorker,
  options: {
    readonly variables?: Readonly<Record<string, string>>
    readonly secrets?: Readonly<Record<string, string>>
  } = {},
): Promise<RunningWorker> {
  const { variables = {}, secrets = await secretsOf(state) } = options
  const { unstable_readConfig: readConfig } = await import('wrangler')
  const { vars, compatibility_date: compatibilityDate } = readConfig({ config: state.wranglerFile })
  const before = await runtimes()
  const d1 = { d1Databases: { DB: ID } }
  const miniflare = new Miniflare({
    workers: [
      {
        name: 'node',
        modules: true,
        script: await readFile(program, 'utf8'),
        ...(compatibilityDate && { compatibilityDate }),
        bindings: { ...vars, ...secrets, ...variables },
        ...d1,
      },
      {
        name: 'd1',
        modules: true,
        script: D1_GATEWAY,
        bindings: { [GATEWAY_SECRET]: state.data },
        routes: [GATEWAY.url],
        ...d1,
      },
    ],
    d1Persist: join(state.data, '.wrangler/state/v3/d1'),
    host: '127.0.0.1',
    port: state.port,
    unsafeTriggerHandlers: true,
    cf: false,
  })
  const ask: Parameters<typeof d1Through>[0] = (...request) => miniflare.dispatchFetch(...request)
  const database = d1Through(ask, { ...GATEWAY, secret: state.data })
  await miniflare.ready
  const own = (await runtimes()).filter((pid) => !before.includes(pid))
  return {
    // Not by miniflare's proxies: see d1-gateway.ts.
    async tick() {
      const { status } = await miniflare.dispatchFetch(`${state.url}/cdn-cgi/handler/scheduled`)
      if (status !== 200) throw new Error(`The schedule ended with ${status}`)
    },
    async rows(sql) {
      const { results } = await database.prepare(sql).bind().all()
      return results as Record<string, unknown>[]
    },
    async kill() {
      for (const pid of own) process.kill(pid, 'SIGKILL')
      await miniflare.dispose()
    },
    stop: () => miniflare.dispose(),
  }
}

/** Processes of workerd that this one has started. */
async function runtimes(): Promise<number[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name))
  const stats = await Promise.all(
    pids.map((pid) => readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '')),
  )
  return stats.flatMap((stat) => {
    const [, pid, parent] = /^(\d+) \(workerd\) \S+ (\d+) /.exec(stat) ?? []
    return Number(parent) === process.pid ? [Number(pid)] : []
  })
}
