import { rm } from 'node:fs/promises'
import { dayAt } from '../src/certificate/day.ts'
import { demoCertificate } from '../src/cli/demo/documents.ts'
import { eventually, startTestNode, startTwoNodes } from '../test/support/two-nodes.ts'
import type { Row } from './row.ts'
import { SIGN_AND_INSERT, signAndInsert } from './sign-and-insert.ts'

const WAITING = 2_000
const IN_FLIGHT = 64
const PATIENCE_MS = 300_000

/**
 * A backlog end to end: from the return of the peer until every certificate that waited has its signed
 * decision at home. Both nodes run in one process.
 */
export async function benchDelivery(): Promise<Row[]> {
  const limits = { rates: 'off' } as const
  const nodes = await startTwoNodes({ limits })
  const { BY } = nodes
  let back: Awaited<ReturnType<typeof startTestNode>> | undefined
  try {
    const template = await demoCertificate('origin-ct1-tractors', dayAt(new Date(), 180), 0)
    const certificateOf = (n: number) => ({
      ...template,
      number: template.number.slice(0, -6) + String(n).padStart(6, '0'),
    })
    const seal = BY.running.deps.seals.bodies[0]!
    await nodes.UZ.running.stop()
    const referencePerSecond = await signAndInsert(seal, certificateOf, IN_FLIGHT)
    const chamber = await BY.client('issuer', 'BY.CCI')
    let n = 0
    await Promise.all(
      Array.from({ length: IN_FLIGHT }, async () => {
        while (n < WAITING) {
          const certificate = certificateOf(++n)
          const { status } = await chamber.post('/v1/certificates', { certificate })
          if (status !== 201) throw new Error(`HTTP ${status}`)
        }
      }),
    )

    const { peers, outbox, outgoing } = BY.running.deps
    back = await startTestNode(nodes.UZ, { limits })
    const { undecided: waiting } = await outbox.backlog('UZ')
    const startedAt = performance.now()
    // As a greeting of the peer would: the back-off ends.
    await peers.sendSucceeded('UZ', new Date().toISOString())
    outgoing()
    const decided = async () => (await outbox.backlog('UZ')).undecided === 0
    await eventually('the backlog is delivered', decided, PATIENCE_MS)
    const seconds = (performance.now() - startedAt) / 1000
    return [
      {
        what: `deliver ${waiting} certificates that waited, until each has its decision, both nodes in one process`,
        perSecond: waiting / seconds,
        reference: SIGN_AND_INSERT,
        referencePerSecond,
      },
    ]
  } finally {
    await back?.running.stop()
    await BY.running.stop()
    await rm(nodes.folder, { recursive: true, force: true })
  }
}
