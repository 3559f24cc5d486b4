import { expect, it } from 'vitest'
import { parseCertificateId } from '../../../../src/certificate/certificate-id.ts'
import type { OriginCt1 } from '../../../../src/certificate/origin-ct1/schema.ts'
import type {
  Facts,
  LineUse,
  RegisteredCertificate,
  Rule,
} from '../../../../src/certificate/rule.ts'
import { ALL_FACTS, changed, ct1, judgeCt1, registryOf, rulesIn } from '../judging.ts'

/** The examples that cases are made from. */
export const tractors = ct1('origin-ct1-tractors')
export const dairy = ct1('origin-ct1-2009-dairy')
export const fruit = ct1('origin-ct1-uz-dried-fruit')

export type Case = [
  rule: string,
  what: string,
  certificate: OriginCt1,
  change: (c: OriginCt1) => void,
  facts?: Partial<Facts>,
]

/**
 * Each breaking case must give exactly its rule with everything known, each keeping case nothing, and
 * every rule must have both.
 */
export function testRules(
  rules: readonly Rule<OriginCt1>[],
  breaking: readonly Case[],
  keeping: readonly Case[],
): void {
  it.each(breaking)('%s is broken by: %s', (rule, _what, certificate, change, facts) => {
    const judgement = judgeCt1(changed(certificate, change), facts)
    expect(rulesIn(judgement)).toEqual([rule])
    expect(judgement.notEvaluated).toEqual([])
    for (const { message, path } of judgement.findings) {
      expect(message.ru).toMatch(/[а-я].*\.$/)
      expect(message.en).toMatch(/^[\p{L}"].*\.$/u)
      expect(`${message.ru}${message.en}`).not.toMatch(/undefined|NaN|\[object/)
      expect(path).toMatch(/^(\/[A-Za-z0-9]+)+$/)
    }
  })

  it.each(keeping)('%s is kept by: %s', (_rule, _what, certificate, change, facts) => {
    expect(judgeCt1(changed(certificate, change), facts)).toEqual({
      findings: [],
      notEvaluated: [],
    })
  })

  it('have a breaking and a keeping case each', () => {
    const judged = rules.filter(({ checks }) => checks.length > 0).map(({ id: rule }) => rule)
    expect(judged.length).toBeGreaterThan(0)
    expect(judged.filter((rule) => !breaking.some(([name]) => name === rule))).toEqual([])
    expect(judged.filter((rule) => !keeping.some(([name]) => name === rule))).toEqual([])
  })
}

export function item(certificate: OriginCt1, i = 0): OriginCt1['items'][number] {
  const found = certificate.items[i]
  if (!found) throw new Error(`No item ${i}`)
  return found
}

/** All dates of a certificate moved to one day, valid twelve months, with the year digit. */
export function dated(c: OriginCt1, day: string, until: string): void {
  c.certification.date = day
  c.applicantDeclaration.date = day
  for (const { invoice } of c.items) if (invoice) invoice.date = day
  for (const contract of c.contractRefs ?? []) contract.date = day
  c.usableUntil = until
  c.number = `${c.number.slice(0, 4)}${day[3]}${c.number.slice(5)}`
}

export function replacing(
  c: OriginCt1,
  refNumber = 'BYUZ6001000300',
  refDate = '2026-02-27',
): void {
  c.remarks = [
    {
      kind: 'ISSUED_IN_REPLACEMENT',
      text: `Выдан взамен сертификата формы СТ-1 № ${refNumber}`,
      refNumber,
      refDate,
    },
  ]
}

export function id(number: string, state = 'BY') {
  return parseCertificateId({ state, type: 'origin.ct1', number })
}

/** The certificate that `replacing` names, in some registry state. */
export function former(
  state: Partial<RegisteredCertificate> = {},
  change?: (c: OriginCt1) => void,
): Facts {
  const certificate = changed(tractors, (c) => {
    dated(c, '2026-02-27', '2027-02-27')
    c.number = 'BYUZ6001000300'
    change?.(c)
  })
  const registry = registryOf([[id('BYUZ6001000300'), { certificate, annulled: false, ...state }]])
  return { ...ALL_FACTS, registry }
}

const successor = id(tractors.number)
export const replacedByThis = { annulled: true, ...(successor && { replacedBy: successor }) }

export function inSeries(c: OriginCt1, n: number): void {
  c.continuation = { series: ['BYUZ6001000301', 'BYUZ6001000302'] }
  c.number = `BYUZ600100030${n}`
  if (n === 2) for (const [i, entry] of c.items.entries()) entry.n = i + 3
}

export const firstOfSeries = changed(tractors, (c) => inSeries(c, 1))
export const withFirst = {
  registry: registryOf([[id('BYUZ6001000301'), { certificate: firstOfSeries, annulled: false }]]),
}

export function use(value: number, over: Partial<LineUse> = {}): Partial<Facts> {
  const usage = [{ line: 1, measure: 'net', unit: 'KGM', value, ...over } as const]
  return { stage: 'customs', usage }
}

export const noOfficial = { officials: { find: () => [] } }
