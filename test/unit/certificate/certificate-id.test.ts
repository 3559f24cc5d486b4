import { describe, expect, it } from 'vitest'
import {
  certificateKey,
  parseCertificateId,
  sameCertificate,
} from '../../../src/certificate/certificate-id.ts'

const eaeu = (number: string) =>
  parseCertificateId({ state: 'BY', type: 'conformity.eaeu', number })

describe('certificate identity', () => {
  it('is equal for one number however it was typed', () => {
    const ids = [
      'ЕАЭС № BY/112 11.01. ТР037 118.01 12594',
      'ЕАЭС BY/112 11.01.ТР037 118.01 12594',
      ' EAЭC  BY/112 11.01. TP037 118.01 12594',
    ].map(eaeu)
    const keys = new Set(ids.map((id) => id && certificateKey(id)))
    expect(keys.size).toBe(1)
    expect(keys.has(undefined)).toBe(false)
    const [a, b] = ids
    expect(a && b && sameCertificate(a, b)).toBe(true)
  })

  it('differs by state and type', () => {
    const parts = { state: 'BY', type: 'origin.ct1', number: '1' }
    const keys = [parts, { ...parts, state: 'UZ' }, { ...parts, type: 'conformity.uz' }].map(
      (p) => {
        const id = parseCertificateId(p)
        return id && certificateKey(id)
      },
    )
    expect(new Set(keys).size).toBe(3)
  })

  it('has room for a hundred characters', () => {
    expect(eaeu('1'.repeat(100))).toBeDefined()
  })

  it.each([
    { state: 'by' },
    { state: 'BYX' },
    { state: '' },
    { type: 'ct1' },
    { type: 'Origin.ct1' },
    { type: 'origin.ct1 x' },
    { number: '' },
    { number: ' № ' },
    { number: '\u200b' },
    { number: '1'.repeat(101) },
  ])('is not made of %j', (over) => {
    expect(
      parseCertificateId({ state: 'BY', type: 'origin.ct1', number: '1', ...over }),
    ).toBeUndefined()
  })
})
