import { expect, it } from 'vitest'
import { encodeBase64 } from '../../../src/encoding/base64url.ts'
import { signJws } from '../../../src/jose/sign.ts'
import { MAX_JWS_LENGTH, MAX_TRUST_LIST_LENGTH, parseJws } from '../../../src/jose/parse.ts'
import { verifyTrustList } from '../../../src/trust/accept-trust-list.ts'
import type { TrustList } from '../../../src/trust/trust-list.ts'
import { digest } from '../../support/hostile.ts'
import { listedState, NO_OCSP, NOW, sealOfKey, signedList } from '../../support/hostile-lists.ts'

it('a list of a thousand seals is read and believed, no other document may be as long', async () => {
  const BY = await listedState('BY', ['BY.CCI.001'])
  const [seal] = BY.list.keys
  const [body] = BY.list.bodies
  const numbers = Array.from({ length: 1000 }, (_, i) => i)
  const list: TrustList = {
    ...BY.list,
    // Five seals a body, as after some years of renewals.
    bodies: numbers.filter((n) => n % 5 === 0).map((n) => ({ ...body!, id: `BY.CCI.${n}` })),
    keys: numbers.map((n) => ({
      ...seal!,
      x5tS256: digest(String(n)),
      der: encodeBase64(BY.pki.bodies[0]!.seal.certificate),
      body: `BY.CCI.${n - (n % 5)}`,
    })),
  }
  const jws = await signedList(list, BY.pki.trustListSigner)
  expect(jws.length).toBeGreaterThan(MAX_JWS_LENGTH)
  expect(jws.length).toBeLessThan(MAX_TRUST_LIST_LENGTH)
  const known = { pins: [BY.pin], crls: BY.crls, ocsp: NO_OCSP, now: NOW }
  expect(await verifyTrustList(jws, known)).toMatchObject({ version: 1 })

  const seals = await sealOfKey(BY.pki.trustListSigner)
  const other = await signJws({ typ: 'receipt+jwt', payload: list, seal: seals, signedAt: NOW })
  expect(parseJws(other)).toEqual({ malformed: 'the document is too long' })
  const twice = await signedList(
    { ...list, keys: [...list.keys, ...list.keys] },
    BY.pki.trustListSigner,
  )
  expect(twice.length).toBeGreaterThan(MAX_TRUST_LIST_LENGTH)
  expect(parseJws(twice)).toEqual({ malformed: 'the document is too long' })
  expect(parseJws('A'.repeat(MAX_JWS_LENGTH + 1))).toEqual({
    malformed: 'the document is too long',
  })
})
