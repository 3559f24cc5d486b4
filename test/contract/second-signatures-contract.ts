import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Effect } from '../../src/exchange/effect.ts'
import { appendOneByOne } from '../../src/exchange/journal.ts'
import { sqlJournal } from '../../src/storage/journal.ts'
import { sqlSecondSignatureStore } from '../../src/storage/second-signatures.ts'
import type { Engine, OpenDatabase } from './storage-engines.ts'
import { sampleDocument } from './storage-samples.ts'

const AT = '2026-03-02T09:00:00Z'

/** What every engine promises of second signatures and their attestations. */
export function secondSignaturesContract(name: string, engine: Engine): void {
  describe(`second signatures on ${name}`, () => {
    let open: OpenDatabase
    beforeEach(async () => {
      open = await engine.open()
    })
    afterEach(() => open.close())
    afterAll(() => engine.stop())

    const store = () => sqlSecondSignatureStore(open.another)
    const digest = (document: string) => sampleDocument(document).sha256

    const BY_TODAY = { issuer: 'BY', verifiedAt: AT }
    function add(
      kind: 'second-signature' | 'attestation',
      document: string,
      { of, n, ...said }: { of: string; n: number; issuer?: string; verifiedAt?: string },
    ) {
      const { sha256, jws } = sampleDocument(document)
      const place = { target: digest(of), n, sha256 }
      const effect: Effect =
        kind === 'attestation'
          ? { effect: kind, record: { ...place, ...BY_TODAY, ...said } }
          : { effect: kind, record: place }
      const effects = [effect]
      const append = appendOneByOne(sqlJournal(open.database), () => new Date(AT))
      return append({ entries: [{ kind, sha256, jws, to: [], effects }] })
    }

    it('are read by their target in the order of the log, with bytes and instant', async () => {
      await add('second-signature', 'z', { of: 'certificate', n: 1 })
      await add('second-signature', 'a', { of: 'certificate', n: 2 })
      await add('second-signature', 'b', { of: 'another', n: 1 })
      await add('attestation', 'c', { of: 'a', n: 1 })
      const stored = (document: string) => ({ ...sampleDocument(document), at: AT })
      const { of, attestations, certificateOf } = store()
      expect(await of(digest('certificate'))).toEqual([stored('z'), stored('a')])
      expect(await of(digest('nothing'))).toEqual([])
      expect(await attestations(digest('a'))).toEqual([stored('c')])
      expect(await attestations(digest('z'))).toEqual([])
      expect(await certificateOf(digest('a'))).toBe(digest('certificate'))
      expect(await certificateOf(digest('c'))).toBeUndefined()
    })

    it('tell what a state attested last, a date to come being no later than its arrival', async () => {
      await add('attestation', 'early', { of: 'a', n: 1, verifiedAt: '2026-03-01T00:00:00Z' })
      await add('attestation', 'to come', { of: 'a', n: 2, verifiedAt: '2100-01-01T00:00:00Z' })
      await add('attestation', 'old', { of: 'a', n: 3, verifiedAt: '2026-02-01T00:00:00Z' })
      await add('attestation', 'at arrival', { of: 'a', n: 4, verifiedAt: AT })
      await add('attestation', 'theirs', { of: 'a', n: 5, issuer: 'UZ' })
      await add('attestation', 'of another', { of: 'b', n: 1 })
      const last = async (issuer: string, limit: number) =>
        (await store().lastAttestations(digest('a'), issuer, limit)).map(({ sha256 }) => sha256)
      expect(await last('BY', 9)).toEqual(['at arrival', 'to come', 'early', 'old'].map(digest))
      expect(await last('BY', 1)).toEqual([digest('at arrival')])
      expect(await last('UZ', 9)).toEqual([digest('theirs')])
      expect(await store().countAttestations(digest('a'), 'BY')).toEqual({ all: 5, ofIssuer: 4 })
      expect(await store().countAttestations(digest('z'), 'BY')).toEqual({ all: 0, ofIssuer: 0 })
    })

    it('take a place of their target once: the other writer is told', async () => {
      await add('second-signature', 'a', { of: 'certificate', n: 1 })
      expect(await add('second-signature', 'b', { of: 'certificate', n: 1 })).toBe('duplicate')
      await add('attestation', 'c', { of: 'a', n: 1 })
      expect(await add('attestation', 'd', { of: 'a', n: 1 })).toBe('duplicate')
      expect(await store().of(digest('certificate'))).toHaveLength(1)
    })
  })
}
