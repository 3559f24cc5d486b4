import type { RawCase } from '../adapter.ts'
import { assertCount, expectVerdict, type Suite } from '../suite.ts'

interface Parameters {
  readonly cases: number
  readonly files: Readonly<Record<string, { readonly name: string }>>
}

interface TestFile {
  readonly testGroups: readonly {
    readonly publicKeyDer: string
    readonly tests: readonly {
      readonly tcId: number
      readonly msg: string
      readonly sig: string
      readonly result: 'valid' | 'invalid'
    }[]
  }[]
}

/** Bare signatures: ECDSA P-256 as r‖s, Ed25519. */
export const wycheproofRaw: Suite = {
  name: 'wycheproof-raw',
  load({ json }) {
    const { cases: announced, files } = json('suite.json') as Parameters
    const cases = Object.entries(files).flatMap(([file, { name }]) =>
      (json(file) as TestFile).testGroups.flatMap(({ publicKeyDer, tests }) =>
        tests.map(({ tcId, sig, msg, result }) => {
          const input: RawCase = {
            spki: hex(publicKeyDer),
            name,
            sig: hex(sig),
            msg: hex(msg),
          }
          return {
            id: `${name}/tc${tcId}`,
            call: 'verifyRaw' as const,
            input,
            judge: expectVerdict(result === 'valid'),
          }
        }),
      ),
    )
    assertCount('cases', cases.length, announced)
    return cases
  },
}

function hex(text: string): Uint8Array {
  return new Uint8Array(Buffer.from(text, 'hex'))
}
