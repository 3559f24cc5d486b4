import { describe, expect, it } from 'vitest'
import { DEFAULT_POLICY } from '../../../src/certificate/default-policy.ts'
import { CONFORMITY_EAEU } from '../../../src/certificate/conformity/eaeu.ts'
import { CONFORMITY_UZ } from '../../../src/certificate/conformity/uz.ts'
import {
  DOCUMENT_TYPES,
  documentTypeNamed,
  documentTypeOf,
} from '../../../src/certificate/document-types.ts'
import { ORIGIN_CT1 } from '../../../src/certificate/origin-ct1/origin-ct1.ts'
import { changed, conformity, ct1 } from './judging.ts'

describe('document types', () => {
  it('are found by schema and by name', () => {
    expect(DOCUMENT_TYPES.length).toBe(3)
    for (const type of DOCUMENT_TYPES) {
      expect(documentTypeOf(type.schemaId)).toBe(type)
      expect(documentTypeNamed(type.type)).toBe(type)
      expect(type.schemaId).toBe(`${type.type}/1`)
    }
    expect(documentTypeOf('origin.ct1/2')).toBeUndefined()
    expect(documentTypeOf('constructor')).toBeUndefined()
    expect(documentTypeNamed('phyto.reference')).toBeUndefined()
  })
})

describe('CT-1', () => {
  const tractors = ct1('origin-ct1-tractors')

  it('is known by its state and number, signed by its body, for one state', () => {
    expect(ORIGIN_CT1.identity(tractors)).toEqual({ state: 'BY', number: 'BYUZ6001000301' })
    expect(ORIGIN_CT1.issuingBody(tractors)).toEqual({ code: '001' })
    expect(ORIGIN_CT1.addressees(tractors)).toEqual(['UZ'])
    expect(ORIGIN_CT1.productGroups(tractors)).toEqual(['8701931000', '8421230000'])
    expect(ORIGIN_CT1.validity(tractors)).toEqual({ from: '2026-03-02', until: '2027-03-02' })
  })

  it('gives lines with all quantities, origin and invoice', () => {
    const [first, second] = ORIGIN_CT1.lines(tractors)
    expect(first).toMatchObject({
      n: 1,
      hsCodes: ['8701931000'],
      origin: 'BY',
      invoice: { number: 'НМ-26/31', date: '2026-03-02' },
      quantities: [
        { measure: 'net', value: 24600, unit: 'KGM' },
        { measure: 'gross', value: 24600, unit: 'KGM' },
        { measure: 'supplementary', value: 6, unit: 'H87' },
      ],
    })
    expect(second?.quantities.map(({ value }) => value)).toEqual([280, 312.5])
  })

  it('names its parties and each invoice once', () => {
    const dairy = ct1('origin-ct1-2009-dairy')
    expect(ORIGIN_CT1.parties(dairy).map(({ role }) => role)).toEqual([
      'exporter',
      'consignor',
      'consignee',
    ])
    expect(ORIGIN_CT1.invoices(dairy)).toEqual([{ number: 'ВС-0088', date: '2026-03-02' }])
  })

  it('names the certificates that its rules look up', () => {
    const linked = changed(tractors, (c) => {
      c.continuation = { series: ['BYUZ6001000301', 'BYUZ6001000302'] }
      c.remarks = [
        { kind: 'ISSUED_IN_REPLACEMENT', text: '', refNumber: '№ BYUZ6001000300' },
        { kind: 'ISSUED_ON_BASIS_OF', text: '', refNumber: 'UZBY6001000001' },
        { kind: 'ISSUED_ON_BASIS_OF', text: '', refNumber: 'RUBY6001000001' },
        { kind: 'EXHIBITION', text: '', refNumber: 'BYUZ6001000555' },
      ]
    })
    const ids = ORIGIN_CT1.references(linked, DEFAULT_POLICY)
    expect(ids.map(({ state, number }) => `${state} ${number}`)).toEqual([
      'BY BYUZ6001000302',
      'BY BYUZ6001000300',
      'UZ UZBY6001000001',
      'RU RUBY6001000001',
    ])
  })
})

describe('conformity documents', () => {
  const certificate = conformity('conformity-eaeu-certificate')
  const uzbek = conformity('conformity-uz-certificate')

  it('are known by the state of their body and named by its accreditation', () => {
    expect(CONFORMITY_EAEU.identity(certificate)).toEqual({
      state: 'BY',
      number: certificate.number,
    })
    expect(CONFORMITY_EAEU.issuingBody(certificate)).toEqual({ authorityId: 'BY/112 999.01' })
    expect(CONFORMITY_EAEU.addressees(certificate)).toBeUndefined()
    expect(CONFORMITY_EAEU.references(certificate, DEFAULT_POLICY)).toEqual([])
  })

  it('give the batch as the quantity of a single product', () => {
    expect(CONFORMITY_UZ.lines(uzbek)).toMatchObject([
      {
        n: 1,
        quantities: [{ measure: 'supplementary', value: 6, unit: 'H87' }],
        invoice: { number: 'НМ-26/31' },
      },
    ])
    const two = changed(uzbek, (c) => void c.products.push({ name: 'Прицеп', hsCodes: ['8716'] }))
    expect(CONFORMITY_UZ.lines(two).map(({ quantities }) => quantities)).toEqual([[], []])
    expect(CONFORMITY_UZ.productGroups(two)).toEqual(['8701931000', '8716'])
    expect(CONFORMITY_UZ.invoices(uzbek)).toEqual([{ number: 'НМ-26/31' }])
    expect(CONFORMITY_UZ.parties(uzbek).map(({ role }) => role)).toEqual([
      'applicant',
      'manufacturer',
    ])
  })

  it('keep the type in the schema', () => {
    expect(CONFORMITY_UZ.certificate.safeParse(certificate).success).toBe(false)
  })
})
