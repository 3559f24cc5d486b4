import { generateKeyPairSync, type KeyObject, randomUUID } from 'node:crypto'
import { SignJWT } from 'jose'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { assertionAlgorithms, verifyClientAssertion } from '../../../src/http/client-assertion.ts'
import { migrate } from '../../../src/node/migrate.ts'
import { SqliteDatabase } from '../../../src/node/sqlite-database.ts'
import { sqlClientStore, sqlUsedOnce } from '../../../src/storage/client-store.ts'

const ISSUER = 'https://by.example'
const NOW = new Date('2026-03-02T09:00:00Z')
const seconds = Math.floor(NOW.getTime() / 1000)

let database: SqliteDatabase
let key: KeyObject

beforeAll(async () => {
  database = new SqliteDatabase(':memory:')
  migrate(database)
  key = await register('chamber', 'P-256')
})
afterAll(() => database.close())

async function register(id: string, curve: 'P-256' | 'Ed25519'): Promise<KeyObject> {
  const { publicKey, privateKey } =
    curve === 'Ed25519'
      ? generateKeyPairSync('ed25519')
      : generateKeyPairSync('ec', { namedCurve: curve })
  const jwk = publicKey.export({ format: 'jwk' }) as Record<string, unknown>
  const client = { id, role: 'issuer', party: 'BY.CCI', jwk } as const
  await sqlClientStore(database).register(client, NOW.toISOString())
  return privateKey
}

function verify(assertion: string, now = NOW) {
  return verifyClientAssertion(assertion, {
    issuer: ISSUER,
    clients: sqlClientStore(database),
    usedOnce: sqlUsedOnce(database),
    now,
  })
}

interface Wish {
  id?: string
  exp?: number
  jti?: string
  alg?: string
  by?: KeyObject
}

function assertion({
  id = 'chamber',
  exp = seconds + 120,
  jti = randomUUID(),
  alg,
  by = key,
}: Wish = {}) {
  return new SignJWT()
    .setProtectedHeader({ alg: alg ?? 'ES256' })
    .setIssuer(id)
    .setSubject(id)
    .setAudience(ISSUER)
    .setJti(jti)
    .setExpirationTime(exp)
    .sign(by)
}

describe('a client assertion', () => {
  it('names its client, and nothing else does', async () => {
    expect(await verify(await assertion())).toMatchObject({ id: 'chamber', party: 'BY.CCI' })
  })

  it('lives 300 seconds at most, with a minute for clocks that differ', async () => {
    expect(await verify(await assertion({ exp: seconds + 300 }))).toHaveProperty('id')
    expect(await verify(await assertion({ exp: seconds + 301 }))).toHaveProperty('refused')
    expect(await verify(await assertion({ exp: seconds - 59 }))).toHaveProperty('id')
    expect(await verify(await assertion({ exp: seconds - 61 }))).toHaveProperty('refused')
    for (const exp of [0, -1, 2 ** 53, 1e300])
      expect(await verify(await assertion({ exp }))).toHaveProperty('refused')
  })

  it('counts once, also when it comes many times at once', async () => {
    const text = await assertion()
    const results = await Promise.all(Array.from({ length: 20 }, () => verify(text)))
    expect(results.filter((result) => 'id' in result)).toHaveLength(1)
    expect(await verify(text)).toMatchObject({ refused: 'the assertion was used before' })
  })

  it('is not forgotten before it has expired for good', async () => {
    const text = await assertion({ exp: seconds + 300 })
    expect(await verify(text)).toHaveProperty('id')
    for (const later of [1, 300, 359, 361, 420, 421, 3600]) {
      const now = new Date(NOW.getTime() + later * 1000)
      await sqlUsedOnce(database).prune(now.toISOString())
      expect(await verify(text, now), `${later} s later`).toHaveProperty('refused')
    }
  })

  it('is not used up by one that does not verify: a stranger cannot spend the jti of a client', async () => {
    const jti = randomUUID()
    const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
    expect(await verify(await assertion({ jti, by: privateKey }))).toHaveProperty('refused')
    expect(await verify(await assertion({ jti }))).toHaveProperty('id')
  })

  it('may bear the same jti as one of another client', async () => {
    const other = await register('certifier', 'P-256')
    const jti = randomUUID()
    expect(await verify(await assertion({ jti }))).toHaveProperty('id')
    expect(await verify(await assertion({ id: 'certifier', by: other, jti }))).toHaveProperty('id')
    expect(await verify(await assertion({ id: 'certifier', by: key }))).toHaveProperty('refused')
  })

  it('has a jti of 8 to 128 characters', async () => {
    for (const n of [8, 128])
      expect(await verify(await assertion({ jti: 'x'.repeat(n) }))).toHaveProperty('id')
    for (const n of [1, 7, 129])
      expect(await verify(await assertion({ jti: 'x'.repeat(n) }))).toHaveProperty('refused')
  })

  it('may be signed with Ed25519 under either of its names, if such a key is registered', async () => {
    const by = await register('edwards', 'Ed25519')
    for (const alg of ['Ed25519', 'EdDSA'])
      expect(await verify(await assertion({ id: 'edwards', by, alg }))).toHaveProperty('id')
  })

  it('is refused without a throw if it is long, of other characters, or no JWT', async () => {
    for (const text of [
      '',
      '.',
      'a.b',
      'a.%.c',
      `${'a'.repeat(9000)}.b.c`,
      '\u0000.\ud800.x',
      '🔑.🔑.🔑',
    ])
      expect(await verify(text)).toHaveProperty('refused')
  })

  it('tells a stranger the same about a client that is unknown and one that is disabled', async () => {
    const gone = await register('gone', 'P-256')
    await sqlClientStore(database).disable('gone', NOW.toISOString())
    const disabled = await verify(await assertion({ id: 'gone', by: gone }))
    expect(disabled).toHaveProperty('refused')
    expect(disabled).toEqual(await verify(await assertion({ id: 'nobody', by: gone })))
  })
})

describe('a registered key', () => {
  it('names its algorithms itself; other keys have none', () => {
    expect(assertionAlgorithms({ kty: 'EC', crv: 'P-256' })).toEqual(['ES256'])
    expect(assertionAlgorithms({ kty: 'OKP', crv: 'Ed25519' })).toEqual(['Ed25519', 'EdDSA'])
    for (const jwk of [
      { kty: 'oct', k: 'AA' },
      { kty: 'RSA' },
      { kty: 'EC', crv: 'secp256k1' },
      { kty: 'EC', crv: 'P-521' },
      { kty: 'OKP', crv: 'X25519' },
    ])
      expect(assertionAlgorithms(jwk)).toEqual([])
  })

  it('that has none verifies nothing, and fails no request', async () => {
    const jwk = { kty: 'oct', k: Buffer.from('secret').toString('base64url') }
    const client = { id: 'symmetric', role: 'issuer', party: 'BY.CCI', jwk } as const
    await sqlClientStore(database).register(client, NOW.toISOString())
    const text = await new SignJWT()
      .setProtectedHeader({ alg: 'HS256' })
      .setIssuer('symmetric')
      .setSubject('symmetric')
      .setAudience(ISSUER)
      .setJti(randomUUID())
      .setExpirationTime(seconds + 60)
      .sign(new TextEncoder().encode('secret'))
    expect(await verify(text)).toHaveProperty('refused')
  })
})
