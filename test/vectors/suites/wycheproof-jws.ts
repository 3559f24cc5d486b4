import * as z from 'zod'
import { isJwk, type Jwk, JwsAlgorithms, protectedAlgorithm } from '../jws-verifier.ts'
import {
  assertCount,
  type Case,
  expectVerdict,
  parameters,
  readJson,
  type Suite,
} from '../suite.ts'
import { waivedByAlgorithm, waivedJws, type Waiver } from '../waivers.ts'

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

const TestFile = z.object({
  testGroups: z.array(
    z.object({
      public: z.exactOptional(z.custom<Jwk>(isJwk, 'no JWK')),
      /** Of symmetric keys, which have no other part. */
      private: z.exactOptional(z.custom<Jwk>(isJwk, 'no JWK')),
      tests: z.array(Test),
    }),
  ),
})

/** Hostile JWS, against the list of algorithms in force and against a wide one. */
export const wycheproofJws: Suite = {
  name: 'wycheproof-jws',
  load(folder) {
    const { cases: announced, files, runs } = readJson(folder, 'suite.json', Parameters)
    const tests = files.flatMap((file) =>
      readJson(folder, file, TestFile).testGroups.flatMap((group) => {
        const jwk = group.public ?? group.private
        if (!jwk) throw new Error(`${file}: a group without a key`)
        const prefix = files.length > 1 ? `${file}/` : ''
        return group.tests.map((test) => ({ test, jwk, name: `${prefix}tc${test.tcId}` }))
      }),
    )
    assertCount('cases', tests.length, announced)
    return runs.flatMap((run) =>
      tests.map(({ test, jwk, name }): Case => ({
        id: `${run.name}/${name}`,
        call: 'verifyJws',
        input: { jws: test.jws, jwk, algs: run.algs },
        waiver: waiverOf(test, run.algs),
        judge: expectVerdict(test.result === 'valid'),
      })),
    )
  },
}

/** The algorithm decides; where it is permitted, or no strict reader finds any, the number of the case. */
function waiverOf({ tcId, jws, result }: Test, algs: readonly string[]): Waiver | undefined {
  const alg = protectedAlgorithm(jws)
  if (alg === undefined || algs.includes(alg)) return waivedJws(tcId)
  return result === 'valid' ? waivedByAlgorithm(alg) : undefined
}
