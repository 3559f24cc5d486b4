import { generateKeyPairSync, verify, type KeyObject } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { type JwsAlgorithm, signingKey } from '../../../src/crypto/suite.ts'
import { statementDigests } from '../../../src/jose/statement.ts'
import { digest, forge } from '../../support/hostile.ts'
import { listedState, sealOfKey } from '../../support/hostile-lists.ts'
import { twinOf } from '../../support/twin.ts'

const BY = await listedState('BY')
const seal = await sealOfKey(BY.pki.registrySeal)

function keysOf(alg: JwsAlgorithm) {
  if (alg === 'ES384') return generateKeyPairSync('ec', { namedCurve: 'P-384' })
  if (alg === 'Ed25519') return generateKeyPairSync('ed25519')
  return generateKeyPairSync('ec', { namedCurve: 'P-256' })
}

async function signedWith(alg: JwsAlgorithm): Promise<{ jws: string; key: KeyObject }> {
  const { privateKey, publicKey } = keysOf(alg)
  const pkcs8 = new Uint8Array(privateKey.export({ format: 'der', type: 'pkcs8' }))
  const key = await signingKey(pkcs8, alg)
  const jws = await forge({ ...seal, key }, { payload: { a: 1 }, header: { alg } })
  return { jws, key: publicKey }
}

describe('a statement', () => {
  it('has with ES256 the digests of both texts that anybody can make of it, its own first', async () => {
    const { jws, key } = await signedWith('ES256')
    const twin = twinOf(jws)
    const [input, signature] = [twin.slice(0, twin.lastIndexOf('.')), twin.split('.')[2]!]
    const form = { key, dsaEncoding: 'ieee-p1363' } as const
    const holds = verify('sha256', Buffer.from(input), form, Buffer.from(signature, 'base64url'))
    expect(holds).toBe(true)
    expect(statementDigests(jws)).toEqual([digest(jws), digest(twin)])
    expect(statementDigests(twin)).toEqual([digest(twin), digest(jws)])
  })

  it('has two with ES384, and one where a signature has no other form or there is none', async () => {
    const { jws } = await signedWith('ES384')
    const [own, other] = statementDigests(jws)
    expect([own, typeof other]).toEqual([digest(jws), 'string'])
    const other64 = (await signedWith('Ed25519')).jws
    for (const text of [other64, '', 'x', `${jws.slice(0, jws.lastIndexOf('.'))}.AA`])
      expect(statementDigests(text)).toEqual([digest(text)])
  })

  it('has one if its s is none of the curve', async () => {
    const { jws } = await signedWith('ES256')
    const input = jws.slice(0, jws.lastIndexOf('.'))
    for (const octet of [0x00, 0xff]) {
      const signature = Buffer.alloc(64, octet).toString('base64url')
      const text = `${input}.${signature}`
      expect(statementDigests(text)).toEqual([digest(text)])
    }
  })
})
