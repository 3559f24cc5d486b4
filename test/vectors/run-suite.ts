import { type CaseResult, runCase } from './run-case.ts'
import { loadCases, openFolder } from './suite.ts'
import { SUITES } from './suites.ts'
import type { VectorWorker } from './vector-worker.ts'

const FAULTS = ['false accept', 'hang', 'false reject', 'wrong', 'thrown', 'unreadable']

/**
 * Runs one suite over a folder of vectors and prints what came out of it; whether nothing failed.
 * @throws {Error} when the folder does not hold what its `suite.json` announces
 */
export async function runSuite(
  name: string,
  data: string,
  { worker, print }: { worker: VectorWorker; print: (line: string) => void },
): Promise<boolean> {
  const suite = SUITES.find((known) => known.name === name)
  if (!suite)
    throw new Error(`There is no suite ${name}, but ${SUITES.map((known) => known.name).join()}`)
  const cases = loadCases(suite, openFolder(data))
  const results: { id: string; result: CaseResult }[] = []
  const started = performance.now()
  for (const c of cases) results.push({ id: c.id, result: await runCase(name, c, worker) })

  const count = (is: (result: CaseResult) => boolean) =>
    results.filter(({ result }) => is(result)).length
  for (const { id, result } of results)
    if (result.result === 'failed') print(`${result.fault.toUpperCase()}  ${id}: ${result.reason}`)
  for (const { id, result } of results)
    if (result.result === 'waived') print(`waived  ${id}: ${result.reason}`)
  const notRun = count(({ result }) => result === 'not run')
  if (notRun > 0) print(`not run  ${notRun} cases`)
  for (const fault of FAULTS)
    print(`${fault}: ${count((result) => result.result === 'failed' && result.fault === fault)}`)
  print(`${name}: ${cases.length} cases in ${((performance.now() - started) / 1000).toFixed(1)} s`)
  const passed = count(({ result }) => result === 'passed')
  const failed = count(({ result }) => result === 'failed')
  print(`${passed} passed, ${failed} failed, ${results.length - passed - failed} skipped`)
  return failed === 0
}
