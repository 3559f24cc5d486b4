import { describe, expect, it } from 'vitest'
import { mayChange } from '../../../src/certificate/status-authority.ts'
import type { ChangeKind } from '../../../src/certificate/status-change.ts'

const KINDS: readonly ChangeKind[] = [
  'suspend',
  'resume',
  'extend',
  'annul',
  'replace',
  'terminate',
  'archive',
]
const BODY = 'BY.GOSSTANDART.001'
const mayMake = (signer: string) => KINDS.filter((kind) => mayChange(signer, kind, BODY))

describe('who may change a certificate', () => {
  it('is the issuing body, in every way', () => {
    expect(mayMake(BODY)).toEqual(KINDS)
  })

  it('is the authority above it, but to suspend and resume alone', () => {
    expect(mayMake('BY.GOSSTANDART')).toEqual(['suspend', 'resume'])
  })

  it.each(['BY.GOSSTANDART.001.A', 'BY.GOSSTANDART.002', 'BY.GOSS', 'UZ.GOSSTANDART'])(
    'is not %s',
    (stranger) => {
      expect(mayMake(stranger)).toEqual([])
    },
  )
})
