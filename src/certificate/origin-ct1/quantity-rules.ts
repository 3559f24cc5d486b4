import type { LineQuantity } from '../document-type.ts'
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
import { en, ru, text } from '../wording.ts'
import { enPlace, quantitiesOf, ruPlace, totalQuantities } from './quantities.ts'
import { placeInSeries, registered, seriesOf, siblingId } from './reading.ts'
import type { OriginCt1 } from './schema.ts'

const CHECK_INVOICE = text(
  'Сверьте количество со счётом-фактурой и исправьте графу.',
  'Compare the quantity with the invoice and correct the box.',
)

/** Box 9 (2009: 10) and totals (rules.md §4.1, §10). */
export const QUANTITY_RULES: readonly Rule<OriginCt1>[] = [
  {
    id: 'ORI-QTY-REQUIRED',
    severity: always('error'),
    title: text('Количество указано', 'Quantity given'),
    explanation: text(
      'У товара указана масса или количество в дополнительных единицах, либо их покрывают итоги этого ' +
        'сертификата или первого сертификата серии. На бланке 2009 года для периодических изданий ' +
        'количество можно не указывать.',
      'The item has a mass or a supplementary quantity, or totals cover it: its own, or those of the ' +
        'first certificate of the series. On the form of 2009 periodicals need none.',
    ),
    remedy: {
      issuer: text('Укажите массу или количество.', 'Enter the mass or the quantity.'),
      customs: ASK_ISSUER,
    },
    source: 'rules.md §4.1, §10',
    checks: [check(missingQuantities, ['registry'])],
  },
  {
    id: 'ORI-QTY-POSITIVE',
    severity: always('error'),
    title: text('Количество больше нуля', 'Quantity above zero'),
    explanation: text(
      'Количества и массы больше нуля, килограммы не точнее трёх знаков после запятой; число мест больше ' +
        'нуля, кроме грузов навалом и наливом.',
      'Quantities and masses are above zero, kilograms to three decimals at most; packages are more than ' +
        'none, except for bulk.',
    ),
    remedy: { issuer: CHECK_INVOICE, customs: ASK_ISSUER },
    source: 'rules.md §10',
    checks: [check(notPositive), check(tooManyDecimals), check(noPackageCount)],
  },
  {
    id: 'ORI-NET-GT-GROSS',
    severity: always('error'),
    title: text('Нетто не больше брутто', 'Net not above gross'),
    explanation: text(
      'Масса нетто не больше массы брутто, у товаров и в итогах.',
      'Net mass is not above gross mass, in items and in totals.',
    ),
    remedy: { issuer: CHECK_INVOICE, customs: ASK_ISSUER },
    source: 'rules.md §10',
    checks: [
      check(({ items, totals }) =>
        [
          ...items.map((item, i) => ({ ...item, path: `/items/${i}/netKg` })),
          ...(totals ? [{ ...totals, n: undefined, path: '/totals/netKg' }] : []),
        ].flatMap(({ n, netKg, grossKg, path }): Breach[] => {
          if (netKg === undefined || grossKg === undefined || netKg <= grossKg) return []
          return [
            {
              path,
              values: { netKg: String(netKg), grossKg: String(grossKg) },
              ru: `${ruPlace(n)}: масса нетто ${ru.kg(netKg)} больше массы брутто ${ru.kg(grossKg)}.`,
              en: `${enPlace(n)}: net mass ${en.kg(netKg)} is above gross mass ${en.kg(grossKg)}.`,
            },
          ]
        }),
      ),
    ],
  },
]

function missingQuantities(certificate: OriginCt1, facts: Facts): CheckResult {
  const missing = certificate.items
    .map((item, i) => ({ item, i }))
    .filter(({ item }) => quantitiesOf(item).length === 0)
    .filter(({ item }) => !(certificate.layout === 'CT1-2009' && item.hsCode.startsWith('4902')))
  if (missing.length === 0 || totalQuantities(certificate).length > 0) return []
  const series = seriesOf(certificate)
  if (series && placeInSeries(certificate, series) > 0) {
    if (!facts.registry) return NOT_EVALUATED
    const id = siblingId(certificate, series[0] ?? certificate.number)
    const first = registered({ registry: facts.registry }, id)
    if (!first) return NOT_EVALUATED
    if (totalQuantities(first.certificate).length > 0) return []
  }
  return missing.map(({ item: { n }, i }) => ({
    path: `/items/${i}`,
    ru: `Товар ${n}: не указаны ни масса, ни количество, и итоги их не покрывают.`,
    en: `Item ${n}: neither mass nor quantity is given, and no totals cover it.`,
  }))
}

/** Every quantity of the certificate with its place. */
function allQuantities(
  certificate: OriginCt1,
): (LineQuantity & { path: string; n: number | undefined })[] {
  const member = { net: 'netKg', gross: 'grossKg', supplementary: 'supplementary/quantity' }
  return [
    ...certificate.items.flatMap((item, i) =>
      quantitiesOf(item).map((quantity) => ({
        ...quantity,
        n: item.n,
        path: `/items/${i}/${member[quantity.measure]}`,
      })),
    ),
    ...totalQuantities(certificate).map((quantity) => ({
      ...quantity,
      n: undefined,
      path: `/totals/${member[quantity.measure]}`,
    })),
  ]
}

function notPositive(certificate: OriginCt1): Breach[] {
  return allQuantities(certificate)
    .filter(({ value }) => value <= 0)
    .map(({ path, n, value, unit }) => ({
      path,
      values: { value: String(value), unit },
      ru: `${ruPlace(n)}: количество ${ru.number(value)} ${unit} не больше нуля.`,
      en: `${enPlace(n)}: the quantity ${en.number(value)} ${unit} is not above zero.`,
    }))
}

function tooManyDecimals(certificate: OriginCt1): Breach[] {
  return allQuantities(certificate)
    .filter(({ measure, value }) => measure !== 'supplementary' && hasFourthDecimal(value))
    .map(({ path, n, value }) => ({
      path,
      values: { value: String(value) },
      ru: `${ruPlace(n)}: масса ${ru.kg(value)} указана точнее грамма.`,
      en: `${enPlace(n)}: the mass ${en.kg(value)} is given in parts of a gram.`,
    }))
}

function hasFourthDecimal(value: number): boolean {
  return Math.round(value * 1000) / 1000 !== value
}

function noPackageCount({ items, totals }: OriginCt1, { policy }: Facts): Breach[] {
  const bulk = new Set(policy.packages.filter((type) => type.bulk).map(({ code }) => code))
  const places = [
    ...items.map(({ n, packages }, i) => ({ n, packages, at: `/items/${i}/packages` })),
    { n: undefined, packages: totals?.packages ?? [], at: '/totals/packages' },
  ]
  return places.flatMap(({ n, packages, at }) =>
    packages.flatMap(({ count, type }, i): Breach[] =>
      count > 0 || bulk.has(type)
        ? []
        : [
            {
              path: `${at}/${i}/count`,
              values: { count: String(count), type },
              ru: `${ruPlace(n)}: число мест (${type}) равно нулю.`,
              en: `${enPlace(n)}: the number of packages (${type}) is zero.`,
            },
          ],
    ),
  )
}
