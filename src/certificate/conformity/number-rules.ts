import { certificateKey, parseCertificateId } from '../certificate-id.ts'
import { foldNumber } from '../number-folding.ts'
import { numberFormatFor, readNumber } from '../number-format.ts'
import { stateOf } from '../party-id.ts'
import { ASK_ISSUER } from '../remedies.ts'
import {
  always,
  type Breach,
  check,
  type CheckResult,
  checkWith,
  type Facts,
  NOT_EVALUATED,
  type Rule,
} from '../rule.ts'
import { text } from '../wording.ts'
import type { ConformityDoc } from './schema.ts'

const KIND = { CERTIFICATE: 'сертификата', DECLARATION: 'декларации' } as const

/** The number of a conformity document (rules.md §10, §14). */
export const NUMBER_RULES: readonly Rule<ConformityDoc>[] = [
  {
    id: 'CON-NUM-FORMAT',
    severity: always('error'),
    title: text('Номер по образцу страны', "Number in the country's form"),
    explanation: text(
      'Номер в свёрнутой записи соответствует образцу страны; в Беларуси 02.01 для сертификата, 11.01 для ' +
        'декларации. Узбекский образец неизвестен: принимается любой непустой номер.',
      "The folded number matches the country's pattern; in Belarus 02.01 for a certificate, 11.01 for a " +
        'declaration. The Uzbek form is unknown: any number that is not blank is accepted.',
    ),
    remedy: {
      issuer: text(
        'Проверьте номер по реестру органа.',
        "Check the number against the body's register.",
      ),
      customs: ASK_ISSUER,
    },
    source: 'rules.md §10, §14, D12',
    checks: [check(otherFormat)],
  },
  {
    id: 'CON-DUP',
    severity: always('error'),
    title: text('Номер один раз в сообщении', 'Number once per message'),
    explanation: text(
      'Номер документа встречается в одном сообщении один раз.',
      'A document number occurs once per message.',
    ),
    remedy: {
      issuer: text('Уберите повторный документ.', 'Remove the repeated document.'),
      customs: text(
        'Обратитесь к оператору системы: неясно, какой документ верен.',
        'Turn to the operator of the system: it is unclear which document is right.',
      ),
    },
    source: 'rules.md §10',
    checks: [
      checkWith(
        ['message'],
        (certificate: ConformityDoc, { message }) => {
          const { number, type, authority } = certificate
          const id = parseCertificateId({ state: authority.country, type, number })
          if (!id) return NOT_EVALUATED
          const key = certificateKey(id)
          if (message.filter((other) => certificateKey(other) === key).length < 2) return []
          return [
            {
              path: '/number',
              values: { number },
              ru: `В одном сообщении несколько документов с номером ${number}.`,
              en: `One message holds several documents numbered ${number}.`,
            },
          ]
        },
        ['receive'],
      ),
    ],
  },
]

function otherFormat(certificate: ConformityDoc, { policy, issuer }: Facts): CheckResult {
  const { authority, type, kind, number } = certificate
  const { country } = authority
  const party = issuer !== undefined && stateOf(issuer) === country ? issuer : country
  const format = numberFormatFor(policy, { issuer: party, type, kind })
  if (!format) return NOT_EVALUATED
  if (readNumber(format, number)) return []
  const breach: Breach = {
    path: '/number',
    values: { number, folded: foldNumber(number), country, kind },
    ru: `Номер «${number}» не соответствует образцу номеров ${KIND[kind]}, принятому в ${country}.`,
    en: `The number "${number}" does not have the form of ${kind.toLowerCase()} numbers used in ${country}.`,
  }
  return [breach]
}
