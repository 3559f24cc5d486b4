import { ASK_ISSUER, NOTE_ONLY } from '../remedies.ts'
import { always, type Breach, check, type Rule } from '../rule.ts'
import { text } from '../wording.ts'
import { enPlace, ruPlace } from './quantities.ts'
import type { OriginCt1 } from './schema.ts'

/** Codes of units and packages (rules.md §10, §12). */
export const CODE_RULES: readonly Rule<OriginCt1>[] = [
  {
    id: 'ORI-UNIT-CODE',
    severity: always('error'),
    title: text('Известный код единицы', 'Known unit code'),
    explanation: text(
      'Код дополнительной единицы есть в перечне (Рекомендация 20 ЕЭК ООН).',
      'The code of the supplementary unit is in the list (UN/ECE Recommendation 20).',
    ),
    remedy: {
      issuer: text(
        'Укажите код из перечня, например H87 для штук.',
        'Use a listed code, such as H87 for pieces.',
      ),
      customs: ASK_ISSUER,
    },
    source: 'rules.md §10, §12',
    checks: [
      check(({ items }, { policy }) =>
        items.flatMap(({ n, supplementary }, i): Breach[] => {
          if (!supplementary || policy.units.includes(supplementary.unit)) return []
          const { unit } = supplementary
          return [
            {
              path: `/items/${i}/supplementary/unit`,
              values: { unit },
              ru: `Товар ${n}: кода единицы измерения «${unit}» нет в перечне.`,
              en: `Item ${n}: unit code "${unit}" is not in the list.`,
            },
          ]
        }),
      ),
    ],
  },
  {
    id: 'ORI-PKG-CODE',
    severity: always('warning'),
    title: text('Известный код упаковки', 'Known package code'),
    explanation: text(
      'Код вида упаковки есть в перечне (Рекомендация 21 ЕЭК ООН).',
      'The package code is in the list (UN/ECE Recommendation 21).',
    ),
    remedy: {
      issuer: text(
        'Укажите код из перечня, например CT для коробок.',
        'Use a listed code, such as CT for cartons.',
      ),
      customs: NOTE_ONLY,
    },
    source: 'rules.md §10, §12',
    checks: [
      check(({ items, totals }, { policy }) => {
        const known = new Set(policy.packages.map(({ code }) => code))
        const places = [
          ...items.map(({ n, packages }, i) => ({ n, packages, at: `/items/${i}/packages` })),
          { n: undefined, packages: totals?.packages ?? [], at: '/totals/packages' },
        ]
        return places.flatMap(({ n, packages, at }) =>
          packages.flatMap(({ type }, i): Breach[] =>
            known.has(type)
              ? []
              : [
                  {
                    path: `${at}/${i}/type`,
                    values: { type },
                    ru: `${ruPlace(n)}: кода упаковки «${type}» нет в перечне.`,
                    en: `${enPlace(n)}: package code "${type}" is not in the list.`,
                  },
                ],
          ),
        )
      }),
    ],
  },
]
