import { comparableNumber } from '../number-folding.ts'
import { ASK_ISSUER } from '../remedies.ts'
import { always, type Breach, check, type Facts, type Rule } from '../rule.ts'
import { en, ru, text } from '../wording.ts'
import { issueDay, REFERRING } from './reading.ts'
import { remarkTargets } from './remark-targets.ts'
import type { OriginCt1, Remark } from './schema.ts'

const correctBox5 = {
  issuer: text('Исправьте отметку в графе 5.', 'Correct the remark in box 5.'),
  customs: ASK_ISSUER,
}

/** What Russian and English messages call the remarks that name another certificate. */
const KIND = {
  DUPLICATE: text('Дубликат', 'Duplicate'),
  ISSUED_IN_REPLACEMENT: text('Выдан взамен', 'Issued in replacement'),
  ISSUED_ON_BASIS_OF: text('Выдан на основании', 'Issued on the basis of'),
} as const

/** The remarks that name another certificate, with their place in box 5. */
function referringRemarks({ remarks }: OriginCt1) {
  return remarks.flatMap((remark: Remark, i) => {
    const kind = REFERRING.find((referring) => referring === remark.kind)
    return kind === undefined ? [] : [{ ...remark, i, name: KIND[kind] }]
  })
}

/** Box 5 (rules.md §4.2, §10). */
export const REMARK_RULES: readonly Rule<OriginCt1>[] = [
  {
    id: 'ORI-RETRO-MARK',
    severity: always('error'),
    title: text('Отметка «Выдан впоследствии»', 'Remark "Issued retrospectively"'),
    explanation: text(
      'Отметка «Выдан впоследствии» с документом о вывозе стоит тогда и только тогда, когда вывоз подтверждён ' +
        'до выдачи.',
      'The remark «Выдан впоследствии» with an export document stands if and only if export was ' +
        'confirmed before issue.',
    ),
    remedy: {
      issuer: text(
        'Внесите или снимите отметку в графе 5 и приложите документ о вывозе.',
        'Enter or remove the remark in box 5 and name the export document.',
      ),
      customs: ASK_ISSUER,
    },
    source: 'rules.md §4.2, §10; CIS Rules 2009 §8.1',
    checks: [check(retrospective)],
  },
  {
    id: 'ORI-REMARK-REF',
    severity: always('error'),
    title: text('Отметка называет номер и дату', 'Remark names number and date'),
    explanation: text(
      'Дубликат, замена и сертификат на основании другого называют его номер и дату.',
      'A duplicate, a replacement and a certificate based on another name its number and date.',
    ),
    remedy: correctBox5,
    source: 'rules.md §4.2, §10',
    checks: [
      check((certificate) =>
        referringRemarks(certificate).flatMap(({ i, name, refNumber, refDate }): Breach[] => {
          const breaches: Breach[] = []
          if (refNumber === undefined || refNumber.trim() === '')
            breaches.push({
              path: `/remarks/${i}/refNumber`,
              ru: `Отметка «${name.ru}» не называет номер другого сертификата.`,
              en: `The remark "${name.en}" does not give the number of the other certificate.`,
            })
          if (refDate === undefined)
            breaches.push({
              path: `/remarks/${i}/refDate`,
              ru: `Отметка «${name.ru}» не называет дату другого сертификата.`,
              en: `The remark "${name.en}" does not give the date of the other certificate.`,
            })
          return breaches
        }),
      ),
    ],
  },
  {
    id: 'ORI-REMARK-SELF',
    severity: always('error'),
    title: text('Отметка не о себе самом', 'Remark names another certificate'),
    explanation: text(
      'Номер в отметке не равен номеру самого сертификата.',
      "The number in the remark is not the certificate's own.",
    ),
    remedy: correctBox5,
    source: 'rules.md §10',
    checks: [
      check((certificate) => {
        const own = comparableNumber(certificate.number)
        return referringRemarks(certificate).flatMap(({ i, name, refNumber }): Breach[] =>
          refNumber === undefined || comparableNumber(refNumber) !== own
            ? []
            : [
                {
                  path: `/remarks/${i}/refNumber`,
                  values: { number: refNumber },
                  ru: `Отметка «${name.ru}» называет номер самого сертификата, ${refNumber}.`,
                  en: `The remark "${name.en}" gives the certificate's own number, ${refNumber}.`,
                },
              ],
        )
      }),
    ],
  },
  {
    id: 'ORI-REMARK-DATE',
    severity: always('error'),
    title: text('Дата в отметке не позже выдачи', 'Date in the remark not after issue'),
    explanation: text(
      'Сертификат, названный в отметке, датирован не позже этого.',
      'The certificate named in the remark is dated no later than this one.',
    ),
    remedy: correctBox5,
    source: 'rules.md §10',
    checks: [
      check((certificate) => {
        const { date } = certificate.certification
        return referringRemarks(certificate).flatMap(({ i, name, refDate }): Breach[] =>
          refDate === undefined || refDate <= date
            ? []
            : [
                {
                  path: `/remarks/${i}/refDate`,
                  values: { refDate, date },
                  ru: `Отметка «${name.ru}» называет дату ${ru.day(refDate)}, позже удостоверения ${ru.day(date)}.`,
                  en: `The remark "${name.en}" gives ${en.day(refDate)}, later than the certification on ${en.day(date)}.`,
                },
              ],
        )
      }),
    ],
  },
  {
    id: 'ORI-REMARK-TARGET',
    severity: always('error'),
    title: text('Названный сертификат существует', 'The named certificate exists'),
    explanation: text(
      'Сертификат из отметки существует и датирован так же; заменённый аннулирован и указывает на этот; ' +
        'замены не образуют круга. Один сертификат выдают взамен одного. При выдаче и приёме замены прежний ' +
        'может быть ещё не аннулирован, а при приёме ещё и не получен.',
      'The certificate in the remark exists with that date; a replaced one is annulled and points to this ' +
        'one; replacements form no circle. One certificate is issued in the place of one. While a ' +
        'replacement is being issued or received the former one may not be annulled yet, and on receipt ' +
        'it may still be under way.',
    ),
    remedy: {
      issuer: text(
        'Сверьте номер и дату в графе 5 с реестром.',
        'Compare number and date in box 5 with the registry.',
      ),
      customs: ASK_ISSUER,
    },
    source: 'rules.md §4.2, §8, §10',
    checks: [check(remarkTargets, ['registry']), check(replacesSeveral)],
  },
  {
    id: 'ORI-DUP-ELECTRONIC',
    severity: always('error'),
    title: text('Нет дубликата электронного', 'No duplicate of an electronic one'),
    explanation: text(
      'Электронный сертификат не имеет дубликата: его скачивают повторно.',
      'An electronic certificate has no duplicate: it is downloaded again.',
    ),
    remedy: {
      issuer: text(
        'Выдайте документ заново для скачивания; дубликат бывает только у бумажного.',
        'Let the document be downloaded again; only a paper one has duplicates.',
      ),
      customs: ASK_ISSUER,
    },
    source: 'rules.md §4.2, §10, D11',
    checks: [
      check(({ form, remarks }) => {
        const i = remarks.findIndex(({ kind }) => kind === 'DUPLICATE')
        if (form !== 'ELECTRONIC' || i < 0) return []
        return [
          {
            path: `/remarks/${i}`,
            ru: 'Электронный сертификат содержит отметку «Дубликат».',
            en: 'An electronic certificate carries the remark "Duplicate".',
          },
        ]
      }),
    ],
  },
]

