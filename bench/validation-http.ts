import { dayAt } from '../src/certificate/day.ts'
import { demoCertificate } from '../src/cli/demo/documents.ts'
import { validateCertificate } from '../src/exchange/validation/validate.ts'
import { startTwoNodes } from '../test/support/two-nodes.ts'
import type { Row } from './row.ts'
import { rate } from './rate.ts'

const DOCUMENTS = 500
const IN_FLIGHT = 32

/** Validation over HTTP, reports and accesses durable, against the same validations in process. */
export async function benchValidationOverHttp(): Promise<Row[]> {
  const nodes = await startTwoNodes({ limits: { rates: 'off' } })
  try {
    const chamber = await nodes.BY.client('issuer', 'BY.CCI')
    const today = dayAt(new Date(), 180)
    const documents: string[] = []
    for (let n = 1; n <= DOCUMENTS; n++) {
      const certificate = await demoCertificate('origin-ct1-tractors', today, n)
      const { body } = await chamber.post('/v1/certificates', { certificate })
      documents.push((body as { document: string }).document)
    }
    const customs = await nodes.BY.client('customs', 'BY.CUSTOMS')
    const context = { officer: 'Bench', purpose: 'bench' }
    const ask = async (asked: readonly string[]) => {
      const items = asked.map((document) => ({ document }))
      const { status, body } = await customs.post('/v1/validations', { context, items })
      const { reports } = body as { reports?: { answer: string }[] }
      const usable = reports?.filter(({ answer }) => answer === 'usable')
      if (usable?.length !== asked.length) throw new Error(`HTTP ${status} ${JSON.stringify(body)}`)
    }
    const validate = validateCertificate(nodes.BY.running.deps)
    const one = (n: number) => documents[n % DOCUMENTS]!
    const referencePerSecond = await rate(IN_FLIGHT, 3, (n) =>
      validate({ subject: { document: one(n) } }),
    )
    const reference = `the same in process, ${IN_FLIGHT} in flight, nothing kept`
    return [
      {
        what: `validate over HTTP, one document a call, ${IN_FLIGHT} in flight, reports kept`,
        perSecond: await rate(IN_FLIGHT, 4, (n) => ask([one(n)])),
        reference,
        referencePerSecond,
      },
      {
        what: `validate over HTTP, ${DOCUMENTS} documents a call, one call at a time: documents`,
        perSecond: DOCUMENTS * (await rate(1, 4, () => ask(documents))),
        reference,
        referencePerSecond,
      },
    ]
  } finally {
    await nodes.close()
  }
}
