import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest'
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

    function add(
      kind: 'second-signature' | 'attestation',
      document: string,
      { of, n }: { of: string; n: number },
    ) {
      const { sha256, jws } = sampleDocument(document)
      const effects = [{ effect: kind, record: { target: digest(of), n, sha256 } }] as const
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

    it('take a place of their target once: the other writer is told', async () => {
      await add('second-signature', 'a', { of: 'certificate', n: 1 })
      expect(await add('second-signature', 'b', { of: 'certificate', n: 1 })).toBe('duplicate')
      await add('attestation', 'c', { of: 'a', n: 1 })
      expect(await add('attestation', 'd', { of: 'a', n: 1 })).toBe('duplicate')
      expect(await store().of(digest('certificate'))).toHaveLength(1)
    })
  })
}
