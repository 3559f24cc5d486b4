import { describe, expect, it } from 'vitest'
import { fittingParts, type Parts } from '../../../src/exchange/evidence/size.ts'
import { listsForPack, listsLeftOut } from '../../../src/exchange/evidence/trust-lists.ts'
import { listedState, signedList } from '../../support/hostile-lists.ts'

const part = (jws: string) => ({ jws })
const KIB = 1024
const STATEMENT = 1024 * KIB

function parts(changes: Partial<Parts> = {}): Parts {
  return {
    statusChanges: [],
    secondSignatures: [],
    attestations: [],
    securityNotices: [],
    receipts: [],
    trustLists: [],
    crls: [],
    ocspResponses: [],
    rules: [],
    ...changes,
  }
}

describe('what fits into a pack', () => {
  const block = 'x'.repeat(KIB)
  const many = (n: number) => Array.from({ length: n }, () => part(block))

  it('is all of it where there is room', () => {
    const whole = parts({ receipts: many(10), statusChanges: many(3) })
    const room = STATEMENT + 20 * KIB
    expect(fittingParts(whole, {}, room)).toEqual({ parts: whole, cut: [] })
  })

  it('is what the answer hangs on first, of each kind the first ones', () => {
    const whole = parts({
      receipts: many(10),
      trustLists: [part('newest'), ...many(5)],
      statusChanges: many(3),
    })
    const { parts: kept, cut } = fittingParts(whole, {}, STATEMENT + 6 * KIB)
    expect(cut).toEqual(['receipts', 'trustLists'])
    expect(kept.receipts).toEqual([])
    expect(kept.trustLists.slice(0, 1)).toEqual([part('newest')])
    expect(kept.trustLists.length).toBeLessThan(4)
    expect(kept.statusChanges).toHaveLength(3)
    expect(JSON.stringify(kept).length).toBeLessThan(6 * KIB)
  })

  it('counts what stands in it anyway', () => {
    const whole = parts({ receipts: many(3) })
    const { cut } = fittingParts(whole, 'x'.repeat(2 * KIB), STATEMENT + 4 * KIB)
    expect(cut).toEqual(['receipts'])
  })
})

describe('the trust lists of a pack', () => {
  const instant = (n: number) => `2026-03-${String(n).padStart(2, '0')}T00:00:00Z`
  /** Days on which the versions were issued. */
  const issued: Readonly<Record<string, readonly number[]>> = { BY: [1, 2, 3, 4, 5], UZ: [1, 4] }

  async function storeOfLists() {
    const { pki } = await listedState('BY')
    return {
      versions: async (state: string) =>
        issued[state]!.map((_, i) => ({ version: i + 1, sha256: `${state}${i + 1}` })),
      version: async (state: string, version: number) => {
        const payload = { issuedAt: instant(issued[state]![version - 1]!) }
        return signedList(payload, pki.trustListSigner)
      },
    }
  }

  it('are the newest of each state, then those of what decides, then those of the rest', async () => {
    const times = { needed: [instant(2)], further: [instant(4), instant(2), instant(1)] }
    const { lists: chosen, needed } = await listsForPack(await storeOfLists(), ['BY', 'UZ'], times)
    expect(chosen.map(({ state, version }) => `${state}${version}`)).toEqual([
      'BY5',
      'UZ2',
      'BY2',
      'UZ1',
      'BY4',
      'BY1',
    ])
    expect(needed).toBe(4)
  })

  it('are missing where the answer hangs on them, and otherwise said to be earlier ones', () => {
    const lists = Array.from({ length: 6 }, (_, i) => ({ state: 'BY', version: i, jws: '' }))
    const leftOut = (taken: number) => listsLeftOut({ lists, needed: 4 }, taken)
    expect(leftOut(6)).toEqual([])
    expect(leftOut(4)).toEqual([{ what: 'too-many', subject: 'earlierTrustLists' }])
    expect(leftOut(3)).toEqual([{ what: 'too-many', subject: 'trustLists' }])
  })
})
