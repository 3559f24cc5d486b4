import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { prepareSurfaceStates, SYSTEMS } from '../../support/surface.ts'
import { bundleWorker, startWorker } from '../../support/worker-nodes.ts'
import { surfaceSuite } from './surface-suite.ts'

surfaceSuite('Workers and D1', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'certex-surface-'))
  const [program, states] = await Promise.all([
    bundleWorker(join(folder, 'bundle')),
    prepareSurfaceStates(folder),
  ])
  const [BY, UZ] = await Promise.all([
    startWorker(program, states.BY, [states.UZ], SYSTEMS.BY),
    startWorker(program, states.UZ, [states.BY], SYSTEMS.UZ),
  ])
  // They meet: each fetches the trust list of the other, then there is somebody to deliver to.
  for (const node of [BY, UZ, BY]) await node.tick()
  const cron = everySecond(() => Promise.all([BY.tick(), UZ.tick()]))
  return {
    BY,
    UZ,
    selfSigning: states.selfSigning,
    async close() {
      await cron.stop()
      await Promise.all([BY.stop(), UZ.stop()])
      await rm(folder, { recursive: true, force: true })
    },
  }
})

/** The platform's cron, sixty times as fast. */
function everySecond(work: () => Promise<unknown>) {
  let stopped = false
  const running = (async () => {
    while (!stopped) {
      await new Promise((resolve) => setTimeout(resolve, 1_000))
      await work()
    }
  })()
  return {
    stop() {
      stopped = true
      return running
    },
  }
}
