import { resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { type CaseResult, runCase } from './run-case.ts'
import { openFolder } from './suite.ts'
import { SUITES } from './suites.ts'
import { startWorker } from './worker-client.ts'

const USAGE = `npm run conformance -- --suite NAME --data DIR
  NAME  ${SUITES.map(({ name }) => name).join(', ')}
  DIR   folder with the suite.json and the vectors of that suite`

/** Runs one suite over a folder of vectors; how many cases failed, or found none. */
async function run(name: string, data: string): Promise<boolean> {
  const suite = SUITES.find((known) => known.name === name)
  if (!suite) throw new Error(`There is no suite ${name}.\n${USAGE}`)
  const cases = suite.load(openFolder(resolve(data)))
  const worker = startWorker()
  const results: { id: string; result: CaseResult }[] = []
  const started = performance.now()
  for (const c of cases) results.push({ id: c.id, result: await runCase(name, c, worker) })
  await worker.close()

  const count = (is: (result: CaseResult) => boolean) =>
    results.filter(({ result }) => is(result)).length
  for (const { id, result } of results)
    if (result.result === 'failed') print(`${result.fault.toUpperCase()}  ${id}: ${result.reason}`)
  for (const { id, result } of results)
    if (result.result === 'waived') print(`waived  ${id}: ${result.reason}`)
  const notRun = count(({ result }) => result === 'not run')
  if (notRun > 0) print(`not run  ${notRun} cases`)
  for (const fault of ['false accept', 'hang', 'false reject', 'wrong', 'thrown'])
    print(`${fault}: ${count((result) => result.result === 'failed' && result.fault === fault)}`)
  print(`${name}: ${cases.length} cases in ${((performance.now() - started) / 1000).toFixed(1)} s`)
  const passed = count(({ result }) => result === 'passed')
  const failed = count(({ result }) => result === 'failed')
  print(`${passed} passed, ${failed} failed, ${results.length - passed - failed} skipped`)
  return failed === 0 && passed > 0
}

function print(line: string): void {
  process.stdout.write(`${line}\n`)
}

try {
  const { values } = parseArgs({
    options: { suite: { type: 'string' }, data: { type: 'string' } },
  })
  if (!values.suite || !values.data) throw new Error(USAGE)
  process.exitCode = (await run(values.suite, values.data)) ? 0 : 1
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`)
  print('0 passed, 1 failed, 0 skipped')
  process.exitCode = 1
}
