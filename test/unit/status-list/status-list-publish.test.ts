import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { generateKeyPair, signingKey } from '../../../src/crypto/suite.ts'
import { appendOneByOne } from '../../../src/exchange/journal.ts'
import { payloadOf } from '../../../src/exchange/registered.ts'
import { joinWork } from '../../../src/exchange/join.ts'
import { NoKeyInForce } from '../../../src/exchange/key-in-force.ts'
import { publishStatusList } from '../../../src/exchange/status-lists/publish.ts'
import type { StatusListStore } from '../../../src/exchange/status-lists/store.ts'
import type { Seal } from '../../../src/jose/sign.ts'
import { StatusListClaims } from '../../../src/status-list/claims.ts'
import { decodeStatusList, statusAt } from '../../../src/status-list/status-list.ts'
import { sqlJournal } from '../../../src/storage/journal.ts'
import { sqlStatusListStore } from '../../../src/storage/status-list-store.ts'
import { type OpenDatabase, rows, sqliteEngine } from '../../contract/storage-engines.ts'
import { certificateEntry, changeEntry } from '../../contract/storage-samples.ts'

const publicUrl = 'https://node.example'
const statusUri = `${publicUrl}/status/1`

let open: OpenDatabase
let statusSigner: Seal
let now: Date
let inForce: boolean

beforeEach(async () => {
  open = await sqliteEngine().open()
  const { pkcs8 } = await generateKeyPair('ES256')
  const signer = await signingKey(pkcs8, 'ES256')
  statusSigner = {
    key: signer,
    x5tS256: 'x'.repeat(43),
    path: [],
    x5c: ['AA=='],
    environment: 'production',
  }
  now = new Date('2026-03-02T09:15:00.500Z')
  inForce = true
  await rows(open.database, "INSERT INTO status_lists VALUES (1, 'key', 1000, 0)")
})
afterEach(() => open.close())

/** A process over the database, and what it asked of it. */
function processOver(database: OpenDatabase['database']) {
  const store = sqlStatusListStore(database)
  let built = 0
  const counted: StatusListStore = { ...store, listed: (uri) => (built++, store.listed(uri)) }
  const publish = publishStatusList({
    publicUrl,
    now: () => now,
    seals: {
      async statusSigner() {
        if (!inForce) throw new NoKeyInForce('No status-signer key of BY is in force: revoked')
        return statusSigner
      },
    },
    ownStatusLists: counted,
    join: joinWork(),
  })
  return { publish, built: () => built }
}

async function token(publish: ReturnType<typeof publishStatusList>) {
  const published = await publish(1)
  if (published.outcome !== 'signed') throw new Error(published.outcome)
  const claims = StatusListClaims.parse(payloadOf(published.jws))
  const list = await decodeStatusList(claims.status_list)
  if ('malformed' in list) throw new Error(list.malformed)
  return { ...published, claims, list }
}

const append = (...entries: ReturnType<typeof certificateEntry>[]) =>
  appendOneByOne(sqlJournal(open.database), () => now)({ entries })

describe('a published status list', () => {
  it('has exactly the claims of the trust profile', async () => {
    const { claims } = await token(processOver(open.database).publish)
    const iat = Date.parse('2026-03-02T09:15:00Z') / 1000
    expect(claims).toEqual({
      sub: statusUri,
      iat,
      exp: iat + 72 * 3600,
      ttl: 300,
      status_list: { bits: 2, lst: expect.any(String) as string },
    })
  })

  it('is signed once for many who ask, until something of it changes in any process', async () => {
    const [one, two] = [processOver(open.database), processOver(open.another)]
    const first = await Promise.all(Array.from({ length: 20 }, () => token(one.publish)))
    expect(new Set(first.map(({ jws }) => jws)).size).toBe(1)
    expect(one.built()).toBe(1)
    await token(two.publish)

    await append(certificateEntry('a', ['UZ'], { statusUri, statusIdx: 7 }))
    expect((await token(one.publish)).jws).toBe(first[0]!.jws)
    await append(changeEntry('annul a', 'a', 1))
    for (const { publish, built } of [one, two]) {
      const { list } = await token(publish)
      expect([6, 7, 8].map((idx) => statusAt(list, idx))).toEqual([0, 1, 0])
      expect(built()).toBe(2)
    }
  })

  it('is signed again every hour, so that it is never near its end', async () => {
    const { publish } = processOver(open.database)
    const first = await token(publish)
    now = new Date(now.getTime() + 59 * 60_000)
    expect((await token(publish)).jws).toBe(first.jws)
    now = new Date(now.getTime() + 2 * 60_000)
    const second = await token(publish)
    expect(second.claims.iat - first.claims.iat).toBe(61 * 60)
  })

  it('is tried again after a failure', async () => {
    const store = sqlStatusListStore(open.database)
    let isBroken = true
    const publish = publishStatusList({
      publicUrl,
      now: () => now,
      seals: { statusSigner: async () => statusSigner },
      join: joinWork(),
      ownStatusLists: {
        ...store,
        listed: (uri) => (isBroken ? Promise.reject(new Error('disk')) : store.listed(uri)),
      },
    })
    await expect(publish(1)).rejects.toThrow('disk')
    isBroken = false
    expect(await publish(1)).toMatchObject({ outcome: 'signed' })
  })

  it('is unknown where no positions were ever given away', async () => {
    expect(await processOver(open.database).publish(2)).toEqual({ outcome: 'unknown' })
  })

  it('is not given out while no signer is in force, also when a token is held', async () => {
    const { publish } = processOver(open.database)
    await token(publish)
    inForce = false
    expect(await publish(1)).toMatchObject({
      outcome: 'signer-not-available',
      detail: 'No status-signer key of BY is in force: revoked',
    })
  })
})
