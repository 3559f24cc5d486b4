import { existsSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { afterAll, describe, expect, it } from 'vitest'
import { runCase, waiverOf } from './run-case.ts'
import { loadCases, openFolder } from './suite.ts'
import { SUITES } from './suites.ts'
import { WAIVERS } from './waivers.ts'
import { startVectorWorker } from './vector-worker.ts'

/** The vectors lie beside the repository, not in it. */
const ROOT = fileURLToPath(new URL('../../../shared/vectors/', import.meta.url))

/** What the READMEs of the suites allow, by suite or by run; where they say nothing, nothing. */
const ALLOWED: Readonly<Record<string, number>> = {
  pkits: 15,
  'wycheproof-jws/production': 38,
  'wycheproof-jws/wide': 8,
  'jose-cookbook/wide': 3,
}

describe.each(SUITES)('vectors: $name', (suite) => {
  const { name } = suite
  const folder = `${ROOT}${name}`
  const isMissing = !existsSync(`${folder}/suite.json`)
  if (isMissing && process.env['CI']) throw new Error(`The vectors of ${name} are missing`)
  const cases = isMissing ? [] : loadCases(suite, openFolder(folder))
  const due = new Map(cases.map((c) => [c.id, waiverOf(name, c) ? 'waived' : 'passed']))
  const worker = startVectorWorker()
  afterAll(() => worker.close())

  it.skipIf(isMissing)('waives only cases that are there, and as many as its README allows', () => {
    expect(Object.keys(WAIVERS[name] ?? {}).filter((id) => !due.has(id))).toEqual([])
    const waived: Record<string, number> = {}
    for (const c of cases.filter(({ id }) => due.get(id) === 'waived')) {
      const run = 'algs' in Object(c.input()) ? `${name}/${c.id.split('/')[0]}` : name
      waived[run] = (waived[run] ?? 0) + 1
    }
    const ofSuite = Object.entries(ALLOWED).filter(([run]) => run.split('/')[0] === name)
    expect(waived).toEqual(Object.fromEntries(ofSuite))
  })

  for (const c of cases)
    it.skipIf(c.notRun !== undefined)(c.id, async () => {
      const result = await runCase(name, c, worker)
      expect(result, JSON.stringify(result)).toMatchObject({ result: due.get(c.id) })
    })

  if (!name.startsWith('wycheproof')) return
  const alone = startVectorWorker('webcrypto')
  afterAll(() => alone.close())
  it.skipIf(isMissing)('are judged alike by WebCrypto alone, as on Workers', async () => {
    for (const c of cases.filter(({ notRun }) => notRun === undefined))
      expect({ id: c.id, ...(await runCase(name, c, alone)) }).toMatchObject({
        result: due.get(c.id),
      })
  })
})

const PKITS = `${ROOT}pkits/`
it.skipIf(!existsSync(PKITS))('what is waived of PKITS is what its README names', () => {
  const tests = JSON.parse(readFileSync(`${PKITS}tests.json`, 'utf8')) as {
    name: string
    number: string
  }[]
  const waived = tests.filter(({ name }) => Object.hasOwn(WAIVERS['pkits']!, name))
  const rows = readFileSync(`${PKITS}README.md`, 'utf8').matchAll(/^\| (4\.[\d., ]+) \| \d+ \|/gm)
  const named = [...rows].flatMap(([, numbers]) => numbers!.split(', '))
  expect(named.length).toBe(15)
  expect(waived.map(({ number }) => number).toSorted()).toEqual(named.toSorted())
})
