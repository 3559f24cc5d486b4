import * as z from 'zod'
import type { JadesAnswer } from '../adapter.ts'
import {
  assertCount,
  caseOf,
  Count,
  type Fault,
  parameters,
  readEach,
  readJson,
  type Suite,
  unreadableCases,
  valuesOf,
} from '../suite.ts'

const Parameters = parameters('jades', { timestamps: Count })

const Expected = z.object({
  file: z.string(),
  container: z.enum(['compact', 'flattened', 'general', 'unreadable']),
  structure: z.enum(['conforms', 'violates']),
  signatures: z.array(
    z.object({ value: z.enum(['valid', 'invalid', 'not computable', 'no key']) }),
  ),
  timestamps: z.array(
    z.object({
      signature: z.int().min(0),
      /** Index in `etsiU`. */
      element: z.int().min(0),
      kind: z.enum(['sigTst', 'arcTst']),
      imprint: z.enum(['match', 'mismatch']),
    }),
  ),
})
type Expected = z.infer<typeof Expected>

/** JAdES header rules and time-stamp imprints. Production must let none of these documents in. */
export const jades: Suite = {
  name: 'jades',
  load(folder) {
    const announced = readJson(folder, 'suite.json', Parameters)
    const list = readJson(folder, 'cases.json', z.array(z.unknown()))
    assertCount('cases', list.length, announced.cases)
    const cases = readEach(list, Expected, (member) => member['file'])
    const timestamps = valuesOf(cases).flatMap(({ value }) => value.timestamps)
    // Of what cannot be read nobody knows how many there are; it fails in any case.
    if (unreadableCases(cases).length === 0)
      assertCount('timestamps', timestamps.length, announced.timestamps)
    return cases.map((read) =>
      caseOf(read, (expected) => ({
        call: 'checkJades',
        input: () => ({ document: folder.text(`samples/${expected.file}`) }),
        judge: (answer: JadesAnswer) => faultOf(answer, expected),
      })),
    )
  },
}

function faultOf(answer: JadesAnswer, expected: Expected): Fault | undefined {
  if (answer.inProduction) return { fault: 'false accept', reason: 'production reads it' }
  const reason = answer.reasons.join('; ')
  const conforms = answer.reasons.length === 0
  if (conforms !== (expected.structure === 'conforms'))
    return { fault: conforms ? 'false accept' : 'false reject', reason }
  const found = {
    container: answer.container,
    values: answer.signatures.map(({ value }) => value),
    timestamps: answer.signatures
      .flatMap(({ timestamps }, signature) =>
        timestamps.map(({ element, kind, match }) => {
          const imprint = match ? 'match' : 'mismatch'
          return `${signature}/${element} ${kind} ${imprint}`
        }),
      )
      .toSorted(),
  }
  const due = {
    container: expected.container,
    values: expected.signatures.map(({ value }) => value),
    timestamps: expected.timestamps
      .map(({ signature, element, kind, imprint }) => `${signature}/${element} ${kind} ${imprint}`)
      .toSorted(),
  }
  const [is, should] = [JSON.stringify(found), JSON.stringify(due)]
  if (is === should) return undefined
  const accepts = found.values.some((value, i) => value === 'valid' && due.values[i] !== 'valid')
  return { fault: accepts ? 'false accept' : 'wrong', reason: `${is}, not ${should}` }
}
