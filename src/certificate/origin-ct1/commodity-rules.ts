import { ASK_ISSUER, NOTE_ONLY } from '../remedies.ts'
import { always, type Breach, check, checkWith, type Rule } from '../rule.ts'
import { knowsCode } from '../tariff.ts'
import { en, ru, text } from '../wording.ts'
import type { OriginCt1 } from './schema.ts'

/** Commodity codes; on neither form, kept with their provenance (rules.md §4.1, §10). */
export const COMMODITY_RULES: readonly Rule<OriginCt1>[] = [
  {
    id: 'ORI-HS-FORMAT',
    severity: always('error'),
    title: text('Запись кода товара', 'Form of the commodity code'),
    explanation: text(
      'Код товара из 4, 6, 8 или 10 цифр, их число равно hsDigits; группа 01–97, кроме 77.',
      'The commodity code has 4, 6, 8 or 10 digits, as hsDigits says; chapter 01–97, not 77.',
    ),
    remedy: {
      issuer: text('Исправьте код товара.', 'Correct the commodity code.'),
      customs: ASK_ISSUER,
    },
    source: 'rules.md §10',
    checks: [
      check(({ items }) =>
        items.flatMap(({ n, hsCode, hsDigits }, i): Breach[] => {
          const path = `/items/${i}/hsCode`
          const values = { hsCode, hsDigits: String(hsDigits) }
          if (!/^\d+$/.test(hsCode) || hsCode.length !== hsDigits)
            return [
              {
                path,
                values,
                ru: `Товар ${n}: код «${hsCode}» состоит не из ${hsDigits} цифр.`,
                en: `Item ${n}: code "${hsCode}" does not consist of ${hsDigits} digits.`,
              },
            ]
          const chapter = Number(hsCode.slice(0, 2))
          if (chapter >= 1 && chapter <= 97 && chapter !== 77) return []
          return [
            {
              path,
              values,
              ru: `Товар ${n}: код ${hsCode} относится к группе ${hsCode.slice(0, 2)}, которой в номенклатуре нет.`,
              en: `Item ${n}: code ${hsCode} is in chapter ${hsCode.slice(0, 2)}, which the nomenclature does not have.`,
            },
          ]
        }),
      ),
    ],
  },
  {
    id: 'ORI-HS-KNOWN',
    severity: always('warning'),
    title: text('Код есть в тарифе', 'Code in the tariff'),
    explanation: text(
      'Код товара есть в тарифе, действовавшем на день выдачи.',
      'The commodity code is in the tariff in force on the day of issue.',
    ),
    remedy: {
      issuer: text(
        'Сверьте код с тарифом, действующим на день выдачи.',
        'Check the code against the tariff in force on the day of issue.',
      ),
      customs: NOTE_ONLY,
    },
    source: 'rules.md §10',
    checks: [
      checkWith(['tariff'], ({ items, certification }: OriginCt1, { tariff }) =>
        items.flatMap(({ n, hsCode }, i): Breach[] =>
          knowsCode(tariff, hsCode)
            ? []
            : [
                {
                  path: `/items/${i}/hsCode`,
                  values: { hsCode },
                  ru: `Товар ${n}: кода ${hsCode} нет в тарифе на ${ru.day(certification.date)}.`,
                  en: `Item ${n}: code ${hsCode} is not in the tariff of ${en.day(certification.date)}.`,
                },
              ],
        ),
      ),
    ],
  },
]
