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
import { formatOf } from './reading.ts'
import type { OriginCt1 } from './schema.ts'

const remedy = {
  issuer: text(
    'Присвойте номер по утверждённому образцу и заполните графу 4 заново.',
    'Assign a number in the agreed form and fill in box 4 again.',
  ),
  customs: ASK_ISSUER,
}

/** What the certificate's own number says; its format may not be configured, or not be met. */
function partsOf(certificate: OriginCt1, facts: Facts) {
  const format = formatOf(certificate, facts)
  if (!format) return NOT_EVALUATED
  return readNumber(format, certificate.number) ?? 'other-format'
}

/** Compares one part of the number with the member it repeats, where the format has that part. */
function samePart(
  part: 'issuer' | 'destination' | 'body',
  expected: (certificate: OriginCt1) => string,
  sentence: (inNumber: string, inDocument: string) => { ru: string; en: string },
) {
  return (certificate: OriginCt1, facts: Facts): CheckResult => {
    const parts = partsOf(certificate, facts)
    if (parts === NOT_EVALUATED) return NOT_EVALUATED
    const inNumber = parts === 'other-format' ? undefined : parts[part]
    const inDocument = expected(certificate)
    if (inNumber === undefined || inNumber === inDocument) return []
    const values = { number: certificate.number, inNumber, inDocument }
    return [{ path: '/number', values, ...sentence(inNumber, inDocument) }]
  }
}

/** Number, box 4 (rules.md §10, §14). */
export const NUMBER_RULES: readonly Rule<OriginCt1>[] = [
  {
    id: 'ORI-NUM-FORMAT',
    severity: always('error'),
    title: text('Номер по образцу страны выдачи', "Number in the issuing country's form"),
    explanation: text(
      'Номер сертификата СТ-1 соответствует образцу, настроенному для страны или органа выдачи.',
      'The CT-1 number matches the pattern configured for the issuing country or body.',
    ),
    remedy,
    source: 'rules.md §10, §14, D12',
    checks: [
      check((certificate, facts) => {
        const parts = partsOf(certificate, facts)
        if (parts === NOT_EVALUATED) return NOT_EVALUATED
        if (parts !== 'other-format') return []
        const { number, issuedIn } = certificate
        return [
          {
            path: '/number',
            values: { number, issuedIn },
            ru: `Номер «${number}» не соответствует образцу номеров СТ-1, принятому в ${issuedIn}.`,
            en: `The number "${number}" does not have the form of CT-1 numbers used in ${issuedIn}.`,
          },
        ]
      }),
    ],
  },
  {
    id: 'ORI-NUM-COUNTRY',
    severity: always('error'),
    title: text('Страны в номере', 'Countries in the number'),
    explanation: text(
      'Страна выдачи и страна назначения в номере те же, что в графе 4.',
      'The issuing and presenting countries in the number are those of box 4.',
    ),
    remedy,
    source: 'rules.md §10, §14',
    checks: [
      check(
        samePart(
          'issuer',
          (certificate) => certificate.issuedIn,
          (inNumber, issuedIn) =>
            text(
              `В номере указана страна выдачи ${inNumber}, в графе 4 «Выдан в»: ${issuedIn}.`,
              `The number names ${inNumber} as the issuing country, box 4 "Issued in" names ${issuedIn}.`,
            ),
        ),
      ),
      check(
        samePart(
          'destination',
          (certificate) => certificate.forPresentationIn,
          (inNumber, destination) =>
            text(
              `В номере указана страна назначения ${inNumber}, в графе 4 «Для представления в»: ${destination}.`,
              `The number names ${inNumber} as the destination, box 4 "For presentation in" names ${destination}.`,
            ),
        ),
      ),
    ],
  },
  {
    id: 'ORI-NUM-YEAR',
    severity: always('error'),
    title: text('Цифра года в номере', 'Year digit in the number'),
    explanation: text(
      'Цифра года в номере равна последней цифре года удостоверения (графа 11 или 12).',
      'The year digit of the number is the last digit of the year of certification.',
    ),
    remedy,
    source: 'rules.md §10, §14',
    checks: [check(yearDigit)],
  },
  {
    id: 'ORI-NUM-BODY',
    severity: always('error'),
    title: text('Код органа в номере', 'Body code in the number'),
    explanation: text(
      'Код органа в номере равен коду органа, выдавшего сертификат.',
      'The body code in the number is the code of the issuing body.',
    ),
    remedy,
    source: 'rules.md §10, §14',
    checks: [
      check(
        samePart(
          'body',
          (certificate) => certificate.issuer.code,
          (inNumber, code) =>
            text(
              `В номере указан код органа ${inNumber}, сертификат выдал орган с кодом ${code}.`,
              `The number names body ${inNumber}, the certificate was issued by body ${code}.`,
            ),
        ),
      ),
    ],
  },
  {
    id: 'ORI-NUM-UNIQUE',
    severity: always('error'),
    title: text('Номер не повторяется', 'Number never reused'),
    explanation: text(
      'Номер в стране выдачи используется один раз, в том числе после аннулирования.',
      'Within the issuing country a number is used once, also after annulment.',
    ),
    remedy: {
      issuer: text('Присвойте следующий свободный номер.', 'Assign the next free number.'),
      customs: ASK_ISSUER,
    },
    source: 'rules.md §10; wire.md "Names"',
    checks: [],
    enforcedBy: 'journal',
  },
]

function yearDigit(certificate: OriginCt1, facts: Facts): CheckResult {
  const parts = partsOf(certificate, facts)
  if (parts === NOT_EVALUATED) return NOT_EVALUATED
  const digit = parts === 'other-format' ? undefined : parts.year
  const year = certificate.certification.date.slice(0, 4)
  if (digit === undefined || year.endsWith(digit)) return []
  const breach: Breach = {
    path: '/number',
    values: { number: certificate.number, digit, year },
    ru: `Цифра года в номере ${digit}, а сертификат удостоверен в ${year} году.`,
    en: `The year digit in the number is ${digit}, but the certificate was certified in ${year}.`,
  }
  return [breach]
}
