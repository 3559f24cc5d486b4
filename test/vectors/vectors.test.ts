import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { afterAll, describe, expect, it } from 'vitest'
import { runCase } from './run-case.ts'
import { openFolder } from './suite.ts'
import { SUITES } from './suites.ts'
import { WAIVERS } from './waivers.ts'
import { startWorker } from './worker-client.ts'

/** The vectors lie beside the repository, not in it. */
const ROOT = fileURLToPath(new URL('../../../shared/vectors/', import.meta.url))

describe.each(SUITES)('vectors: $name', ({ name, load }) => {
  const folder = `${ROOT}${name}`
  const isMissing = !existsSync(`${folder}/suite.json`)
  if (isMissing && process.env['CI']) throw new Error(`The vectors of ${name} are missing`)
  const cases = isMissing ? [] : load(openFolder(folder))
  const worker = startWorker()
  afterAll(() => worker.close())

  it.skipIf(isMissing)('waives only cases that are there', () => {
    const ids = new Set(cases.map(({ id }) => id))
    expect(ids.size).toBe(cases.length)
    expect(Object.keys(WAIVERS[name] ?? {}).filter((id) => !ids.has(id))).toEqual([])
  })

  for (const c of cases)
    it.skipIf(c.notRun !== undefined)(c.id, async () => {
      const result = await runCase(name, c, worker)
      expect(result, JSON.stringify(result)).toMatchObject({
        result: WAIVERS[name]?.[c.id] ? 'waived' : 'passed',
      })
    })

  if (!name.startsWith('wycheproof')) return
  const alone = startWorker('webcrypto')
  afterAll(() => alone.close())
  it.skipIf(isMissing)('are judged alike by WebCrypto alone, as on Workers', async () => {
    for (const c of cases.filter(({ notRun }) => notRun === undefined))
      expect({ id: c.id, ...(await runCase(name, c, alone)) }).toMatchObject({
        result: WAIVERS[name]?.[c.id] ? 'waived' : 'passed',
      })
  })
})
