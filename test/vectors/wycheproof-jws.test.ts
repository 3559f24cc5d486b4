import { createPublicKey, type JsonWebKeyInput } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { isJwsAlgorithm, parsePublicKey, verifyJwsSignature } from '../../src/crypto/suite.ts'
import { decodeBase64url } from '../../src/encoding/base64url.ts'
import { JsonError, parseStrictJson } from '../../src/encoding/strict-json.ts'
import { describeVectors } from './vector-suite.ts'

/*
 * The production run only. The product takes keys from certificates and headers of six members, which no
 * vector has: driven through parseJws all 401 would be rejected and nothing shown. So the parts it is
 * made of are driven: base64url (J4), JSON, the closed list (J1), the key that names its algorithm (J2)
 * and the signature. `alg`, `use` and `key_ops` of a JWK (J2, J3) are read here, the product reads none.
 */
interface Jwk {
  readonly kty: string
  readonly alg?: string
  readonly use?: string
  readonly key_ops?: readonly string[]
}

interface Suite {
  readonly testGroups: readonly {
    readonly public?: Jwk
    readonly private?: Jwk
    readonly tests: readonly {
      readonly tcId: number
      readonly comment: string
      readonly jws: unknown
      readonly result: 'valid' | 'invalid'
    }[]
  }[]
}

/** The valid cases of the profile's algorithms, by the suite's own README. */
const ACCEPTED = [18, 272, 273, 274, 275, 287, 288, 378]

describeVectors<{ readonly files: readonly [string] }>('wycheproof-jws', ({ parameters, json }) => {
  const { testGroups } = json(parameters.files[0]) as Suite
  const tests = testGroups.flatMap(({ public: publicKey, private: secret, tests: cases }) =>
    cases.map((test) => ({ ...test, jwk: (publicKey ?? secret)! })),
  )

  it('has every case', () => {
    expect(tests).toHaveLength(parameters.cases)
  })

  describe('production', () => {
    it.each(tests)('$tcId $comment', async ({ tcId, jws, jwk, result }) => {
      const accepted = await verifies(jws, jwk)
      expect(accepted).toBe(ACCEPTED.includes(tcId))
      if (accepted) expect(result).toBe('valid')
    })
  })
})

async function verifies(jws: unknown, jwk: Jwk): Promise<boolean> {
  if (typeof jws !== 'string') return false
  const parts = jws.split('.')
  if (parts.length !== 3) return false
  const [header, payload, signature] = parts.map(decodeBase64url)
  if (!header || !payload || !signature) return false
  const alg = algorithmOf(header)
  if (alg === undefined || !isJwsAlgorithm(alg)) return false
  if (jwk.alg !== alg || (jwk.use ?? 'sig') !== 'sig') return false
  if (jwk.key_ops && !jwk.key_ops.includes('verify')) return false
  if (jwk.kty === 'oct') return false
  const der = createPublicKey({ key: jwk, format: 'jwk' } as JsonWebKeyInput).export({
    format: 'der',
    type: 'spki',
  })
  const key = parsePublicKey(new Uint8Array(der))
  const signingInput = new TextEncoder().encode(jws.slice(0, jws.lastIndexOf('.')))
  return key !== undefined && verifyJwsSignature(alg, key, signature, signingInput)
}

function algorithmOf(header: Uint8Array): string | undefined {
  try {
    const value = parseStrictJson(header) as { alg?: unknown; crit?: unknown } | null
    if (typeof value?.alg !== 'string' || value.crit !== undefined) return undefined
    return value.alg
  } catch (error) {
    if (error instanceof JsonError) return undefined
    throw error
  }
}
