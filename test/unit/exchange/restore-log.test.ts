import { createHash, generateKeyPairSync, sign } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { sha256Sync } from '../../../src/crypto/suite.ts'
import { type OwnLogSource, SourceUnusable } from '../../../src/exchange/log/own-log-source.ts'
import { type RestoringLog, restoreLog } from '../../../src/exchange/log/restore-log.ts'
import { migrate } from '../../../src/node/migrate.ts'
import { SqliteDatabase } from '../../../src/node/sqlite-database.ts'
import { sqlRestoringLog } from '../../../src/storage/restoring-log.ts'
import { formatCheckpoint, parseSignedCheckpoint } from '../../../src/tlog/checkpoint.ts'
import { cosign } from '../../../src/tlog/cosignature.ts'
import { appendLeaves, EMPTY_FRONTIER, rootOf } from '../../../src/tlog/frontier.ts'
import { encodeLeaf } from '../../../src/tlog/leaf.ts'
import { textLeafHash } from '../../../src/tlog/merkle.ts'
import { type NoteSigner, signNote } from '../../../src/tlog/note-signature.ts'
import { formatSignatureLine, formatSignedNote } from '../../../src/tlog/signed-note.ts'
import { formatVerifierKey, verifierKey, type VerifierKey } from '../../../src/tlog/verifier-key.ts'
import { makeSigner, utf8 } from '../tlog/keys.ts'

const origin = 'exchange.by/log/1'
const leavesOf = (name: string, count: number) =>
  Array.from({ length: count }, (_, i) => {
    const sha256 = createHash('sha256').update(`${name} ${i}`).digest('base64url')
    return encodeLeaf({ kind: 'certificate', sha256, to: {}, at: '2026-03-02T09:15:00Z' })
  })
const genuine = leavesOf('genuine', 10)
const forged = [...genuine.slice(0, 4), ...leavesOf('forged', 6)]

let signer: NoteSigner<'ed25519'>

beforeAll(() => {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519')
  const raw = Buffer.from(publicKey.export({ format: 'jwk' }).x!, 'base64url')
  signer = {
    key: verifierKey(origin, 'ed25519', new Uint8Array(raw)),
    sign: (bytes) => Promise.resolve(new Uint8Array(sign(null, bytes, privateKey))),
  }
})

/** As the log of BY signed it when it had so many entries. */
async function checkpointOf(size: number): Promise<string> {
  const hashes = genuine.slice(0, size).map((leaf) => textLeafHash(sha256Sync, leaf))
  const rootHash = rootOf(sha256Sync, appendLeaves(sha256Sync, EMPTY_FRONTIER, hashes).frontier)
  const text = formatCheckpoint({ origin, size: BigInt(size), rootHash, extensions: [] })
  return formatSignedNote({ text, signatures: [await signNote(text, signer)] })
}

const listedAs = (key: VerifierKey<'cosignature/v1'>) => ({
  origin: key.name,
  key: formatVerifierKey(key),
  from: '2026-01-01T00:00:00Z',
  listedFrom: '2026-01-01T00:00:00Z',
})

const mirror = (
  note: string,
  leaves: (from: number, count: number) => readonly string[],
): OwnLogSource => ({
  peer: 'UZ',
  logs: () =>
    Promise.resolve([
      { origin, leaves: genuine.length, newest: note, whole: note, cosigned: note },
    ]),
  leaves: (_, from, count) => Promise.resolve([...leaves(Number(from), count)]),
  documents: () => Promise.resolve([]),
})

describe('a log that a mirror continues', () => {
  const database = new SqliteDatabase(':memory:')
  let log: RestoringLog
  afterAll(() => database.close())

  const restore = (source: OwnLogSource, witnesses: VerifierKey<'cosignature/v1'>[] = []) =>
    restoreLog({
      origin,
      log,
      ofBackup: 4n,
      logKeys: [signer.key],
      witnesses: witnesses.map((key) => ({ key, state: 'UZ', listed: listedAs(key) })),
    })([source])

  it('does not end with what an attempt before took and no signed checkpoint covers', async () => {
    migrate(database, 'test')
    log = sqlRestoringLog(database)
    await log.extend(genuine.slice(0, 4))
    // Of the checkpoint of 10 the peer gave these, and then it went dark.
    await log.extend(forged.slice(4, 7))
    const shorter = mirror(await checkpointOf(3), () => [])
    await expect(restore(shorter)).rejects.toMatchObject({ code: 'unproven', index: 4n })
  })

  it('is not what a mirror gave that cannot be read again', async () => {
    let asked = 0
    const dark = mirror(await checkpointOf(10), (from, count) => {
      if (asked++ > 0) throw new SourceUnusable('UZ: HTTP 500')
      return forged.slice(from, from + count)
    })
    await expect(restore(dark)).rejects.toMatchObject({ code: 'unproven' })
  })

  it.each([
    ['nothing', () => [], 4n],
    [
      'one fewer than it says',
      (from: number, count: number) => genuine.slice(from, from + count - 1),
      9n,
    ],
  ])(
    'is refused from a peer that gives %s, naming the first that is missing',
    async (_, gives, index) => {
      const fresh = new SqliteDatabase(':memory:')
      migrate(fresh, 'test')
      log = sqlRestoringLog(fresh)
      await log.extend(genuine.slice(0, 4))
      await expect(restore(mirror(await checkpointOf(10), gives))).rejects.toMatchObject({
        code: 'leaves-missing',
        index,
      })
      fresh.close()
    },
  )

  it('is refused from a peer that shows it with a cosignature that is wrong', async () => {
    const fresh = new SqliteDatabase(':memory:')
    migrate(fresh, 'test')
    log = sqlRestoringLog(fresh)
    await log.extend(genuine.slice(0, 4))
    const witness = await makeSigner('exchange.uz/witness/1', 'cosignature/v1')
    const cosignatureOf = async (size: number) => {
      const signed = parseSignedCheckpoint(utf8(await checkpointOf(size)))
      if ('malformed' in signed) throw new Error(signed.malformed)
      return formatSignatureLine(await cosign(signed, witness, new Date('2026-03-02T09:15:00Z')))
    }
    const restoreWith = async (line: string) => {
      const shown = mirror(`${await checkpointOf(10)}${line}`, (from, count) =>
        genuine.slice(from, from + count),
      )
      return restore(shown, [witness.key])
    }
    await expect(restoreWith(await cosignatureOf(9))).rejects.toMatchObject({
      code: 'not-signed',
      message: expect.stringContaining('cosignature') as string,
    })
    const restored = await restoreWith(await cosignatureOf(10))
    expect(restored).toMatchObject({ size: 10n, added: 6n })
    expect(restored.checkpoints[0]).toMatchObject({ cosignature: { witness: { state: 'UZ' } } })
    fresh.close()
  })

  it('may be longer than the checkpoint, as far as the backup goes', async () => {
    const fresh = new SqliteDatabase(':memory:')
    migrate(fresh, 'test')
    log = sqlRestoringLog(fresh)
    await log.extend(genuine.slice(0, 4))
    const shorter = mirror(await checkpointOf(3), () => [])
    expect(await restore(shorter)).toMatchObject({ size: 4n, added: 0n, beyond: undefined })
    fresh.close()
  })
})
