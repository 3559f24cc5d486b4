import { decodePem } from '../../../src/node/pki/pem.ts'
import type { CrlCase } from '../adapter.ts'
import { assertCount, type Case, type Suite } from '../suite.ts'

interface Parameters {
  readonly cases: number
  readonly at: string
  readonly maxAgeDays: number
  readonly rsaMinBits: number
}

interface Expected {
  readonly cases: readonly { readonly file: string; readonly status: string }[]
}

/** Acceptance of one CRL for one X.509 certificate. */
export const crl: Suite = {
  name: 'crl',
  load({ json, text }) {
    const { at, maxAgeDays, rsaMinBits, cases: announced } = json('suite.json') as Parameters
    const { cases } = json('expected.json') as Expected
    assertCount('cases', cases.length, announced)
    return cases.map(({ file, status }): Case => {
      const blocks = decodePem(text(`pem/${file}`))
      const labelled = (...labels: string[]) =>
        blocks.filter(({ label }) => labels.includes(label)).map(({ der }) => der)
      const input: CrlCase = {
        cert: labelled('CERTIFICATE')[0]!,
        issuers: labelled('CA CERTIFICATE', 'CA CERTIFICATE 2'),
        crl: labelled('CRL')[0]!,
        at: new Date(at),
        maxAgeDays,
        rsaMinBits,
      }
      return {
        id: file,
        call: 'crlStatus',
        input,
        judge(answer: { status: string; reason: string }) {
          if (answer.status === status) return undefined
          const fault = answer.status === 'good' ? 'false accept' : 'false reject'
          return { fault, reason: `${answer.status}, not ${status}: ${answer.reason}` }
        },
      }
    })
  },
}
