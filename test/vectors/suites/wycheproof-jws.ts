import type { Jwk } from '../jws-verifier.ts'
import { assertCount, expectVerdict, type Suite } from '../suite.ts'

interface Parameters {
  readonly cases: number
  readonly files: readonly string[]
  readonly runs: readonly { readonly name: string; readonly algs: readonly string[] }[]
}

interface TestFile {
  readonly testGroups: readonly {
    readonly public?: Jwk
    readonly private?: Jwk
    readonly tests: readonly {
      readonly tcId: number
      readonly jws: unknown
      readonly result: 'valid' | 'invalid'
    }[]
  }[]
}

/** Hostile JWS, against the list of algorithms in force and against a wide one. */
export const wycheproofJws: Suite = {
  name: 'wycheproof-jws',
  load({ json }) {
    const { cases: announced, files, runs } = json('suite.json') as Parameters
    const groups = files.flatMap((file) => (json(file) as TestFile).testGroups)
    const tests = groups.flatMap(({ public: open, private: secret, tests: own }) =>
      own.map((test) => ({ ...test, jwk: (open ?? secret)! })),
    )
    assertCount('cases', tests.length, announced)
    return runs.flatMap(({ name, algs }) =>
      tests.map(({ tcId, jws, jwk, result }) => ({
        id: `${name}/tc${tcId}`,
        call: 'verifyJws' as const,
        input: { jws, jwk, algs },
        judge: expectVerdict(result === 'valid'),
      })),
    )
  },
}
