import { spawnSync } from 'node:child_process'
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { generateKeyPair } from '../../src/crypto/suite.ts'
import { issueX509Certificate } from '../../src/node/pki/issue.ts'
import { CA_TEMPLATES } from '../../src/node/pki/key-templates.ts'
import { encodePem } from '../../src/node/pki/pem.ts'
import { writeFiles } from './own/folder.ts'
import { ownLimbo } from './own/paths.ts'

const VECTORS = fileURLToPath(new URL('../../../shared/vectors/', import.meta.url))
const present = existsSync(VECTORS)

const RUNNER = fileURLToPath(new URL('./run.ts', import.meta.url))
const ROOT = fileURLToPath(new URL('../../', import.meta.url))

interface Run {
  readonly status: number | null
  readonly lines: readonly string[]
}

function conformance(...args: string[]): Run {
  return conformanceWith([], ...args)
}

/** Further options of Node itself stand before the runner. */
function conformanceWith(options: readonly string[], ...args: string[]): Run {
  const all = ['--import', 'tsx', ...options, RUNNER, ...args]
  const run = spawnSync(process.execPath, all, { encoding: 'utf8' })
  return { status: run.status, lines: run.stdout.trim().split('\n') }
}

/**
 * Loaded before the runner: whoever verifies a signature by P-384 in one of its threads never comes back.
 * The rest of the thread is as it is.
 */
const ENDLESS = `
import { createRequire, syncBuiltinESMExports } from 'node:module'
const threads = createRequire(import.meta.url)('node:worker_threads')
const sabotage = \`{
  const { subtle } = globalThis.crypto
  const verify = subtle.verify
  subtle.verify = (algorithm, ...rest) => {
    if (algorithm.hash === 'SHA-384') for (;;);
    return verify.call(subtle, algorithm, ...rest)
  }
}\`
const { Worker } = threads
threads.Worker = class extends Worker {
  constructor(code, options) {
    super(sabotage + code, options)
  }
}
syncBuiltinESMExports()
`

