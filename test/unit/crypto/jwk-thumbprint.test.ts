import { describe, expect, it } from 'vitest'
import { jwkThumbprint } from '../../../src/crypto/jwk-thumbprint.ts'
import { clientAddedDetail, isKeyOfAct } from '../../../src/exchange/client-added.ts'

/** RFC 8037 appendix A.3. */
const ED25519 = { kty: 'OKP', crv: 'Ed25519', x: '11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo' }
const THUMBPRINT = 'kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k'

describe('the thumbprint of a client key', () => {
  it('is that of RFC 8037, whatever else the key bears', async () => {
    expect(await jwkThumbprint(ED25519)).toBe(THUMBPRINT)
    expect(await jwkThumbprint({ use: 'sig', ...ED25519, kid: '1' })).toBe(THUMBPRINT)
    expect(await jwkThumbprint({ kty: 'oct', k: 'AA' })).toBeUndefined()
    expect(await jwkThumbprint({ kty: 'EC', crv: 'P-256', x: 'AA' })).toBeUndefined()
  })

  it('binds the stored key to the act that added the client, to the octet', async () => {
    const detail = await clientAddedDetail({ role: 'issuer', party: 'BY.CCI', jwk: ED25519 })
    expect(detail).toBe(`issuer for BY.CCI; key ${THUMBPRINT}`)
    const stored = JSON.stringify(ED25519)
    expect(await isKeyOfAct(stored, detail)).toBe(true)
    expect(await isKeyOfAct(stored.replace('11q', '11r'), detail)).toBe(false)
    expect(await isKeyOfAct(`${stored} `, detail)).toBe(false)
    expect(await isKeyOfAct(JSON.stringify({ ...ED25519, kid: '1' }), detail)).toBe(false)
    expect(await isKeyOfAct('none', detail)).toBe(false)
    // Acts of before named no key: nobody can tell.
    expect(await isKeyOfAct(stored, 'issuer for BY.CCI')).toBeUndefined()
  })
})
