import { rm } from 'node:fs/promises'
import { dayAt } from '../src/certificate/day.ts'
import { demoCertificate } from '../src/cli/demo/documents.ts'
import { startTwoNodes } from '../test/support/two-nodes.ts'
import type { Row } from './row.ts'
import { rate } from './rate.ts'
import { SIGN_AND_INSERT, signAndInsert } from './sign-and-insert.ts'

const IN_FLIGHT = 64

/** Issue over HTTP, acknowledged only when durable, against signing plus a durable insert alone. */
export async function benchIssue(): Promise<Row[]> {
  const nodes = await startTwoNodes({ limits: { rates: 'off' } })
  try {
    const template = await demoCertificate('origin-ct1-tractors', dayAt(new Date(), 180), 0)
    const certificateOf = (n: number) => ({
      ...template,
      number: template.number.slice(0, -6) + String(n).padStart(6, '0'),
    })
    const seal = nodes.BY.running.deps.seals.bodies[0]!
    const plain = await signAndInsert(seal, certificateOf, IN_FLIGHT)

    const chamber = await nodes.BY.client('issuer', 'BY.CCI')
    // Delivery would use the same cores: the peer is stopped while issue is measured.
    await nodes.UZ.running.stop()
    const issued = await rate(IN_FLIGHT, 6, async (n) => {
      const { status, body } = await chamber.post('/v1/certificates', {
        certificate: certificateOf(n + 1),
      })
      if (status !== 201) throw new Error(`HTTP ${status} ${JSON.stringify(body)}`)
    })
    return [
      {
        what: `issue over HTTP, durable, ${IN_FLIGHT} in flight, client in the same process`,
        perSecond: issued,
        reference: SIGN_AND_INSERT,
        referencePerSecond: plain,
      },
    ]
  } finally {
    await nodes.BY.running.stop()
    await rm(nodes.folder, { recursive: true, force: true })
  }
}
