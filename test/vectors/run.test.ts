import { spawnSync } from 'node:child_process'
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

const VECTORS = fileURLToPath(new URL('../../../shared/vectors/', import.meta.url))
const present = existsSync(VECTORS)

function conformance(...args: string[]): { status: number | null; lines: string[] } {
  const run = spawnSync(
    process.execPath,
    ['--import', 'tsx', fileURLToPath(new URL('./run.ts', import.meta.url)), ...args],
    { encoding: 'utf8' },
  )
  return { status: run.status, lines: run.stdout.trim().split('\n') }
}

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
