import * as z from 'zod'
import { isJwk, type Jwk, JwsAlgorithms, protectedAlgorithm } from '../jws-verifier.ts'
import {
  assertCount,
  attempt,
  caseOf,
  checked,
  expectVerdict,
  parameters,
  readJson,
  type Suite,
  unreadableCases,
  valuesOf,
} from '../suite.ts'
import { waivedByAlgorithm, waivedJws, type Waiver } from '../waivers.ts'
import { testsOf } from './wycheproof.ts'

const Parameters = parameters('wycheproof-jws', {
  files: z.array(z.string()).min(1),
  runs: z.array(z.strictObject({ name: z.string(), algs: JwsAlgorithms })).min(1),
})

const Test = z.object({
  tcId: z.int(),
  /** Compact Serialization, or what must be rejected. */
  jws: z.unknown(),
  result: z.enum(['valid', 'invalid']),
})
type Test = z.infer<typeof Test>

const Key = z.custom<Jwk>(isJwk, 'no JWK')

const TestFile = z.object({
  testGroups: z.array(
    z.object({
      public: z.unknown().optional(),
      /** Of symmetric keys, which have no other part. */
      private: z.unknown().optional(),
      tests: z.array(z.unknown()),
    }),
  ),
})

/** Hostile JWS, against the list of algorithms in force and against a wide one. */
export const wycheproofJws: Suite = {
  name: 'wycheproof-jws',
  load(folder) {
    const { cases: announced, files, runs } = readJson(folder, 'suite.json', Parameters)
    const bundles = files.map((file) => attempt(file, () => readJson(folder, file, TestFile)))
    const lost = unreadableCases(bundles)
    const tests = valuesOf(bundles).flatMap(({ id: file, value }) => {
      const prefix = files.length > 1 ? `${file}/` : ''
      return value.testGroups.flatMap((group, n) =>
        testsOf(group.tests, Test, n).map((read) => ({
          ...read,
          id: prefix + read.id,
          jwk: () => checked(group.public ?? group.private, Key),
        })),
      )
    })
    if (lost.length === 0) assertCount('cases', tests.length, announced)
    const cases = runs.flatMap((run) =>
      tests.map(({ jwk, ...read }) =>
        caseOf({ ...read, id: `${run.name}/${read.id}` }, (test) => ({
          call: 'verifyJws',
          input: () => ({ jws: test.jws, jwk: jwk(), algs: run.algs }),
          waiver: waiverOf(test, run.algs),
          judge: expectVerdict(test.result === 'valid'),
        })),
      ),
    )
    return [...lost, ...cases]
  },
}

/** The algorithm decides; where it is permitted, or no strict reader finds any, the number of the case. */
function waiverOf({ tcId, jws, result }: Test, algs: readonly string[]): Waiver | undefined {
  const alg = protectedAlgorithm(jws)
  if (alg === undefined || algs.includes(alg)) return waivedJws(tcId)
  return result === 'valid' ? waivedByAlgorithm(alg) : undefined
}