describe('the conformance runner', () => {
  let folder: string
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'certex-vectors-'))
  })
  afterAll(() => rmSync(folder, { recursive: true, force: true }))

  it('fails on a folder without vectors, an unknown suite and missing options', () => {
    for (const args of [
      ['--suite', 'crl', '--data', folder],
      ['--suite', 'none', '--data', folder],
      ['--suite', 'crl'],
    ]) {
      const { status, lines } = conformance(...args)
      expect(status).toBe(1)
      expect(lines.at(-1)).toBe('0 passed, 1 failed, 0 skipped')
    }
  })

  it.skipIf(!present)('fails on a folder that lost some of its vectors', () => {
    const lost = join(folder, 'lost')
    cpSync(join(VECTORS, 'merkle'), lost, { recursive: true })
    rmSync(join(lost, 'inclusion'), { recursive: true })
    writeFileSync(join(lost, 'consistency', 'none'), '')
    expect(conformance('--suite', 'merkle', '--data', lost).status).toBe(1)
  })

  it.skipIf(!present)('names what is wrongly accepted or rejected, and counts the rest', () => {
    const turned = join(folder, 'turned')
    cpSync(join(VECTORS, 'crl'), turned, { recursive: true })
    const file = join(turned, 'expected.json')
    const expected = JSON.parse(readFileSync(file, 'utf8')) as {
      cases: { file: string; status: string }[]
    }
    const [good, revoked] = ['good', 'revoked'].map((status) =>
      expected.cases.find((c) => c.status === status)!,
    )
    good!.status = 'unknown'
    revoked!.status = 'good'
    writeFileSync(file, JSON.stringify(expected))
    const { status, lines } = conformance('--suite', 'crl', '--data', turned)
    expect(status).toBe(1)
    expect(lines).toContainEqual(expect.stringMatching(`^FALSE ACCEPT  ${good!.file}: `))
    expect(lines).toContainEqual(expect.stringMatching(`^FALSE REJECT  ${revoked!.file}: `))
    expect(lines.at(-1)).toBe('64 passed, 2 failed, 0 skipped')
  })

  it.skipIf(!present)(
    'names a file that cannot be read, runs the others, and finds them from where one stands',
    () => {
      const damaged = join(folder, 'damaged')
      cpSync(join(VECTORS, 'crl'), damaged, { recursive: true })
      const { cases } = JSON.parse(readFileSync(join(damaged, 'expected.json'), 'utf8')) as {
        cases: { file: string }[]
      }
      const [cut, lost] = cases.slice(7)
      const pem = join(damaged, 'pem', cut!.file)
      writeFileSync(pem, readFileSync(pem, 'utf8').replaceAll('-----END', '----END'))
      rmSync(join(damaged, 'pem', lost!.file))
      const npm = [
        '--prefix',
        ROOT,
        'run',
        '-s',
        'conformance',
        '--',
        '--suite',
        'crl',
        '--data',
        'damaged',
      ]
      const run = spawnSync('npm', npm, { cwd: folder, encoding: 'utf8' })
      const lines = run.stdout.trim().split('\n')
      for (const { file } of [cut!, lost!])
        expect(lines).toContainEqual(expect.stringMatching(`^UNREADABLE  ${file}: `))
      expect(lines).toContain('unreadable: 2')
      expect(lines.at(-1)).toBe('64 passed, 2 failed, 0 skipped')
      expect(run.status).toBe(1)
    },
  )

  it('ends a case that hangs, names it, and goes on with the next', async () => {
    const data = join(folder, 'endless')
    const files = await ownLimbo()
    const bundle = files['limbo-2026-03.json'] as { testcases: Record<string, unknown>[] }
    const root = encodePem('CERTIFICATE', await endlessRoot())
    // The tier of loops, which must end within a second.
    const loop = { ...bundle.testcases[0], id: 'own::loop', trusted_certs: [root] }
    bundle.testcases.unshift({ ...loop, untrusted_intermediates: [], peer_certificate: root })
    Object.assign(files['tiers.json'] as object, { 'own::loop': 'TD', 'own::ended': 'T1' })
    Object.assign(files['suite.json'] as object, { cases: 4, tiers: { T1: 2, TD: 1, NA: 1 } })
    writeFiles(data, files)
    const preload = join(folder, 'endless.mjs')
    writeFileSync(preload, ENDLESS)

    const args = ['--suite', 'x509-limbo', '--data', data]
    const { status, lines } = conformanceWith(['--import', preload], ...args)
    expect(lines[0]).toBe('HANG  own::loop: HANG: no answer within 1000 ms')
    expect(lines).toContain('hang: 1')
    expect(lines.at(-1)).toBe('2 passed, 1 failed, 1 skipped')
    expect(status).toBe(1)
  })

  it.skipIf(!present)(
    'tells a foreign algorithm by the header, whatever the number of the case',
    () => {
      const renumbered = join(folder, 'renumbered')
      cpSync(join(VECTORS, 'wycheproof-jws'), renumbered, { recursive: true })
      const file = join(renumbered, 'json_web_signature_test.json')
      const text = readFileSync(file, 'utf8')
      // Only what no strict reader reads is known by its number alone.
      const moved = text.replaceAll(
        /"tcId"(\s*):(\s*)(\d+)/g,
        (_, a: string, b: string, id: string) =>
          id === '372' ? `"tcId"${a}:${b}372` : `"tcId"${a}:${b}${Number(id) + 1000}`,
      )
      writeFileSync(file, moved)
      const suite = JSON.parse(readFileSync(join(renumbered, 'suite.json'), 'utf8')) as {
        runs: { name: string }[]
      }
      const runs = suite.runs.filter(({ name }) => name === 'production')
      writeFileSync(join(renumbered, 'suite.json'), JSON.stringify({ ...suite, runs }))
      const { status, lines } = conformance('--suite', 'wycheproof-jws', '--data', renumbered)
      expect(lines.at(-1)).toBe('363 passed, 0 failed, 38 skipped')
      expect(status).toBe(0)
    },
  )

  it.skipIf(!present)('passes a suite and tells what was waived', () => {
    const { status, lines } = conformance(
      '--suite',
      'jose-cookbook',
      '--data',
      join(VECTORS, 'jose-cookbook'),
    )
    expect(status).toBe(0)
    expect(lines.filter((line) => line.startsWith('waived  '))).toHaveLength(3)
    expect(lines.at(-1)).toBe('41 passed, 0 failed, 3 skipped')
  })
})

/** Signed by itself over P-384. */
async function endlessRoot(): Promise<Uint8Array> {
  const { pkcs8, spki } = await generateKeyPair('ES384')
  return issueX509Certificate({
    template: CA_TEMPLATES.root,
    subject: { country: 'BY', organization: 'Own', commonName: 'Loop' },
    spki,
    issuer: { selfSigned: pkcs8 },
    notBefore: new Date('2026-03-02T00:00:00Z'),
    notAfter: new Date('2036-03-02T00:00:00Z'),
  })
}
