import { afterEach, beforeEach, expect, it } from 'vitest'
import { encodeBase64 } from '../../../src/encoding/base64url.ts'
import { createStatePki } from '../../../src/node/pki/state-pki.ts'
import { migrate } from '../../../src/node/migrate.ts'
import { SqliteDatabase } from '../../../src/node/sqlite-database.ts'
import { sqlTrustStore } from '../../../src/storage/trust-store.ts'
import { type EvidenceMemory, readEvidence } from '../../../src/trust/kept-evidence.ts'

const AT = '2027-06-01T00:00:00Z'
let database: SqliteDatabase
beforeEach(() => {
  database = new SqliteDatabase(':memory:')
  migrate(database)
})
afterEach(() => database.close())

it('stored evidence is parsed once, and what is damaged silences its own authority alone', async () => {
  const pki = await createStatePki({
    state: 'BY',
    organization: 'Registry',
    bodies: [],
    now: new Date(AT),
    sealAlgorithm: 'ES256',
  })
  const store = sqlTrustStore(database)
  const crl = (ski: string, der: Uint8Array) =>
    store.putCrl(
      {
        state: 'BY',
        ski,
        der: encodeBase64(der),
        number: '01',
        thisUpdate: AT,
        nextUpdate: AT,
      },
      AT,
    )
  await crl('aa', pki.root.crl)
  await crl('bb', pki.stateCa.crl)
  const memory: EvidenceMemory = { crls: new Map(), ocsp: new Map() }
  const first = await readEvidence(store, memory)
  expect(first.crls).toHaveLength(2)

  const times = { thisUpdate: AT, nextUpdate: AT, storedAt: AT }
  const revoked = { status: 'revoked', der: 'AAAA', ...times } as const
  await store.putOcspResponses([{ state: 'BY', ski: 'bb', serial: '5a', ...revoked }])
  const second = await readEvidence(store, memory)
  expect(second.crls).toHaveLength(1)
  expect(second.crls[0]!.crl).toBe(
    first.crls.find(({ crl: { id } }) => id === second.crls[0]!.crl.id)!.crl,
  )
  expect(second.ocsp).toEqual([])
})
