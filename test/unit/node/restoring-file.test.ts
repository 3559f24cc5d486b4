import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { openRestoringFile } from '../../../src/node/restoring-file.ts'
import { NEWEST_MIGRATION } from '../../../src/storage/dialect/d1-schema.ts'

let folder: string

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'certex-restoring-'))
})
afterAll(() => rm(folder, { recursive: true, force: true }))

it('goes on with what an attempt before has left, unless a program with other tables made it', async () => {
  const path = join(folder, 'node.sqlite')
  const begun = async () => {
    const origin = { state: 'BY', from: undefined, actor: 'user:test' }
    const opened = await openRestoringFile(path, { ...origin, environment: 'production' })
    if (opened.outcome !== 'opened') throw new Error(opened.outcome)
    opened.file.database.close()
    const { resumed, epoch } = opened.file
    return { resumed, epoch }
  }
  const { epoch, resumed } = await begun()
  expect(resumed).toBe(false)
  expect(await begun()).toEqual({ resumed: true, epoch })
  const mark = `${path}.restoring.json`
  const text = await readFile(mark, 'utf8')
  await writeFile(mark, text.replace(NEWEST_MIGRATION, '0001-initial.sql'))
  const anew = await begun()
  expect(anew.resumed).toBe(false)
  expect(anew.epoch).not.toBe(epoch)
})
