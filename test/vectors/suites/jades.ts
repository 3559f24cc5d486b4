import type { JadesAnswer } from '../adapter.ts'
import { assertCount, type Case, type Fault, type Suite } from '../suite.ts'

interface Parameters {
  readonly cases: number
  readonly timestamps: number
}

interface Expected {
  readonly file: string
  readonly container: string
  readonly structure: 'conforms' | 'violates'
  readonly signatures: readonly { readonly index: number; readonly value: string }[]
  readonly timestamps: readonly {
    readonly signature: number
    readonly element: number
    readonly kind: string
    readonly imprint: 'match' | 'mismatch'
  }[]
}

/** JAdES header rules and time-stamp imprints. Production must let none of these documents in. */
export const jades: Suite = {
  name: 'jades',
  load({ json, text }) {
    const parameters = json('suite.json') as Parameters
    const cases = json('cases.json') as readonly Expected[]
    assertCount('cases', cases.length, parameters.cases)
    const timestamps = cases.flatMap((expected) => expected.timestamps)
    assertCount('timestamps', timestamps.length, parameters.timestamps)
    return cases.map((expected): Case => ({
      id: expected.file,
      call: 'checkJades',
      input: { document: text(`samples/${expected.file}`) },
      judge: (answer: JadesAnswer) => faultOf(answer, expected),
    }))
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
    timestamps: answer.signatures.flatMap(({ timestamps }, signature) =>
      timestamps.map(({ element, kind, match }) => {
        const imprint = match ? 'match' : 'mismatch'
        return `${signature}/${element} ${kind} ${imprint}`
      }),
    ),
  }
  const due = {
    container: expected.container,
    values: expected.signatures.map(({ value }) => value),
    timestamps: expected.timestamps.map(
      ({ signature, element, kind, imprint }) => `${signature}/${element} ${kind} ${imprint}`,
    ),
  }
  const [is, should] = [JSON.stringify(found), JSON.stringify(due)]
  if (is === should) return undefined
  const accepts = found.values.some((value, i) => value === 'valid' && due.values[i] !== 'valid')
  return { fault: accepts ? 'false accept' : 'wrong', reason: `${is}, not ${should}` }
}
