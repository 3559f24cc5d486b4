import { afterAll, expect, it } from 'vitest'
import { decodePem } from '../../src/node/pki/pem.ts'
import { describeVectors } from './vector-suite.ts'
import { startWorker } from './worker-client.ts'

interface Parameters {
  readonly at: string
  readonly maxAgeDays: number
  readonly rsaMinBits: number
}

interface Expected {
  readonly at: string
  readonly maxAgeDays: number
  readonly cases: readonly { readonly file: string; readonly status: string }[]
}

const LIMIT_MS = 20_000

describeVectors<Parameters>('crl', ({ parameters, json, text }) => {
  const { cases, at, maxAgeDays } = json('expected.json') as Expected
  const worker = startWorker()
  afterAll(() => worker.close())

  it('has every case, and one set of parameters', () => {
    expect(cases).toHaveLength(parameters.cases)
    expect({ at, maxAgeDays }).toEqual({ at: parameters.at, maxAgeDays: parameters.maxAgeDays })
  })

  it.each(cases)('$file is $status', async ({ file, status }) => {
    const blocks = decodePem(text(`pem/${file}`))
    const labelled = (...labels: string[]) =>
      blocks.filter(({ label }) => labels.includes(label)).map(({ der }) => der)
    const answer = await worker.call(
      'crlStatus',
      {
        cert: labelled('CERTIFICATE')[0]!,
        issuers: labelled('CA CERTIFICATE', 'CA CERTIFICATE 2'),
        crl: labelled('CRL')[0]!,
        at: new Date(parameters.at),
        maxAgeDays: parameters.maxAgeDays,
        rsaMinBits: parameters.rsaMinBits,
      },
      LIMIT_MS,
    )
    expect(answer.status, answer.reason).toBe(status)
  })
})
