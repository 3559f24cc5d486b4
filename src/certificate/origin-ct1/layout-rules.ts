import { ASK_ISSUER } from '../remedies.ts'
import { always, type Breach, check, type Rule } from '../rule.ts'
import { en, ru, text } from '../wording.ts'
import { formsInForce } from './forms-in-force.ts'
import type { OriginCt1 } from './schema.ts'

/** Layout and rule set, two separate axes (rules.md §4.1, §10). */
export const LAYOUT_RULES: readonly Rule<OriginCt1>[] = [
  {
    id: 'ORI-LAYOUT-RULESET',
    severity: always('error'),
    title: text('Бланк и правила сочетаются', 'Layout fits the rule set'),
    explanation: text(
      'Правила 1993 года: бланк 1993 года (с Туркменистаном: 2009 года); Правила 2000 и 2009 годов: бланк ' +
        '2009 года; у бланка 1993 года нет дополнительных листов. Действующие сочетания настраиваются по ' +
        'странам и датам.',
      'Rules of 1993: form of 1993 (with Turkmenistan: of 2009); Rules of 2000 and 2009: form of 2009; ' +
        'the form of 1993 has no continuation sheets. Pairs in force are configured per state and date.',
    ),
    remedy: {
      issuer: text(
        'Выберите правила и бланк, действующие между этими странами.',
        'Choose the rule set and form in force between these states.',
      ),
      customs: ASK_ISSUER,
    },
    source: 'rules.md §4.1, §10, D1, R14',
    checks: [
      check((certificate, { policy }) => {
        const { ruleSet, layout, issuedIn, forPresentationIn } = certificate
        const { date } = certificate.certification
        const fits = formsInForce(policy, certificate, date).some(
          (form) => form.ruleSet === ruleSet && form.layout === layout,
        )
        if (fits) return []
        return [
          {
            path: '/layout',
            values: { ruleSet, layout, date },
            ru: `На ${ru.day(date)} между ${issuedIn} и ${forPresentationIn} не действует сочетание правил ${ruleSet} и бланка ${layout}.`,
            en: `On ${en.day(date)} rule set ${ruleSet} with layout ${layout} is not in force between ${issuedIn} and ${forPresentationIn}.`,
          },
        ]
      }),
      check(({ layout, continuation }) => {
        if (layout !== 'CT1-1993' || !continuation || !('sheets' in continuation)) return []
        const sheets = String(continuation.sheets)
        return [
          {
            path: '/continuation/sheets',
            values: { sheets },
            ru: `Указано дополнительных листов: ${sheets}, но у бланка 1993 года их не бывает.`,
            en: `Continuation sheets: ${sheets}, but the form of 1993 has none.`,
          },
        ]
      }),
    ],
  },
  {
    id: 'ORI-CRIT-NOT-IN-1993',
    severity: always('error'),
    title: text('Нет критерия на бланке 1993 года', 'No criterion on the form of 1993'),
    explanation: text(
      'На бланке 1993 года нет графы «Критерии происхождения».',
      'The form of 1993 has no box for the origin criterion.',
    ),
    remedy: {
      issuer: text('Удалите критерий.', 'Remove the criterion.'),
      customs: ASK_ISSUER,
    },
    source: 'rules.md §4.1, §10',
    checks: [
      check(({ layout, items }) => {
        if (layout !== 'CT1-1993') return []
        return items.flatMap(({ n, criterion }, i): Breach[] =>
          criterion === undefined
            ? []
            : [
                {
                  path: `/items/${i}/criterion`,
                  values: { criterion },
                  ru: `Товар ${n}: указан критерий «${criterion}», графы для которого на бланке 1993 года нет.`,
                  en: `Item ${n}: criterion "${criterion}" is given, for which the form of 1993 has no box.`,
                },
              ],
        )
      }),
    ],
  },
]
