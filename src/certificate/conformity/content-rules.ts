import { dayAt } from '../day.ts'
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
import { type Usability, usability } from '../usability.ts'
import { en, ru, type Text, text } from '../wording.ts'
import { zoneOffset } from '../zone.ts'
import type { ConformityDoc } from './schema.ts'

/** Products, batch and validity (rules.md §10). */
export const CONTENT_RULES: readonly Rule<ConformityDoc>[] = [
  {
    id: 'CON-HS-REQUIRED',
    severity: always('error'),
    title: text('Есть код товара', 'A commodity code'),
    explanation: text('Указан хотя бы один код ТН ВЭД.', 'At least one commodity code is given.'),
    remedy: {
      issuer: text('Укажите код товара.', 'Enter the commodity code.'),
      customs: ASK_ISSUER,
    },
    source: 'rules.md §10',
    checks: [
      check(({ products }) => {
        if (products.some(({ hsCodes }) => hsCodes.some((code) => code.trim() !== ''))) return []
        return [
          {
            path: '/products',
            ru: 'Не указан ни один код ТН ВЭД.',
            en: 'No commodity code is given.',
          },
        ]
      }),
    ],
  },
  {
    id: 'CON-BATCH',
    severity: always('error'),
    title: text('Партия или изделие определены', 'Batch or item identified'),
    explanation: text(
      'Для партии указаны количество с единицей или заводские номера, для единичного изделия заводской номер.',
      'A batch has a quantity with its unit, or serial numbers; a single item has its serial number.',
    ),
    remedy: {
      issuer: text(
        'Укажите количество и единицу или заводские номера.',
        'Enter quantity and unit, or serial numbers.',
      ),
      customs: ASK_ISSUER,
    },
    source: 'rules.md §10',
    checks: [check(unidentified)],
  },
  {
    id: 'CON-VALIDITY',
    severity: always('error'),
    title: text('Действует на день использования', 'In force on the day of use'),
    explanation: text(
      'Начало срока не позже окончания; на день использования документ действует и срок не истёк.',
      'Validity begins no later than it ends; on the day of use the document is active and in date.',
    ),
    remedy: {
      issuer: text('Исправьте срок действия.', 'Correct the validity.'),
      customs: text('Запросите действующий документ.', 'Ask for a document that is in force.'),
    },
    source: 'rules.md §8, §10, R25',
    checks: [check(endsBeforeItBegins), checkWith(['now', 'state'], notInForce, ['customs'])],
  },
]

function unidentified({ objectKind, batch, serials }: ConformityDoc): Breach[] {
  if ((serials ?? []).some((serial) => serial.trim() !== '')) return []
  switch (objectKind) {
    case 'SERIES':
      return []
    case 'SINGLE':
      return [
        {
          path: '/serials',
          ru: 'Единичное изделие без заводского номера.',
          en: 'A single item without a serial number.',
        },
      ]
    case 'BATCH':
      if (batch && batch.quantity > 0 && batch.unit.trim() !== '') return []
      return [
        {
          path: '/batch',
          ru: 'Партия без количества с единицей измерения и без заводских номеров.',
          en: 'A batch with neither a quantity and its unit nor serial numbers.',
        },
      ]
  }
}

function endsBeforeItBegins({ validFrom, validUntil }: ConformityDoc): Breach[] {
  if (validUntil === undefined || validFrom <= validUntil) return []
  return [
    {
      path: '/validUntil',
      values: { validFrom, validUntil },
      ru: `Срок действия заканчивается ${ru.day(validUntil)}, раньше, чем начинается ${ru.day(validFrom)}.`,
      en: `Validity ends on ${en.day(validUntil)}, before it begins on ${en.day(validFrom)}.`,
    },
  ]
}

const REASONS: Record<Extract<Usability, { verdict: 'not-usable' }>['reason'], Text> = {
  annulled: text('аннулирован', 'annulled'),
  replaced: text('заменён другим', 'replaced by another'),
  suspended: text('приостановлен', 'suspended'),
  terminated: text('прекращён', 'terminated'),
  archived: text('в архиве', 'archived'),
  expired: text('срок истёк', 'expired'),
  'not-yet-valid': text('ещё не действует', 'not yet valid'),
}

/** The day of use is a calendar day of the issuing country (rules.md §9). */
function notInForce(
  { authority, validFrom, validUntil }: ConformityDoc,
  { now, state, policy }: Facts & Required<Pick<Facts, 'now' | 'state'>>,
): CheckResult {
  const offset = zoneOffset(policy, authority.country)
  if (offset === undefined) return NOT_EVALUATED
  const today = dayAt(now, offset)
  const validity = { from: validFrom, ...(validUntil !== undefined && { until: validUntil }) }
  const answer = usability(state, validity, today)
  if (answer.verdict === 'usable') return []
  if (answer.verdict === 'cannot-tell') return NOT_EVALUATED
  const { reason, since } = answer
  return [
    {
      path: '/status',
      values: { reason, since, today },
      ru: `На ${ru.day(today)} документ не действует: ${REASONS[reason].ru} (${ru.day(since)}).`,
      en: `On ${en.day(today)} the document is not in force: ${REASONS[reason].en} (${en.day(since)}).`,
    },
  ]
}
