import { comparableNumber } from '../number-folding.ts'
import { readNumber } from '../number-format.ts'
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
import { formatOf, placeInSeries, registered, seriesOf, siblingId } from './reading.ts'
import type { OriginCt1 } from './schema.ts'

/** Item numbers, and one consignment on several forms of 1993 (rules.md §4.1, §10). */
export const SERIES_RULES: readonly Rule<OriginCt1>[] = [
  {
    id: 'ORI-ITEM-SEQ',
    severity: always('error'),
    title: text('Товары пронумерованы подряд', 'Items numbered in sequence'),
    explanation: text(
      'Номера товаров идут с 1 без пропусков и продолжаются в серии сертификатов на бланке 1993 года.',
      'Items are numbered from 1 without gaps and continue within a series on the form of 1993.',
    ),
    remedy: {
      issuer: text('Исправьте номера в графе 6.', 'Correct the numbers in box 6.'),
      customs: ASK_ISSUER,
    },
    source: 'rules.md §4.1, §10',
    checks: [check(gaps), check(continuesSeries, ['registry'])],
  },
  {
    id: 'ORI-SERIES-1993',
    severity: always('error'),
    title: text('Серия сертификатов 1993 года', 'Series of 1993 certificates'),
    explanation: text(
      'Сертификаты одной партии на бланке 1993 года имеют номера подряд, одни и те же стороны и орган, ' +
        'счёт-фактура указана в каждом.',
      'Certificates of one consignment on the form of 1993 have consecutive numbers, the same parties ' +
        'and body, and the invoice on each.',
    ),
    remedy: {
      issuer: text(
        'Приведите сертификаты серии в соответствие друг с другом.',
        'Bring the certificates of the series into line with each other.',
      ),
      customs: ASK_ISSUER,
    },
    source: 'rules.md §4.1, §10',
    checks: [
      check(onlyOn1993),
      check(namesItself),
      check(consecutive),
      check(invoiceOnEach),
      check(sameAsOthers, ['registry']),
    ],
  },
]

function gaps(certificate: OriginCt1): Breach[] {
  const series = seriesOf(certificate)
  const place = series ? placeInSeries(certificate, series) : 0
  const first = certificate.items[0]
  if (!first) return []
  // Where a later certificate of a series starts, the one before tells: continuesSeries.
  const start = place > 0 ? first.n : 1
  return certificate.items.flatMap(({ n }, i): Breach[] =>
    n === start + i ? [] : [misnumbered(i, n, start + i)],
  )
}

function misnumbered(i: number, n: number, expected: number): Breach {
  return {
    path: `/items/${i}/n`,
    values: { n: String(n), expected: String(expected) },
    ru: `Товар с номером ${n} стоит на месте номера ${expected}.`,
    en: `An item numbered ${n} stands in the place of number ${expected}.`,
  }
}

function continuesSeries(certificate: OriginCt1, facts: Facts): CheckResult {
  const series = seriesOf(certificate)
  const place = series ? placeInSeries(certificate, series) : 0
  const before = series?.[place - 1]
  const first = certificate.items[0]
  if (before === undefined || !first) return []
  if (!facts.registry) return NOT_EVALUATED
  const previous = registered({ registry: facts.registry }, siblingId(certificate, before))
  const last = previous?.certificate.items.at(-1)
  if (!last) return NOT_EVALUATED
  // Gaps inside are found by themselves; only the first item can miss the join.
  return first.n === last.n + 1 ? [] : [misnumbered(0, first.n, last.n + 1)]
}

function onlyOn1993(certificate: OriginCt1): Breach[] {
  if (!seriesOf(certificate) || certificate.layout === 'CT1-1993') return []
  return [
    {
      path: '/continuation/series',
      ru: 'Серия сертификатов бывает только на бланке 1993 года.',
      en: 'Only the form of 1993 continues on further certificates.',
    },
  ]
}

function namesItself(certificate: OriginCt1): Breach[] {
  const series = seriesOf(certificate)
  if (!series || placeInSeries(certificate, series) >= 0) return []
  return [
    {
      path: '/continuation/series',
      values: { number: certificate.number },
      ru: `Номера ${certificate.number} нет в перечне номеров серии.`,
      en: `Number ${certificate.number} is not among the numbers of the series.`,
    },
  ]
}

