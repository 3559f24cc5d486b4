import type { CertificateId } from '../certificate-id.ts'
import type { DocumentType } from '../document-type.ts'
import { COMMON_RULES, homoglyphRule } from '../general-rules.ts'
import { BOX_RULES } from './box-rules.ts'
import { CODE_RULES } from './code-rules.ts'
import { COMMODITY_RULES } from './commodity-rules.ts'
import { COUNTRY_RULES } from './country-rules.ts'
import { CRITERION_RULES } from './criterion-rules.ts'
import { DATE_RULES } from './date-rules.ts'
import { IDENTITY_RULES } from './identity-rules.ts'
import { LAYOUT_RULES } from './layout-rules.ts'
import { NUMBER_RULES } from './number-rules.ts'
import { partiesOf } from './parties.ts'
import { QUANTITY_RULES } from './quantity-rules.ts'
import { quantitiesOf } from './quantities.ts'
import { placeInSeries, remarkOf, seriesOf, siblingId } from './reading.ts'
import { REMARK_RULES } from './remark-rules.ts'
import { targetOf } from './remark-targets.ts'
import { OriginCt1 } from './schema.ts'
import { SERIES_RULES } from './series-rules.ts'
import { USAGE_RULES } from './usage-rules.ts'

/** The certificate of origin form CT-1 (rules.md §4): no suspension, annulment is final (§8). */
export const ORIGIN_CT1: DocumentType<OriginCt1> = {
  type: 'origin.ct1',
  schemaId: 'origin.ct1/1',
  certificate: OriginCt1,
  rules: [
    homoglyphRule(identifiersOf),
    ...NUMBER_RULES,
    ...BOX_RULES,
    ...COUNTRY_RULES,
    ...LAYOUT_RULES,
    ...CRITERION_RULES,
    ...COMMODITY_RULES,
    ...QUANTITY_RULES,
    ...USAGE_RULES,
    ...CODE_RULES,
    ...SERIES_RULES,
    ...DATE_RULES,
    ...REMARK_RULES,
    ...IDENTITY_RULES,
    ...COMMON_RULES,
  ],
  changes: {
    annul: { from: ['issued', 'expired'], to: 'annulled', backdated: true },
    replace: { from: ['issued'], to: 'replaced', backdated: true },
  },
  initialState: ({ certification }) => ({ status: 'issued', since: certification.date }),
  validity: ({ certification, usableUntil }) => ({
    from: certification.date,
    until: usableUntil,
  }),
  identity: ({ issuedIn, number }) => ({ state: issuedIn, number }),
  issuingBody: ({ issuer }) => ({ code: issuer.code }),
  addressees: ({ forPresentationIn }) => [forPresentationIn],
  productGroups: ({ items }) => items.map(({ hsCode }) => hsCode),
  lines: ({ items, applicantDeclaration }) =>
    items.map((item) => ({
      n: item.n,
      hsCodes: [item.hsCode],
      description: item.description,
      quantities: quantitiesOf(item),
      origin: applicantDeclaration.originCountry,
      ...(item.invoice && { invoice: { number: item.invoice.number, date: item.invoice.date } }),
    })),
  parties: partiesOf,
  invoices: ({ items }) => {
    const named = items.flatMap(({ invoice }) =>
      invoice ? [{ number: invoice.number, date: invoice.date }] : [],
    )
    return named.filter(
      ({ number, date }, i) =>
        named.findIndex((other) => other.number === number && other.date === date) === i,
    )
  },
  references: (certificate, policy): CertificateId[] => {
    const series = seriesOf(certificate) ?? []
    const own = placeInSeries(certificate, series)
    const members = series.filter((_, i) => i !== own)
    const ids = [
      ...members.map((number) => siblingId(certificate, number)),
      ...certificate.remarks.map((remark) => targetOf(certificate, remark, { policy })),
    ]
    return ids.filter((id): id is CertificateId => id !== undefined && id !== 'unreadable')
  },
  replaces: (certificate) => {
    const number = remarkOf(certificate, 'ISSUED_IN_REPLACEMENT')?.refNumber
    return number === undefined ? undefined : siblingId(certificate, number)
  },
}

/** Certificate numbers only: an invoice number is its maker's affair. */
function identifiersOf(certificate: OriginCt1): [path: string, value: string][] {
  const { number, blankNumber, remarks, related = [] } = certificate
  const found: [string, string | undefined][] = [
    ['/number', number],
    ['/blankNumber', blankNumber],
    ...remarks.map((remark, i): [string, string | undefined] => [
      `/remarks/${i}/refNumber`,
      remark.refNumber,
    ]),
    ...related.map((link, i): [string, string] => [`/related/${i}/number`, link.number]),
    ...(seriesOf(certificate) ?? []).map((member, i): [string, string] => [
      `/continuation/series/${i}`,
      member,
    ]),
  ]
  return found.filter((entry): entry is [string, string] => entry[1] !== undefined)
}
