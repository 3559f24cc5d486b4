import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'

const RUNNER = fileURLToPath(new URL('./run.ts', import.meta.url))

function fuzz(...options: string[]) {
  const args = ['--import', 'tsx', RUNNER, ...options]
  const { status, stdout, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' })
  return { status, lines: stdout.trim().split('\n'), stderr }
}

it('npm run fuzz feeds one reader for a time, from a seed', () => {
  const { status, lines } = fuzz('--seconds', '1', '--target', 'tile paths', '--seed', '7')
  expect(lines).toEqual([
    '--seed 7',
    expect.stringMatching(/^tile paths: \d{2,} inputs, \d+ taken$/),
    '1 passed, 0 failed, 0 skipped',
  ])
  expect(status).toBe(0)
})

it('npm run fuzz -- --help tells how it is used', () => {
  const { status, lines, stderr } = fuzz('--help')
  expect(lines[0]).toBe('npm run fuzz -- --seconds N [--target NAME] [--seed N]')
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
})

it('npm run fuzz tells what it needs, and which readers there are', () => {
  const without = fuzz()
  expect(without.stderr).toContain('--seconds N [--target NAME] [--seed N]')
  const unknown = fuzz('--seconds', '1', '--target', 'nothing')
  expect(unknown.stderr).toContain('There is no nothing, but DER, X.509 certificates, ')
  for (const { status, lines } of [without, unknown]) {
    expect(lines).toEqual(['0 passed, 1 failed, 0 skipped'])
    expect(status).toBe(1)
  }
})
