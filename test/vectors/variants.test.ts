import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { assign, at, type Edit, type Edition, EDITIONS, type Named } from './own/editions.ts'
import { type Files, writeFiles } from './own/folder.ts'
import { runSuite } from './run-suite.ts'
import { SUITES } from './suites.ts'
import { startVectorWorker } from './vector-worker.ts'

const worker = startVectorWorker()
const folder = mkdtempSync(join(tmpdir(), 'certex-editions-'))
afterAll(async () => {
  await worker.close()
  rmSync(folder, { recursive: true })
})
let written = 0

const made = new Map<string, Promise<Files>>()

/** Runs a suite over an edition of it with some changes, from a folder of its own. */
async function run({ suite, make }: Edition, ...edits: Edit[]) {
  if (!made.has(suite)) made.set(suite, Promise.resolve(make()))
  const files = structuredClone((await made.get(suite))!)
  for (const edit of edits) edit(files)
  const data = join(folder, String(written++))
  writeFiles(data, files)
  const lines: string[] = []
  const passed = await runSuite(suite, data, { worker, print: (line) => lines.push(line) })
  return { passed, lines, last: lines.at(-1) }
}

const announceOneMore: Edit = (files) => {
  const suite = at<{ cases: number }>(files, 'suite.json')
  suite.cases++
}
const lineOf = (start: string) =>
  expect.arrayContaining([expect.stringMatching(new RegExp(`^${start.replaceAll('/', '\\/')}`))])

it('there is another edition of every suite', () => {
  expect(EDITIONS.map(({ suite }) => suite)).toEqual(SUITES.map(({ name }) => name))
})

describe.each(EDITIONS)('another edition of $suite', (edition) => {
  it('runs as its suite.json says, with parts of which there is no case', async () => {
    const { passed, lines, last } = await run(edition)
    expect(last, lines.join('\n')).toBe(edition.passes)
    expect(passed).toBe(true)
  })

  it('fails with the name of a case whose verdict was turned', async () => {
    const { passed, lines } = await run(edition, edition.turn)
    expect(lines).toEqual(lineOf(edition.turned))
    expect(passed).toBe(false)
  })

  it('fails with the name of a further case that comes out wrong, announced or not', async () => {
    await expect(run(edition, edition.add)).rejects.toThrow('suite.json announces')
    const { passed, lines } = await run(edition, edition.add, announceOneMore)
    expect(lines).toEqual(lineOf(edition.added))
    expect(passed).toBe(false)
  })

  it('fails with the name of a case that cannot be read, and runs the others', async () => {
    const { passed, lines, last } = await run(edition, edition.damage)
    const [line, closing] = edition.damaged
    expect(lines).toEqual(lineOf(line))
    expect(last, lines.join('\n')).toBe(closing)
    expect(passed).toBe(false)
  })

  it('may say whence it is, and what else is for people alone', async () => {
    const about = { note: 'own', description: 'own', source: ['own'], upstream: {}, licence: 'own' }
    const { last } = await run(edition, (files) => assign(files, 'suite.json', about))
    expect(last).toBe(edition.passes)
  })

  it('fails without any case, with a parameter that nobody knows, and without its own', async () => {
    await expect(run(edition, edition.empty)).rejects.toThrow('the folder holds no case')
    const strange: Edit = (files) => assign(files, 'suite.json', { strictness: 'high' })
    await expect(run(edition, strange)).rejects.toThrow('suite.json: unknown parameter strictness')
    const without: Edit = (files) => delete at<Named>(files, 'suite.json')['cases']
    await expect(run(edition, without)).rejects.toThrow('suite.json: cases: ')
    const foreign: Edit = (files) => assign(files, 'suite.json', { suite: 'none' })
    await expect(run(edition, foreign)).rejects.toThrow('suite.json: suite: ')
  })
})

const edition = (suite: string) => EDITIONS.find((known) => known.suite === suite)!

it.each<[string, Named, string]>([
  ['pkits', { revocation: false }, 'FALSE ACCEPT  OwnRevoked: '],
  ['pkits', { at: '2046-03-02T09:00:00Z' }, 'FALSE REJECT  OwnGood: expired'],
  ['pkits', { eku: ['1.3.6.1.5.5.7.3.1'] }, 'FALSE REJECT  OwnGood: extended-key-usage-wrong'],
  ['pkits', { maxDepth: 1 }, 'FALSE REJECT  OwnGood: '],
  ['x509-limbo', { at: '2046-03-02T09:00:00+05:00' }, 'FALSE REJECT  own::good: expired'],
  ['x509-limbo', { maxDepth: 1 }, 'FALSE REJECT  own::good: '],
  ['crl', { maxAgeDays: 5 }, 'FALSE REJECT  own/good.pem: unknown, not good: crl-stale'],
  ['crl', { at: '2026-03-02T10:00:00Z' }, 'FALSE REJECT  own/revoked.pem: unknown'],
  ['wycheproof-jws', { runs: [{ name: 'own', algs: [] }] }, 'waived  own/tc1: ES256 is not in'],
  ['jose-cookbook', { runs: [{ name: 'own', algs: ['ES256'] }] }, 'waived  own/unprotected/'],
])('a parameter of %s decides: %o', async (suite, change, line) => {
  const { lines } = await run(edition(suite), (files) => assign(files, 'suite.json', change))
  expect(lines).toEqual(lineOf(line))
})

it.each<[string, string, Named, string]>([
  ['wycheproof-raw', 'p384.json', { name: 'ECDSA', namedCurve: 'P-521', hash: 'SHA-512' }, 'P-521'],
  [
    'wycheproof-raw',
    'p384.json',
    { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' },
    'SHA-38',
  ],
  ['wycheproof-raw', 'edwards.json', { name: 'Ed25519', context: 'own' }, 'parameter context'],
])(
  'what %s cannot run over %s as %o says is told at once',
  async (suite, file, algorithm, told) => {
    const change: Edit = (files) =>
      assign(at<Record<string, Files>>(files, 'suite.json')['files']!, file, algorithm)
    const replace: Edit = (files) => {
      at<Record<string, Files>>(files, 'suite.json')['files']![file] = algorithm
    }
    await expect(run(edition(suite), change, replace)).rejects.toThrow(told)
  },
)

it('of several files one that cannot be read fails by its name, and the cases of the others run', async () => {
  const cut: Edit = (files) => (files['edwards.json'] = '{"testGroups":')
  const { passed, lines, last } = await run(edition('wycheproof-raw'), cut)
  expect(lines).toEqual(lineOf('UNREADABLE  edwards.json: '))
  expect(last).toBe('2 passed, 1 failed, 0 skipped')
  expect(passed).toBe(false)
})

it('an algorithm that nothing here computes, and a tier of no meaning, are told at once', async () => {
  const runs = [{ name: 'own', algs: ['ES256K'] }]
  const strange: Edit = (files) => assign(files, 'suite.json', { runs })
  await expect(run(edition('wycheproof-jws'), strange)).rejects.toThrow('not computed here')
  const untold: Edit = (files) => delete at<Named>(files, 'tiers.json')['own::good']
  await expect(run(edition('x509-limbo'), untold)).rejects.toThrow('gives own::good no tier')
  const tier: Edit = (files) => assign(files, 'tiers.json', { 'own::good': 'T3' })
  await expect(run(edition('x509-limbo'), tier)).rejects.toThrow('tiers.json: own::good: ')
})
