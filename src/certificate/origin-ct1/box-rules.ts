import { ASK_ISSUER } from '../remedies.ts'
import {
  always,
  type Breach,
  check,
  type CheckResult,
  type Facts,
  NOT_EVALUATED,
  type Rule,
} from '../rule.ts'
import { text } from '../wording.ts'
import { placeInSeries, registered, remarkOf, seriesOf, siblingId } from './reading.ts'
import type { OriginCt1 } from './schema.ts'

/** The boxes of both layouts whose numbers differ (rules.md §4.1). */
const BOXES = {
  'CT1-1993': { invoice: '10', certification: '11', declaration: '12' },
  'CT1-2009': { invoice: '11', certification: '12', declaration: '13' },
} as const

/** Mandatory boxes (rules.md §4.1, §10); box 4 is closed by the schema, quantities by ORI-QTY-REQUIRED. */
export const BOX_RULES: readonly Rule<OriginCt1>[] = [
  {
    id: 'ORI-BOX-REQUIRED',
    severity: always('error'),
    title: text('Обязательные графы заполнены', 'Mandatory boxes filled'),
    explanation: text(
      'Заполнены графы 1, 2, 4, 7–12 (бланк 2009 года: 1, 2, 4, 7–13). Для физического лица графа счёта ' +
        'может быть пустой; на бланке 2009 года её заменяет ссылка на долгосрочный договор.',
      'Boxes 1, 2, 4, 7–12 are filled (form of 2009: 1, 2, 4, 7–13). For a natural person the invoice ' +
        'box may be blank; on the form of 2009 a long-term contract may stand in its place.',
    ),
    remedy: {
      issuer: text('Заполните графу.', 'Fill in the box.'),
      customs: ASK_ISSUER,
    },
    source: 'rules.md §4.1, §4.2, §10',
    checks: [check(blankTexts), check(noItems), check(noInvoice), check(noPackages, ['registry'])],
  },
]

function blank(box: string, path: string, what: { ru: string; en: string }): Breach {
  return {
    path,
    values: { box },
    ru: `Не заполнена графа ${box}: ${what.ru}.`,
    en: `Box ${box} is not filled: ${what.en}.`,
  }
}

function blankTexts(certificate: OriginCt1): Breach[] {
  const { exporter, consignee, issuer, certification, applicantDeclaration, items } = certificate
  const box = BOXES[certificate.layout]
  const texts: [value: string, box: string, path: string, ru: string, en: string][] = [
    [exporter.name, '1', '/exporter/name', 'наименование экспортёра', "the exporter's name"],
    [exporter.address, '1', '/exporter/address', 'адрес экспортёра', "the exporter's address"],
    [consignee.name, '2', '/consignee/name', 'наименование получателя', "the consignee's name"],
    [consignee.address, '2', '/consignee/address', 'адрес получателя', "the consignee's address"],
    ...items.map((item, i): [string, string, string, string, string] => [
      item.description,
      '8',
      `/items/${i}/description`,
      `описание товара ${item.n}`,
      `the description of item ${item.n}`,
    ]),
    [issuer.name, box.certification, '/issuer/name', 'орган выдачи', 'the issuing body'],
    [issuer.address, box.certification, '/issuer/address', 'адрес органа', "the body's address"],
    [certification.place, box.certification, '/certification/place', 'место', 'the place'],
    [
      certification.officialId,
      box.certification,
      '/certification/officialId',
      'идентификатор должностного лица',
      "the official's identifier",
    ],
    [
      certification.officialName,
      box.certification,
      '/certification/officialName',
      'фамилия должностного лица',
      "the official's name",
    ],
    [
      applicantDeclaration.signatory,
      box.declaration,
      '/applicantDeclaration/signatory',
      'подписавший от заявителя',
      'who signed for the applicant',
    ],
  ]
  return texts
    .filter(([value]) => value.trim() === '')
    .map(([, number, path, ruWhat, enWhat]) => blank(number, path, text(ruWhat, enWhat)))
}

function noItems({ items }: OriginCt1): Breach[] {
  return items.length > 0 ? [] : [blank('8', '/items', text('нет ни одного товара', 'no item'))]
}

function noInvoice(certificate: OriginCt1): Breach[] {
  const { items, layout, contractRefs } = certificate
  // In a series the invoice on each certificate is ORI-SERIES-1993.
  if (items.length === 0 || seriesOf(certificate)) return []
  if (items.some((item) => item.invoice)) return []
  if (remarkOf(certificate, 'FREE_CIRCULATION_PERSON')) return []
  if (layout === 'CT1-2009' && contractRefs && contractRefs.length > 0) return []
  return [
    blank(
      BOXES[layout].invoice,
      '/items/0/invoice',
      text('номер и дата счёта-фактуры', 'number and date of the invoice'),
    ),
  ]
}

/** Packages stand with the items or in the totals; in a series the first certificate's totals count. */
function noPackages(certificate: OriginCt1, facts: Facts): CheckResult {
  if (filled(certificate.totals?.packages)) return []
  const missing = certificate.items
    .map((item, i) => ({ item, i }))
    .filter(({ item }) => !filled(item.packages))
  if (missing.length === 0) return []
  const series = seriesOf(certificate)
  if (series && placeInSeries(certificate, series) > 0) {
    if (!facts.registry) return NOT_EVALUATED
    const first = registered(
      { registry: facts.registry },
      siblingId(certificate, series[0] ?? certificate.number),
    )
    if (!first) return NOT_EVALUATED
    if (filled(first.certificate.totals?.packages)) return []
  }
  return missing.map(({ item, i }) =>
    blank(
      '7',
      `/items/${i}/packages`,
      text(`места и упаковка товара ${item.n}`, `packages of item ${item.n}`),
    ),
  )
}

function filled(packages: readonly unknown[] | undefined): boolean {
  return packages !== undefined && packages.length > 0
}
