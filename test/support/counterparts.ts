import { spawnSync } from 'node:child_process'

/**
 * Which of these programs this machine lacks, told once. Tests against them report themselves skipped
 * then; on a build machine they run, and fail.
 */
export function lacks(...programs: string[]): boolean {
  const missing = programs.filter(
    (program) => spawnSync('sh', ['-c', `command -v "${program}"`]).status !== 0,
  )
  if (missing.length === 0 || process.env['CI']) return false
  process.stderr.write(`Skipped, because ${missing.join(' and ')} cannot be found\n`)
  return true
}
