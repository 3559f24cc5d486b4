import fc from 'fast-check'
import { expect, it } from 'vitest'
import {
  actsEntry,
  actText,
  administrativeDigest,
} from '../../../src/exchange/log/administrative-entry.ts'
import { numberEntries } from '../../../src/exchange/journal.ts'
import { ADMIN_ACTS, type AdminAct } from '../../../src/trust/admin-act.ts'
import { parseLeaf } from '../../../src/tlog/leaf.ts'

const act: fc.Arbitrary<AdminAct> = fc.record({
  at: fc.constant('2026-03-02T09:15:00Z'),
  actor: fc.string(),
  act: fc.constantFrom(...ADMIN_ACTS),
  subject: fc.string(),
})
const acts = fc.array(act, { minLength: 1, maxLength: 5 })

it('equal acts give different digests, whatever they say', () => {
  fc.assert(
    fc.property(acts, (same) => {
      const digests = new Set(Array.from({ length: 8 }, () => actsEntry(same).sha256))
      expect(digests.size).toBe(8)
    }),
  )
})

it('leaves of any acts are alike in all but digest and time: neither text nor number of acts shows', () => {
  fc.assert(
    fc.property(acts, acts, (some, others) => {
      const head = { size: 0, lastSeq: {}, edge: [] }
      const { entries } = numberEntries(
        head,
        [actsEntry(some), actsEntry(others)],
        new Date('2026-03-02T09:15:00Z'),
      )
      const [first, second] = entries.map(({ leaf, sha256 }) => leaf.replace(sha256, ''))
      expect(first).toBe(second)
      expect(parseLeaf(entries[0]!.leaf)).toMatchObject({ kind: 'administrative', to: {} })
    }),
  )
})

it('other rows, in another order or number, under another nonce, have another digest', () => {
  const digest = (nonce: string, rows: readonly string[]) => {
    const hashed = administrativeDigest(nonce)
    for (const row of rows) hashed.add(row)
    return hashed.digest()
  }
  const rows = fc.array(fc.string(), { maxLength: 6 })
  fc.assert(
    fc.property(rows, rows, fc.boolean(), (some, others, sameNonce) => {
      const equal = sameNonce && JSON.stringify(some) === JSON.stringify(others)
      expect(digest('a', some) === digest(sameNonce ? 'a' : 'b', others)).toBe(equal)
    }),
  )
})

it('an act is hashed as JSON of its members in a fixed order', () => {
  const said = { detail: 'd', subject: 's', act: 'migrated', actor: 'ў', at: 't' } as const
  expect(actText(said)).toBe('{"at":"t","actor":"ў","act":"migrated","subject":"s","detail":"d"}')
  const { detail: _, ...without } = said
  expect(actText(without)).toBe('{"at":"t","actor":"ў","act":"migrated","subject":"s"}')
})
