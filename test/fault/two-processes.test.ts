import { execFile } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { describe, expect, it } from 'vitest'
import { SqliteDatabase } from '../../src/node/sqlite-database.ts'
import { flawsOf } from '../support/crash.ts'

const WRITER = fileURLToPath(new URL('./log-writer.ts', import.meta.url))

async function write(file: string, name: string, count: number) {
  const run = promisify(execFile)
  const { stdout } = await run(process.execPath, [
    '--import',
    'tsx',
    WRITER,
    file,
    name,
    `${count}`,
  ])
  return JSON.parse(stdout) as { epoch: string; appended: number; duplicates: number }
}

describe('processes that open and write one new database file at once', () => {
  it('agree on its owner, and leave one log without gap or doubles', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'certex-processes-'))
    const file = join(folder, 'node.sqlite')
    try {
      const results = await Promise.all(
        ['one', 'two', 'three'].map((name) => write(file, name, 200)),
      )
      expect(new Set(results.map(({ epoch }) => epoch)).size).toBe(1)

      const database = new SqliteDatabase(file)
      expect(flawsOf(database.raw)).toEqual([])
      const count = (where: string) =>
        (
          database.raw.prepare(`SELECT count(*) AS n FROM certificates WHERE ${where}`).get() as {
            n: number
          }
        ).n
      // 160 numbers of each process's own, 40 that all three wanted and one got.
      expect(count('true')).toBe(3 * 160 + 40)
      expect(count("folded_number LIKE 'contested%'")).toBe(40)
      expect(results.reduce((sum, { appended }) => sum + appended, 0)).toBe(520)
      expect(results.reduce((sum, { duplicates }) => sum + duplicates, 0)).toBe(80)
      database.close()
    } finally {
      await rm(folder, { recursive: true })
    }
  })
})
