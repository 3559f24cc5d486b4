import { readFileSync } from 'node:fs'
import { beforeAll, describe, expect, it } from 'vitest'
import { decodeDer, type DerReader } from '../../src/encoding/der.ts'
import { encodeBase64url } from '../../src/encoding/base64url.ts'
import { parseJws } from '../../src/jose/parse.ts'
import { createStatePki } from '../../src/node/pki/state-pki.ts'
import { signJws } from '../../src/jose/sign.ts'
import { parseCrl } from '../../src/x509/crl.ts'
import { parseOcspResponse } from '../../src/x509/ocsp-response.ts'
import { parseX509Certificate } from '../../src/x509/x509-certificate.ts'
import { signingKey } from '../../src/crypto/suite.ts'
import { mutate, randomSource, type RandomSource } from './mutation.ts'

/** A few seconds in CI; `FUZZ_SECONDS=3600 npx vitest run test/fuzz` for a night. */
const SECONDS = Number(process.env['FUZZ_SECONDS'] ?? 4)
const SEED = Number(process.env['FUZZ_SEED'] ?? Date.now() % 2 ** 31)
/** No input of these sizes takes a reader longer than this. */
const LIMIT_MS = 1_000

/** Feeds mutated seeds for the time given; `feed` throws when it finds something. */
function fuzz(seeds: readonly Uint8Array[], feed: (input: Uint8Array) => void): number {
  const random = randomSource(SEED)
  const deadline = performance.now() + SECONDS * 1000
  let runs = 0
  while (performance.now() < deadline) {
    const input = mutate(pick(seeds, random), seeds, random)
    const started = performance.now()
    try {
      feed(input)
    } catch (error) {
      throw new Error(`seed ${SEED}, run ${runs}: ${hex(input)}`, { cause: error })
    }
    if (performance.now() - started > LIMIT_MS)
      throw new Error(`seed ${SEED}, run ${runs} took too long: ${hex(input)}`)
    runs++
  }
  return runs
}

const pick = <T>(all: readonly T[], random: RandomSource): T => all[random(all.length)]!
const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex').slice(0, 4000)

describe(`the readers of hostile bytes (FUZZ_SEED=${SEED})`, () => {
  let ders: Uint8Array[]
  let jws: string
  beforeAll(async () => {
    const pki = await createStatePki({
      state: 'BY',
      organization: 'Министерство',
      bodies: [{ partyId: 'BY.CCI.001', name: 'Палата', code: '001' }],
      now: new Date('2026-03-02T09:00:00Z'),
      sealAlgorithm: 'ES256',
    })
    const [body] = pki.bodies
    ders = [pki.root.certificate, ...body!.seal.x5c, body!.ca.crl, pki.stateCa.crl]
    const payload = JSON.parse(
      readFileSync(
        new URL('../../openapi/examples/origin-ct1-tractors.json', import.meta.url),
        'utf8',
      ),
    ) as object
    jws = await signJws({
      typ: 'product-certificate+jwt',
      payload,
      seal: {
        key: await signingKey(body!.seal.pkcs8, 'ES256'),
        x5tS256: 'Nb1Qc6M7v2V5PwdQVPGCzE0TnIaHFU0tu7ajp3Ubz5o',
        path: body!.seal.x5c,
        x5c: body!.seal.x5c.map((der) => Buffer.from(der).toString('base64')),
        environment: 'production',
      },
      signedAt: new Date('2026-03-02T09:15:00Z'),
    })
  })

  it('DER: never throw, and read each value from exactly one encoding', () => {
    const whole = (reader: DerReader) => reader.any().raw
    const runs = fuzz(ders, (input) => {
      const value = decodeDer(input, whole)
      if (!('malformed' in value)) expect(hex(value)).toBe(hex(input))
    })
    expect(runs).toBeGreaterThan(1000)
  })

  it('X.509 certificates, CRLs and OCSP responses: never throw, and keep the bytes they read', () => {
    const runs = fuzz(ders, (input) => {
      const certificate = parseX509Certificate(input)
      if (!('malformed' in certificate)) expect(hex(certificate.der)).toBe(hex(input))
      const crl = parseCrl(input)
      if (!('malformed' in crl)) expect(hex(crl.der)).toBe(hex(input))
      parseOcspResponse(input)
    })
    expect(runs).toBeGreaterThan(1000)
  })

  it('JWS: never throw, and accept only text that is the one encoding of what it says', () => {
    const text = new TextEncoder()
    const [header, payload, signature] = jws
      .split('.')
      .map((part) => Buffer.from(part, 'base64url'))
    const join = (parts: readonly Uint8Array[]) => parts.map(encodeBase64url).join('.')
    const random = randomSource(SEED)
    const check = (compact: string) => {
      const parsed = parseJws(compact)
      if ('malformed' in parsed) return
      const [h, p, s] = compact.split('.').map((part) => Buffer.from(part, 'base64url'))
      expect(join([h!, p!, s!])).toBe(compact)
      expect(Object.keys(parsed.header).sort().join()).toBe('alg,cty,iat,typ,x5c,x5t#S256')
    }
    const seeds = [text.encode(jws), header!, payload!, signature!]
    const runs = fuzz(seeds, (input) => {
      check(Buffer.from(input).toString('latin1'))
      const parts = [header!, payload!, signature!]
      check(join(parts.with(random(3), Buffer.from(input))))
    })
    expect(runs).toBeGreaterThan(200)
  })
})
