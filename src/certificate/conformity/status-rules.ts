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
import type { ConformityDoc, ConformityStatus } from './schema.ts'

type State = ConformityStatus['state']

/** Which state may follow which (rules.md §8); a history begins with ACTIVE. */
const FOLLOWS: Readonly<Record<State, readonly State[]>> = {
  ACTIVE: ['SUSPENDED', 'EXTENDED', 'TERMINATED', 'EXPIRED', 'ARCHIVED'],
  SUSPENDED: ['RESUMED', 'TERMINATED', 'EXPIRED', 'ARCHIVED'],
  RESUMED: ['SUSPENDED', 'EXTENDED', 'TERMINATED', 'EXPIRED', 'ARCHIVED'],
  EXTENDED: ['SUSPENDED', 'EXTENDED', 'TERMINATED', 'EXPIRED', 'ARCHIVED'],
  TERMINATED: ['ARCHIVED'],
  EXPIRED: ['ARCHIVED'],
  ARCHIVED: [],
}

const remedy = {
  issuer: text('Исправьте сведения о статусе.', 'Correct the status.'),
  customs: ASK_ISSUER,
}

/** The status a document carries at issue, and its history (rules.md §8, §10). */
export const STATUS_RULES: readonly Rule<ConformityDoc>[] = [
  {
    id: 'CON-STATUS-CODE',
    severity: always('error'),
    title: text('Известный код статуса', 'Known status code'),
    explanation: text(
      'Код статуса есть в перечне (ЕАЭС: 01–05, 09; Узбекистан: ACTIVE, SUSPENDED, CANCELLED, EXPIRED) и ' +
        'означает указанное состояние.',
      'The status code is in the list (EAEU: 01–05, 09; Uzbekistan: ACTIVE, SUSPENDED, CANCELLED, ' +
        'EXPIRED) and stands for the state given.',
    ),
    remedy,
    source: 'rules.md §7, §8, §10',
    checks: [check(unknownCode)],
  },
  {
    id: 'CON-STATUS-ORDER',
    severity: always('error'),
    title: text('Порядок статусов', 'Order of statuses'),
    explanation: text(
      'Даты истории не убывают, каждый переход допустим, последняя запись равна текущему статусу.',
      'Dates of the history ascend, each transition is allowed, the last entry is the current status.',
    ),
    remedy,
    source: 'rules.md §8, §10',
    checks: [check(wrongOrder), check(otherLast)],
  },
]

function unknownCode(
  { type, status, statusHistory = [] }: ConformityDoc,
  { policy }: Facts,
): CheckResult {
  const codes = policy.statusCodes[type]
  if (!codes) return NOT_EVALUATED
  const statuses = [
    { ...status, path: '/status/code' },
    // The last entry repeats the current status; otherLast says where it does not.
    ...statusHistory
      .slice(0, -1)
      .map((entry, i) => ({ ...entry, path: `/statusHistory/${i}/code` })),
  ]
  return statuses.flatMap(({ code, state, path }): Breach[] => {
    const states = codes[code]
    if (states?.includes(state)) return []
    const values = { code, state }
    if (states)
      return [
        {
          path,
          values,
          ru: `Код статуса «${code}» не означает состояние ${state}.`,
          en: `Status code "${code}" does not stand for the state ${state}.`,
        },
      ]
    return [
      {
        path,
        values,
        ru: `Кода статуса «${code}» нет в перечне.`,
        en: `Status code "${code}" is not in the list.`,
      },
    ]
  })
}

function wrongOrder({ statusHistory = [] }: ConformityDoc): Breach[] {
  return statusHistory.flatMap((entry, i): Breach[] => {
    const before = statusHistory[i - 1]
    const path = `/statusHistory/${i}`
    if (!before) {
      if (entry.state === 'ACTIVE') return []
      return [
        {
          path: `${path}/state`,
          values: { state: entry.state },
          ru: `История статусов начинается с ${entry.state}, а не с ACTIVE.`,
          en: `The history of statuses begins with ${entry.state}, not with ACTIVE.`,
        },
      ]
    }
    const breaches: Breach[] = []
    if (entry.from < before.from)
      breaches.push({
        path: `${path}/from`,
        values: { from: entry.from, before: before.from },
        ru: `Статус ${entry.state} с ${ru.day(entry.from)} стоит после статуса ${before.state} с ${ru.day(before.from)}.`,
        en: `Status ${entry.state} from ${en.day(entry.from)} stands after ${before.state} from ${en.day(before.from)}.`,
      })
    if (!FOLLOWS[before.state].includes(entry.state))
      breaches.push({
        path: `${path}/state`,
        values: { state: entry.state, before: before.state },
        ru: `После статуса ${before.state} не может следовать ${entry.state}.`,
        en: `Status ${entry.state} cannot follow ${before.state}.`,
      })
    return breaches
  })
}

function otherLast({ status, statusHistory = [] }: ConformityDoc): Breach[] {
  const last = statusHistory.at(-1)
  if (!last) return []
  const same =
    last.code === status.code &&
    last.state === status.state &&
    last.from === status.from &&
    last.reason === status.reason &&
    last.document?.number === status.document?.number &&
    last.document?.date === status.document?.date
  if (same) return []
  return [
    {
      path: '/status',
      values: { state: status.state, last: last.state },
      ru: `Текущий статус ${status.state} с ${ru.day(status.from)} не равен последней записи истории: ${last.state} с ${ru.day(last.from)}.`,
      en: `The current status ${status.state} from ${en.day(status.from)} is not the last of the history: ${last.state} from ${en.day(last.from)}.`,
    },
  ]
}
