import * as z from 'zod'
import { decodePem } from '../../../src/node/pki/pem.ts'
import type { CrlCase } from '../adapter.ts'
import {
  assertCount,
  caseOf,
  Instant,
  parameters,
  readEach,
  readJson,
  type Suite,
} from '../suite.ts'

const Parameters = parameters('crl', {
  at: Instant,
  maxAgeDays: z.number().positive(),
  rsaMinBits: z.int().min(0),
})

const Expected = z.object({ file: z.string(), status: z.enum(['good', 'revoked', 'unknown']) })

/** Acceptance of one CRL for one X.509 certificate. */
export const crl: Suite = {
  name: 'crl',
  load(folder) {
    const parameters = readJson(folder, 'suite.json', Parameters)
    const { at, maxAgeDays, rsaMinBits } = parameters
    const { cases } = readJson(folder, 'expected.json', z.object({ cases: z.array(z.unknown()) }))
    assertCount('cases', cases.length, parameters.cases)
    return readEach(cases, Expected, (member) => member['file']).map((read) =>
      caseOf(read, ({ file, status }) => ({
        call: 'crlStatus',
        input: (): CrlCase => ({
          ...blocksOf(folder.text(`pem/${file}`), file),
          at: new Date(at),
          maxAgeDays,
          rsaMinBits,
        }),
        judge(answer: { status: string; reason: string }) {
          if (answer.status === status) return undefined
          const fault = answer.status === 'good' ? 'false accept' : 'false reject'
          return { fault, reason: `${answer.status}, not ${status}: ${answer.reason}` }
        },
      })),
    )
  },
}

/** The certificate asked about, its issuer before and after a rollover, the list offered. */
function blocksOf(text: string, file: string): Pick<CrlCase, 'cert' | 'issuers' | 'crl'> {
  const labelled = (label: RegExp) =>
    decodePem(text).flatMap((block) => (label.test(block.label) ? [block.der] : []))
  const [[cert], [crl]] = [labelled(/^CERTIFICATE$/), labelled(/^CRL$/)]
  if (!cert || !crl) throw new Error(`pem/${file} holds no certificate or no CRL`)
  return { cert, crl, issuers: labelled(/^CA CERTIFICATE( \d+)?$/) }
}
