import { ASK_ISSUER, NOTE_ONLY } from '../remedies.ts'
import { always, type Breach, check, type Rule } from '../rule.ts'
import { text } from '../wording.ts'
import { remarkOf } from './reading.ts'
import type { OriginCt1 } from './schema.ts'

/** Wholly produced, cumulation, or processed with the product's heading: Cyrillic letters. */
const CRITERION = /^(П|К|Д\d{4})$/u

/** Box 9 of the form of 2009 (rules.md §4.1, §10). */
export const CRITERION_RULES: readonly Rule<OriginCt1>[] = [
  {
    id: 'ORI-CRIT-FORMAT',
    severity: always('error'),
    title: text('Запись критерия', 'Form of the criterion'),
    explanation: text(
      'На бланке 2009 года у каждого товара стоит «П», «К» или «Д» с четырьмя цифрами, буквы кириллические; ' +
        '«-» только при отметке о сертификате-основании или об изготовлении до 1993 года.',
      'On the form of 2009 each item has П, К or Д with four digits, in Cyrillic letters; "-" only with ' +
        'the remark of a source certificate or of goods made before 1993.',
    ),
    remedy: {
      issuer: text(
        'Укажите в графе 9 «П», «К» или «Д» с четырьмя цифрами, кириллицей.',
        'Enter П, К or Д with four digits in box 9, in Cyrillic.',
      ),
      customs: ASK_ISSUER,
    },
    source: 'rules.md §4.1, §4.2, §10',
    checks: [
      check((certificate) => {
        if (certificate.layout !== 'CT1-2009') return []
        const dash =
          remarkOf(certificate, 'ISSUED_ON_BASIS_OF') ?? remarkOf(certificate, 'MADE_BEFORE_1993')
        return certificate.items.flatMap(({ n, criterion }, i): Breach[] => {
          if (criterion !== undefined && CRITERION.test(criterion)) return []
          if (criterion === '-' && dash) return []
          const path = `/items/${i}/criterion`
          if (criterion === undefined || criterion === '')
            return [
              {
                path,
                ru: `Товар ${n}: критерий происхождения не указан.`,
                en: `Item ${n}: no origin criterion is given.`,
              },
            ]
          const latin = /[A-Za-z]/.test(criterion)
          return [
            {
              path,
              values: { criterion },
              ru: `Товар ${n}: критерий «${criterion}» записан неверно${latin ? ' (латинская буква)' : ''}.`,
              en: `Item ${n}: criterion "${criterion}" is not written correctly${latin ? ' (Latin letter)' : ''}.`,
            },
          ]
        })
      }),
    ],
  },
  {
    id: 'ORI-CRIT-HS-MISMATCH',
    severity: { issue: 'error', receive: 'warning', customs: 'warning' },
    title: text('Критерий и код товара', 'Criterion and commodity code'),
    explanation: text(
      'Цифры после «Д» равны первым четырём цифрам кода товара. Таможня само расхождение не считает ' +
        'основанием для отказа (§6.6).',
      'The digits after Д are the first four of the commodity code. For customs the difference alone is ' +
        'no ground for refusal (§6.6).',
    ),
    remedy: {
      issuer: text(
        'Исправьте критерий или код товара.',
        'Correct the criterion or the commodity code.',
      ),
      customs: NOTE_ONLY,
    },
    source: 'rules.md §10; CIS Rules 2009 §6.6',
    checks: [
      check(({ items }) =>
        items.flatMap(({ n, criterion, hsCode }, i): Breach[] => {
          const digits = /^Д(\d{4})$/u.exec(criterion ?? '')?.[1]
          const heading = hsCode.slice(0, 4)
          if (digits === undefined || digits === heading) return []
          return [
            {
              path: `/items/${i}/criterion`,
              values: { criterion: `Д${digits}`, hsCode },
              ru: `Товар ${n}: критерий Д${digits} называет позицию ${digits}, а код товара ${hsCode} относится к позиции ${heading}.`,
              en: `Item ${n}: criterion Д${digits} names heading ${digits}, but commodity code ${hsCode} is in heading ${heading}.`,
            },
          ]
        }),
      ),
    ],
  },
]
