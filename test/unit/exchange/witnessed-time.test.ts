import { describe, expect, it } from 'vitest'
import { appliedPolicy, ONLY_LISTED_WITNESSES } from '../../../src/exchange/log/policy.ts'
import { witnessedTime } from '../../../src/exchange/evidence/witnessed-time.ts'
import { cosign } from '../../../src/tlog/cosignature.ts'
import { encodeLeaf } from '../../../src/tlog/leaf.ts'
import type { NoteSigner } from '../../../src/tlog/note-signature.ts'
import { formatLogProof } from '../../../src/tlog/proof.ts'
import {
  noteSigner,
  ORIGIN,
  parsedNote,
  signedNote,
  trustOf,
  utf8,
} from '../../support/log-world.ts'
import { entry, naiveTree } from '../tlog/trees.ts'

const SHA256 = 'n4bQgYhMfWWaL-qgxVrQFaO_TxsrC4Is0V1sFbDwCgg'
const APPENDED = '2026-03-02T09:15:00Z'
const by = noteSigner(ORIGIN, 'ed25519')
const am = noteSigner('exchange.am/witness/1', 'cosignature/v1')
const uz = noteSigner('exchange.uz/witness/1', 'cosignature/v1')

/** What a pack's proof dates, cosigned at these times. */
async function dated(
  cosigned: readonly (readonly [NoteSigner<'cosignature/v1'>, string])[],
  lists: Parameters<typeof trustOf>[0],
) {
  const leaf = encodeLeaf({ kind: 'certificate', sha256: SHA256, to: {}, at: APPENDED })
  const tree = naiveTree((index) => (index === 3 ? utf8.encode(leaf) : entry(index)))
  const { note, checkpoint } = parsedNote(await signedNote(tree, 7n, by))
  const lines = await Promise.all(
    cosigned.map(([signer, at]) => cosign({ note, checkpoint }, signer, new Date(at))),
  )
  const signed = { checkpoint, note: { ...note, signatures: [...note.signatures, ...lines] } }
  const path = tree.inclusion(3, 7)
  const proof = formatLogProof({ extra: utf8.encode(leaf), index: 3n, path, signed })
  const trust = await trustOf({ BY: [by], ...lists })()
  const quorum = appliedPolicy(trust.view, 'BY', ONLY_LISTED_WITNESSES)
  const now = new Date('2026-04-01T00:00:00Z')
  return witnessedTime({ jws: 'x', proof }, SHA256, { trust, state: 'BY', quorum, now })
}

describe('the time that a cosignature proves', () => {
  it('is that of the cosignature', async () => {
    const time = await dated([[uz, '2026-03-02T09:15:05Z']], { UZ: [uz] })
    expect(time).toMatchObject({ at: new Date('2026-03-02T09:15:05Z') })
  })

  it('is none before the entry was made: of the two one is untrue', async () => {
    expect(await dated([[uz, '2021-01-01T00:00:00Z']], { UZ: [uz] })).toEqual({
      code: 'witness-before-entry',
      detail: `${uz.key.name}: 2021-01-01T00:00:00Z < ${APPENDED}`,
    })
  })

  it('allows for two clocks that differ', async () => {
    const time = await dated([[uz, '2026-03-02T09:14:10Z']], { UZ: [uz] })
    expect(time).toMatchObject({ at: new Date('2026-03-02T09:14:10Z') })
  })

  it('is that of an honest witness, whatever another one says', async () => {
    const time = await dated(
      [
        [am, '2021-01-01T00:00:00Z'],
        [uz, '2026-03-02T09:15:05Z'],
      ],
      { AM: [am], UZ: [uz] },
    )
    expect(time).toMatchObject({
      at: new Date('2026-03-02T09:15:05Z'),
      provenBy: { state: 'UZ', witness: uz.key.name },
    })
  })
})
