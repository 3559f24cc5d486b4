import { deceptiveTokens } from './look-alikes.ts'
import { ASK_ISSUER, NOTE_ONLY } from './remedies.ts'
import { always, type Breach, check, type Rule } from './rule.ts'
import { text } from './wording.ts'

/** Numbers of documents in a certificate, with their places. */
export type Identifiers<C> = (certificate: C) => readonly (readonly [path: string, value: string])[]

/** GEN-HOMOGLYPH over a type's identifiers (rules.md §10); stands before the rules on number formats. */
export function homoglyphRule<C>(identifiers: Identifiers<C>): Rule<C> {
  return {
    id: 'GEN-HOMOGLYPH',
    severity: always('error'),
    title: text('Номера без смешения алфавитов', 'No mixed scripts in numbers'),
    explanation: text(
      'Ни одна часть номера не смешивает кириллицу с латиницей и не содержит невидимых знаков.',
      'No token of a number mixes Cyrillic and Latin letters or hides invisible characters.',
    ),
    remedy: {
      issuer: text(
        'Наберите номер заново в одной раскладке.',
        'Type the number again in one script.',
      ),
      customs: ASK_ISSUER,
    },
    source: 'rules.md §10, §14',
    checks: [
      check((certificate) =>
        identifiers(certificate).flatMap(([path, value]): Breach[] => {
          const tokens = deceptiveTokens(value)
          if (tokens.length === 0) return []
          const quoted = tokens.join(', ')
          return [
            {
              path,
              values: { value, tokens: quoted },
              ru: `В номере «${value}» часть ${quoted} смешивает кириллицу с латиницей или содержит невидимые знаки.`,
              en: `In number "${value}" the part ${quoted} mixes Cyrillic and Latin letters or hides invisible characters.`,
            },
          ]
        }),
      ),
    ],
  }
}

/** Rules of every type that something else than the judge enforces (rules.md §10). */
export const COMMON_RULES: readonly Rule<unknown>[] = [
  {
    id: 'GEN-HASH',
    severity: always('error'),
    title: text('Подпись и хеш верны', 'Hash and seal valid'),
    explanation: text(
      'Хеш и электронная печать верны для точных байтов документа.',
      'Hash and seal are valid over the exact bytes of the document.',
    ),
    remedy: {
      issuer: text('Подпишите документ заново.', 'Sign the document again.'),
      customs: text(
        'Документу не доверяйте; запросите его у органа выдачи заново.',
        'Do not rely on the document; ask the issuing body for it again.',
      ),
    },
    source: 'rules.md §10; trust.md',
    checks: [],
    enforcedBy: 'seal-verification',
  },
  {
    id: 'GEN-TYPO',
    severity: always('info'),
    title: text('Опечатка без значения', 'Harmless difference'),
    explanation: text(
      'Несущественное различие между электронной формой и бумагой не основание для отказа (§9.3). Его видит ' +
        'тот, кто держит обе.',
      'A cosmetic difference between the electronic form and the paper is no ground for refusal (§9.3). ' +
        'Whoever holds both sees it.',
    ),
    remedy: {
      issuer: text('Исправьте при следующей выдаче.', 'Correct it at the next issue.'),
      customs: NOTE_ONLY,
    },
    source: 'rules.md §6, §10; CIS Rules 2009 §9.3',
    checks: [],
    enforcedBy: 'people',
  },
]
