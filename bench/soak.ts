import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { isReady, type NodeProcess, startNode, stopNode } from '../src/cli/demo/node-process.ts'
import { eventually, prepareTwoStates } from '../test/support/two-nodes.ts'
import { flatness, memoryOf, mebibytes } from './soak-memory.ts'
import { registerSoakClients, startSoakLoad } from './soak-load.ts'

/**
 * Two node processes under mixed load: `npm run soak -- --minutes 10 --rate 20 --interval 15`. Fails if
 * any call was answered otherwise than it must be, if a certificate did not arrive, or if memory is not
 * flat (`soak-memory.ts` says what that means).
 */
const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '10' },
    /** Calls a second, of all clients together. */
    rate: { type: 'string', default: '20' },
    /** Seconds between two lines. */
    interval: { type: 'string', default: '15' },
  },
})
const [minutes, rate, interval] = [values.minutes, values.rate, values.interval].map(Number)
if (!(minutes! > 0 && rate! > 0 && interval! > 0)) throw new Error('Give positive numbers')

const folder = await mkdtemp(join(tmpdir(), 'certex-soak-'))
const running: NodeProcess[] = []
const faults: string[] = []
try {
  const { BY, UZ } = await prepareTwoStates(folder)
  const clients = await registerSoakClients(BY, UZ)
  for (const state of [BY, UZ])
    running.push(startNode(state, (line) => void faults.push(line.trim())))
  for (const node of running) await eventually(`${node.state} is ready`, () => isReady(node))
  await eventually('the nodes have met', clients.haveMet)

  const load = startSoakLoad(clients, rate!)
  const memory: number[][] = []
  const startedAt = performance.now()
  const elapsed = () => (performance.now() - startedAt) / 1000
  console.log('time  calls a second by kind; errors; memory of BY and UZ; waiting for decisions')
  while (elapsed() < minutes! * 60) {
    await new Promise((resolve) => setTimeout(resolve, interval! * 1000))
    const now = await Promise.all(running.map(({ child }) => memoryOf(child.pid!)))
    memory.push(now)
    const { rates, errors } = load.since(interval!)
    const waiting = await clients.undecided()
    const said = [...rates].map(([kind, n]) => `${kind} ${n.toFixed(1)}`).join('  ')
    console.log(
      `${elapsed().toFixed(0).padStart(4)} s  ${said}; ${errors} errors; ${now.map(mebibytes).join(', ')}; ${waiting}`,
    )
  }
  faults.push(...(await load.stop()))
  const quiet = async () => (await clients.undecided()) === 0
  await eventually('every certificate has its decision', quiet, 60_000)
  for (const [i, { state }] of running.entries()) {
    const { growth, isFlat } = flatness(memory.map((sample) => sample[i]!))
    console.log(`${state}: memory ${growth >= 0 ? '+' : ''}${(growth * 100).toFixed(1)} %`)
    if (!isFlat) faults.push(`the memory of ${state} is not flat`)
  }
} finally {
  await Promise.all(running.map(stopNode))
  await rm(folder, { recursive: true, force: true })
}
for (const fault of faults.slice(0, 20)) console.error(fault)
if (faults.length > 0) {
  console.error(`${faults.length} faults`)
  process.exitCode = 1
}
