import * as z from 'zod'
import type { JwsAlgorithm } from '../../../src/crypto/suite.ts'
import type { RawCase } from '../adapter.ts'
import { assertCount, expectVerdict, parameters, readJson, type Suite } from '../suite.ts'

const Algorithm = z.strictObject({
  name: z.string(),
  namedCurve: z.exactOptional(z.string()),
  hash: z.exactOptional(z.string()),
})

const Parameters = parameters('wycheproof-raw', { files: z.record(z.string(), Algorithm) })

const TestFile = z.object({
  testGroups: z.array(
    z.object({
      /** SubjectPublicKeyInfo, hex. */
      publicKeyDer: z.string(),
      sha: z.exactOptional(z.string()),
      tests: z.array(
        z.object({
          tcId: z.int(),
          msg: z.hex(),
          sig: z.hex(),
          result: z.enum(['valid', 'invalid']),
        }),
      ),
    }),
  ),
})

/** Bare signatures: ECDSA as r‖s, Ed25519. */
export const wycheproofRaw: Suite = {
  name: 'wycheproof-raw',
  load(folder) {
    const { cases: announced, files } = readJson(folder, 'suite.json', Parameters)
    const cases = Object.entries(files).flatMap(([file, algorithm]) => {
      const alg = algOf(file, algorithm)
      return readJson(folder, file, TestFile).testGroups.flatMap(({ publicKeyDer, sha, tests }) => {
        if (sha !== undefined && algorithm.hash !== undefined && sha !== algorithm.hash)
          throw new Error(`${file}: a group hashes with ${sha}, suite.json says ${algorithm.hash}`)
        return tests.map(({ tcId, sig, msg, result }) => {
          const input: RawCase = { spki: hex(publicKeyDer), alg, sig: hex(sig), msg: hex(msg) }
          return {
            id: `${file.replace(/\.json$/, '')}/tc${tcId}`,
            call: 'verifyRaw' as const,
            input,
            judge: expectVerdict(result === 'valid'),
          }
        })
      })
    })
    assertCount('cases', cases.length, announced)
    return cases
  },
}

/** The product's algorithms by what WebCrypto calls them. */
const ALGS = new Map<string, JwsAlgorithm>([
  ['ECDSA P-256 SHA-256', 'ES256'],
  ['ECDSA P-384 SHA-384', 'ES384'],
  ['Ed25519', 'Ed25519'],
])

function algOf(file: string, { name, namedCurve, hash }: z.infer<typeof Algorithm>): JwsAlgorithm {
  const algorithm = [name, namedCurve, hash].filter((part) => part !== undefined).join(' ')
  const alg = ALGS.get(algorithm)
  if (!alg) throw new Error(`${file}: ${algorithm} is not one of ${[...ALGS.keys()].join(', ')}`)
  return alg
}

function hex(text: string): Uint8Array {
  return new Uint8Array(Buffer.from(text, 'hex'))
}