/** A replacement ends one certificate: a second one named beside it would go on standing. */
function replacesSeveral({ remarks }: OriginCt1, { stage }: Facts): Breach[] {
  if (stage !== 'issue') return []
  const named = remarks.flatMap(({ kind }, i) => (kind === 'ISSUED_IN_REPLACEMENT' ? [i] : []))
  return named.slice(1).map((i) => ({
    path: `/remarks/${i}`,
    ru: 'Графа 5 называет ещё один заменённый сертификат, а заменить можно только один.',
    en: 'Box 5 names one more replaced certificate, and only one can be replaced.',
  }))
}

function retrospective(certificate: OriginCt1): Breach[] {
  const { exportConfirmedOn: exported, exportConfirmation: document } = certificate
  const issued = issueDay(certificate) ?? certificate.certification.date
  const i = certificate.remarks.findIndex(({ kind }) => kind === 'ISSUED_RETROSPECTIVELY')
  if (i < 0) {
    if (exported === undefined || exported >= issued) return []
    return [
      {
        path: '/remarks',
        values: { exported, issued },
        ru: `Вывоз подтверждён ${ru.day(exported)}, до выдачи ${ru.day(issued)}, но в графе 5 нет отметки «Выдан впоследствии».`,
        en: `Export was confirmed on ${en.day(exported)}, before issue on ${en.day(issued)}, but box 5 lacks the remark «Выдан впоследствии».`,
      },
    ]
  }
  const breaches: Breach[] = []
  if (exported === undefined)
    breaches.push({
      path: '/exportConfirmedOn',
      ru: 'Отметка «Выдан впоследствии» есть, а дата подтверждения вывоза не указана.',
      en: 'The remark «Выдан впоследствии» stands, but no date of confirmed export is given.',
    })
  else if (exported >= issued)
    breaches.push({
      path: `/remarks/${i}`,
      values: { exported, issued },
      ru: `Отметка «Выдан впоследствии» есть, но вывоз подтверждён ${ru.day(exported)}, не раньше выдачи ${ru.day(issued)}.`,
      en: `The remark «Выдан впоследствии» stands, but export was confirmed on ${en.day(exported)}, not before issue on ${en.day(issued)}.`,
    })
  if (!document)
    breaches.push({
      path: '/exportConfirmation',
      ru: 'Отметка «Выдан впоследствии» есть, а документ о вывозе не назван.',
      en: 'The remark «Выдан впоследствии» stands, but no export document is named.',
    })
  else if (document.date >= issued)
    breaches.push({
      path: '/exportConfirmation/date',
      values: { date: document.date, issued },
      ru: `Документ о вывозе датирован ${ru.day(document.date)}, не раньше выдачи ${ru.day(issued)}.`,
      en: `The export document is dated ${en.day(document.date)}, not before issue on ${en.day(issued)}.`,
    })
  return breaches
}