function consecutive(certificate: OriginCt1, facts: Facts): CheckResult {
  const series = seriesOf(certificate)
  if (!series) return []
  const format = formatOf(certificate, facts)
  if (!format) return NOT_EVALUATED
  const read = series.map((number) => readNumber(format, number))
  return series.flatMap((number, i): Breach[] => {
    const before = series[i - 1]
    if (before === undefined || follows(read[i], read[i - 1])) return []
    return [
      {
        path: `/continuation/series/${i}`,
        values: { number, before },
        ru: `В серии за номером ${before} стоит ${number}: номера идут не подряд.`,
        en: `In the series ${number} stands after ${before}: the numbers are not consecutive.`,
      },
    ]
  })
}

type Parts = ReturnType<typeof readNumber>

function follows(parts: Parts, before: Parts): boolean {
  if (parts?.serial === undefined || before?.serial === undefined) return false
  return (
    parts.issuer === before.issuer &&
    parts.destination === before.destination &&
    parts.year === before.year &&
    parts.body === before.body &&
    Number(parts.serial) === Number(before.serial) + 1
  )
}

function invoiceOnEach(certificate: OriginCt1): Breach[] {
  const { items } = certificate
  if (!seriesOf(certificate) || items.length === 0 || items.some((item) => item.invoice)) return []
  return [
    {
      path: '/items/0/invoice',
      ru: 'Сертификат серии не называет счёт-фактуру; её указывают в каждом.',
      en: 'This certificate of a series names no invoice; each must.',
    },
  ]
}

/**
 * Compares with the members of the series that are known. At issue the earlier ones must be; a later
 * one may still come, and at the receiver an earlier one may be on its way.
 */
function sameAsOthers(certificate: OriginCt1, facts: Facts): CheckResult {
  const series = seriesOf(certificate)
  if (!series || series.length < 2) return []
  if (!facts.registry) return NOT_EVALUATED
  const place = placeInSeries(certificate, series)
  const breaches: Breach[] = []
  let unseen = false
  for (const [i, number] of series.entries()) {
    if (i === place) continue
    const other = registered({ registry: facts.registry }, siblingId(certificate, number))
    if (other) breaches.push(...differences(certificate, other.certificate, i))
    else if (facts.stage === 'issue' && i < place) breaches.push(missing(number, i))
    else if (facts.stage === 'customs' || i < place) unseen = true
  }
  return unseen && breaches.length === 0 ? NOT_EVALUATED : breaches
}

function missing(number: string, i: number): Breach {
  return {
    path: `/continuation/series/${i}`,
    values: { number },
    ru: `Предыдущий сертификат серии ${number} не выдан.`,
    en: `The earlier certificate of the series, ${number}, has not been issued.`,
  }
}

const SHARED = [
  ['exporter', 'экспортёр', 'exporter'],
  ['consignor', 'грузоотправитель', 'consignor'],
  ['consignee', 'получатель', 'consignee'],
  ['importer', 'импортёр', 'importer'],
  ['issuer', 'орган выдачи', 'issuing body'],
  ['forPresentationIn', 'страна представления', 'presenting country'],
] as const

function differences(certificate: OriginCt1, other: OriginCt1, i: number): Breach[] {
  const breaches = SHARED.filter(
    ([member]) => canonical(certificate[member]) !== canonical(other[member]),
  ).map(([member, ruName, enName]): Breach => ({
    path: `/${member}`,
    values: { other: other.number },
    ru: `В сертификате ${other.number} той же серии указано иначе: ${ruName}.`,
    en: `Certificate ${other.number} of the same series says otherwise: ${enName}.`,
  }))
  const theirs = seriesOf(other) ?? []
  const ours = seriesOf(certificate) ?? []
  if (canonical(ours.map(comparableNumber)) !== canonical(theirs.map(comparableNumber)))
    breaches.push({
      path: `/continuation/series/${i}`,
      values: { other: other.number },
      ru: `Сертификат ${other.number} перечисляет другие номера серии.`,
      en: `Certificate ${other.number} lists other numbers of the series.`,
    })
  return breaches
}

/** Parties and bodies are the same when their members are, in whatever order they stand. */
function canonical(value: unknown): string {
  return (
    JSON.stringify(value, (_, member: unknown) =>
      member !== null && typeof member === 'object' && !Array.isArray(member)
        ? Object.fromEntries(Object.entries(member).sort(([a], [b]) => (a < b ? -1 : 1)))
        : member,
    ) ?? ''
  )
}
