import * as z from 'zod'
import type { JwsAlgorithm } from '../../../src/crypto/suite.ts'
import type { RawCase } from '../adapter.ts'
import {
  assertCount,
  attempt,
  caseOf,
  expectVerdict,
  parameters,
  readJson,
  type Suite,
  unreadableCases,
  valuesOf,
} from '../suite.ts'
import { testsOf } from './wycheproof.ts'

const Algorithm = z.strictObject({
  name: z.string(),
  namedCurve: z.exactOptional(z.string()),
  hash: z.exactOptional(z.string()),
})

const Parameters = parameters('wycheproof-raw', { files: z.record(z.string(), Algorithm) })

const Test = z.object({
  tcId: z.int(),
  msg: z.string(),
  sig: z.string(),
  result: z.enum(['valid', 'invalid']),
})

const TestFile = z.object({
  testGroups: z.array(
    z.object({
      /** SubjectPublicKeyInfo, hex. */
      publicKeyDer: z.unknown().optional(),
      sha: z.exactOptional(z.string()),
      tests: z.array(z.unknown()),
    }),
  ),
})

/** Bare signatures: ECDSA as r‖s, Ed25519. */
export const wycheproofRaw: Suite = {
  name: 'wycheproof-raw',
  load(folder) {
    const { cases: announced, files } = readJson(folder, 'suite.json', Parameters)
    const algs = new Map(
      Object.entries(files).map(([file, algorithm]) => [file, algOf(file, algorithm)]),
    )
    const bundles = Object.keys(files).map((file) =>
      attempt(file, () => readJson(folder, file, TestFile)),
    )
    const lost = unreadableCases(bundles)
    const cases = valuesOf(bundles).flatMap(({ id: file, value }) => {
      const [alg, algorithm] = [algs.get(file)!, files[file]!]
      const name = file.replace(/\.json$/, '')
      return value.testGroups.flatMap((group, n) => {
        const { publicKeyDer, sha, tests } = group
        if (sha !== undefined && algorithm.hash !== undefined && sha !== algorithm.hash)
          throw new Error(`${file}: a group hashes with ${sha}, suite.json says ${algorithm.hash}`)
        return testsOf(tests, Test, n).map((read) =>
          caseOf({ ...read, id: `${name}/${read.id}` }, ({ sig, msg, result }) => ({
            call: 'verifyRaw',
            input: (): RawCase => ({ spki: hex(publicKeyDer), alg, sig: hex(sig), msg: hex(msg) }),
            judge: expectVerdict(result === 'valid'),
          })),
        )
      })
    })
    if (lost.length === 0) assertCount('cases', cases.length, announced)
    return [...lost, ...cases]
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

/** @throws {Error} what `Buffer` would leave out is no octet of the vector */
function hex(text: unknown): Uint8Array {
  const octets = Buffer.from(String(text), 'hex')
  if (octets.toString('hex') !== String(text).toLowerCase()) throw new Error('not hexadecimal')
  return new Uint8Array(octets)
}
