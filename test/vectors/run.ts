import { resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { runSuite } from './run-suite.ts'
import { SUITES } from './suites.ts'
import { startVectorWorker } from './vector-worker.ts'

const USAGE = `npm run conformance -- --suite NAME --data DIR
  NAME  ${SUITES.map(({ name }) => name).join(', ')}
  DIR   folder with the suite.json and the vectors of that suite, from where you stand`

function print(line: string): void {
  process.stdout.write(`${line}\n`)
}

/** npm changes to the folder of the package and keeps here whence it was called. */
const { npm_lifecycle_event: script, INIT_CWD: calledFrom } = process.env
const folder = (script === 'conformance' && calledFrom) || process.cwd()

const worker = startVectorWorker()
try {
  const { values } = parseArgs({
    options: { suite: { type: 'string' }, data: { type: 'string' } },
  })
  if (!values.suite || !values.data) throw new Error(USAGE)
  const data = resolve(folder, values.data)
  process.exitCode = (await runSuite(values.suite, data, { worker, print })) ? 0 : 1
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`)
  print('0 passed, 1 failed, 0 skipped')
  process.exitCode = 1
} finally {
  await worker.close()
}
