import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { createProgram } from '../../src/cli/program.ts'
import type { ValidationReport } from '../../src/exchange/validation/validation-report.ts'
import { brokenDocuments, type Evidence, type Presented } from '../support/broken-documents.ts'
import { NOW } from '../support/hostile-lists.ts'
import { expectOneOrder } from '../support/report-order.ts'

/*
 * What `certex validate` says of documents that are broken in one place each. The texts are reviewed by
 * people, as an officer and as a lawyer would read them, and committed: a change of any of them shows here.
 */
let folder: string
let documents: readonly Presented[]
let evidence: Evidence

beforeAll(async () => {
  vi.useFakeTimers({ now: NOW, toFake: ['Date'] })
  folder = await mkdtemp(join(tmpdir(), 'validate-snapshot-'))
  ;({ documents, evidence } = await brokenDocuments())
})
afterAll(async () => {
  vi.useRealTimers()
  process.exitCode = undefined
  await rm(folder, { recursive: true })
})

interface Said {
  readonly text: string
  readonly notes: string
  readonly exitCode: number | string | undefined
}

/** Runs the command in this process, whose clock stands at `NOW`. */
async function validate(presented: Presented, options: readonly string[]): Promise<Said> {
  const given = { ...evidence, ...presented }
  const file = async (name: string, content: string | Uint8Array) => {
    await writeFile(join(folder, name), content)
    return join(folder, name)
  }
  const files = (contents: readonly (string | Uint8Array)[], name: string) =>
    Promise.all(contents.map((content, i) => file(name.replace('#', `${i + 1}`), content)))
  const crls = await files(given.crls, 'revocation-#.crl')
  const ocsp = await files(given.ocsp, 'response-#.ocsp')
  const statusLists = await files(given.statusLists, 'status-#.jws')
  const { declaration } = presented
  const words = [
    'validate',
    await file('document.jws', presented.jws),
    ...(given.lists.length > 0
      ? ['--trust-list', ...(await files(given.lists, 'list-#.jws'))]
      : []),
    ...given.anchors.flatMap((anchor) => ['--anchor', hexOf(anchor)]),
    ...(crls.length > 0 ? ['--crl', ...crls] : []),
    ...(ocsp.length > 0 ? ['--ocsp', ...ocsp] : []),
    ...(statusLists.length > 0 ? ['--status-list', ...statusLists] : []),
    '--in',
    presented.in ?? 'UZ',
    ...(declaration
      ? ['--declaration', await file('declaration.json', JSON.stringify(declaration))]
      : []),
    ...options,
  ]
  const out: string[] = []
  const notes: string[] = []
  const capture = (stream: NodeJS.WriteStream, into: string[]) =>
    vi.spyOn(stream, 'write').mockImplementation((text) => into.push(String(text)) > 0)
  const captured = [capture(process.stdout, out), capture(process.stderr, notes)]
  try {
    const program = await createProgram(words)
    await program.parseAsync(words, { from: 'user' })
  } finally {
    for (const spy of captured) spy.mockRestore()
  }
  const withoutFolder = notes.join('').replaceAll(`${folder}/`, '')
  return { text: out.join(''), notes: withoutFolder, exitCode: process.exitCode }
}

const hexOf = (base64url: string) => Buffer.from(base64url, 'base64url').toString('hex')

/** Digests differ from run to run, as keys do. */
const withoutDigests = (text: string) =>
  text
    .replaceAll(/(?<![\w-])[\w-]{43}(?![\w-])/g, '<sha256>')
    .replaceAll(/([0-9A-F]{2}:){31}[0-9A-F]{2}/g, '<SHA-256>')

async function snapshotIn(language: 'ru' | 'en'): Promise<string> {
  const texts: string[] = []
  for (const presented of documents) {
    const { text, notes, exitCode } = await validate(presented, ['--language', language])
    const said = withoutDigests(`${notes}${text}`)
    texts.push(`### ${presented.broken}\n${said}(exit code ${exitCode})\n`)
  }
  return texts.join('\n')
}

describe('what certex validate says of broken documents', () => {
  it('is in Russian as reviewed', async () => {
    await expect(await snapshotIn('ru')).toMatchFileSnapshot('../snapshots/broken-documents.ru.txt')
  })

  it('is in English as reviewed', async () => {
    await expect(await snapshotIn('en')).toMatchFileSnapshot('../snapshots/broken-documents.en.txt')
  })

  it('is never that one of them is usable, and of each something else than of the others', async () => {
    const [genuine, ...broken] = documents
    expect(broken.length).toBeGreaterThanOrEqual(20)
    expect((await validate(genuine!, [])).exitCode).toBe(0)
    for (const presented of broken) {
      const { exitCode } = await validate(presented, [])
      expect([1, 3], presented.broken).toContain(exitCode)
    }
  })

  it('tells programs of every check, made or not, in the one order, by catalogued codes', async () => {
    for (const presented of documents) {
      const { text } = await validate(presented, ['--json'])
      expectOneOrder(JSON.parse(text) as ValidationReport, presented.broken)
    }
  })
})
