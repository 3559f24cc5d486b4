import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import type { JWK } from 'jose'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { withWorkerBench } from '../../../src/cli/worker-bench.ts'
import { apiClient } from '../../../src/node/api-client.ts'
import { type PreparedState, publishTrustOn } from '../../../src/node/dev-state.ts'
import { certex, words } from '../../support/cli.ts'
import { freshCertificate } from '../../support/hostile.ts'
import { prepareSurfaceStates } from '../../support/surface.ts'
import { type RunningWorker, serveWorker, writeWranglerFile } from '../../support/worker-nodes.ts'
import { bodyOf } from './surface-steps.ts'

const run = promisify(execFile)
const ROOT = fileURLToPath(new URL('../../../', import.meta.url))

/** The commands of docs/workers.md as they stand there, but for what needs an account. */
async function commandsOfThePage(): Promise<string[]> {
  const page = await readFile(join(ROOT, 'docs/workers.md'), 'utf8')
  const blocks = [...page.matchAll(/^```sh\n([\s\S]*?)^```$/gm)].map(([, block]) => block!)
  const lines = blocks.flatMap((block) => block.trim().split('\n'))
  return lines.filter((line) => !/^npx wrangler (login|d1 create)|^cp /.test(line))
}

/** The same on this machine: the local database, a bundle in place of a deployment, a file of secrets. */
const locally = (line: string): string =>
  line
    .replace('--remote', '--local')
    .replace('wrangler deploy', 'wrangler deploy --dry-run --outdir bundle')
    .replace(/\| npx wrangler secret bulk .*/, '> secrets.json')

describe('docs/workers.md', () => {
  let folder: string
  let worker: RunningWorker | undefined
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'certex-workers-page-'))
  })
  afterAll(async () => {
    await worker?.stop()
    await rm(folder, { recursive: true, force: true })
  })

  it('leads from nothing to a node that issues', async () => {
    const { BY, UZ } = await prepareSurfaceStates(join(folder, 'states'))
    const place: PreparedState = { ...BY, data: join(folder, 'by') }
    await mkdir(place.data)
    await writeWranglerFile(place, {}, 'by.toml')
    const bodies = BY.bodies.filter(({ custody }) => custody === 'node')
    await writeFile(join(place.data, 'bodies.json'), JSON.stringify(bodies))
    await writeFile(join(place.data, 'passphrase'), 'a passphrase of the test')

    const lines = (await commandsOfThePage()).map(locally)
    expect(lines.length).toBeGreaterThan(9)
    const script = lines.join('\n').replaceAll('https://by.example', BY.url)
    const shims = `
      certex() { node "${ROOT}bin/certex.js" "$@"; }
      npx() { local tool="$1"; shift; "${ROOT}node_modules/.bin/$tool" "$@"; }
      export WRANGLER_SEND_METRICS=false CI=true
      fingerprint_by() { certex pki show --pki keys --json | node -p 'JSON.parse(require("fs").readFileSync(0)).rootSha256'; }`
    const filled = script
      .replaceAll('FINGERPRINT_BY', '"$(fingerprint_by)"')
      .replaceAll('FINGERPRINT_UZ', UZ.rootSha256)
    await run('bash', ['-euo', 'pipefail', '-c', `${shims}\n${filled}`], { cwd: place.data })

    const secrets = JSON.parse(await readFile(join(place.data, 'secrets.json'), 'utf8')) as Record<
      string,
      string
    >
    for (const secret of Object.values(secrets)) expect(secret.length).toBeLessThan(5 * 1024)
    const wranglerFile = join(place.data, 'by.toml')
    // What polling brings once the other node runs.
    await withWorkerBench(wranglerFile, 'test', (bench) => publishTrustOn(bench, UZ, []))
    const program = join(place.data, 'bundle/main.js')
    worker = await serveWorker(program, { ...place, wranglerFile }, { secrets })
    const ready = await fetch(`${BY.url}/ready`)
    expect([ready.status, await ready.json()]).toEqual([200, { status: 'ready' }])
    const jwk = JSON.parse(await readFile(join(place.data, 'chamber.jwk'), 'utf8')) as JWK
    const chamber = apiClient({ url: BY.url, clientId: 'chamber', privateJwk: jwk })
    const certificate = await freshCertificate()
    bodyOf(await chamber.post('/v1/certificates', { certificate }), 201)
    // A dozen processes of the page one after the other: on a slow machine each takes half a minute.
  }, 900_000)

  it('says how a database that was put back goes on', async () => {
    const config = join(folder, 'by/by.toml')
    const position = async () => {
      const [row] = await worker!.rows('SELECT epoch FROM node')
      const [list] = await worker!.rows('SELECT next, size FROM status_lists')
      return { epoch: row!['epoch'], isOpen: list!['next'] !== list!['size'] }
    }
    const before = await position()
    expect(before.isOpen).toBe(true)
    const done = await certex(words`restore --config ${config} --as operator --json`)
    expect(done.stderr).toBe('')
    const { epoch } = JSON.parse(done.stdout) as { epoch: string }
    expect(epoch).not.toBe(before.epoch)
    expect(await position()).toEqual({ epoch, isOpen: false })
    const acts = await worker!.rows("SELECT actor FROM admin_acts WHERE act = 'restored'")
    expect(acts).toEqual([{ actor: 'user:operator' }])
    const withFile = await certex(words`restore --config ${config} --from x.sqlite`)
    expect([withFile.code, withFile.stderr]).toEqual([2, expect.stringContaining('time-travel')])
  })

  it('starts from a configuration that holds no key', async () => {
    const text = await readFile(join(ROOT, 'wrangler.toml'), 'utf8')
    expect(text).not.toMatch(/CERTEX_KEY_|PRIVATE/)
  })
})
