import { addDays, addMonths, type Day, dayAt, startOfDay } from '../day.ts'
import { ASK_ISSUER, NOTE_ONLY } from '../remedies.ts'
import {
  always,
  type Breach,
  check,
  type CheckResult,
  checkWith,
  NOT_EVALUATED,
  type Rule,
} from '../rule.ts'
import { en, ru, text } from '../wording.ts'
import { zoneOffset } from '../zone.ts'
import { issueDay } from './reading.ts'
import type { OriginCt1 } from './schema.ts'

const HOUR_MS = 3_600_000

const correctDate = {
  issuer: text('Исправьте дату.', 'Correct the date.'),
  customs: ASK_ISSUER,
}

/** Dates against each other and against the clock (rules.md §6, §10). */
export const DATE_RULES: readonly Rule<OriginCt1>[] = [
  {
    id: 'ORI-INV-DATE',
    severity: always('warning'),
    title: text('Счёт не позже удостоверения', 'Invoice not after certification'),
    explanation: text(
      'Счёт-фактура выставлена не позже даты удостоверения.',
      'The invoice is dated no later than the certification.',
    ),
    remedy: {
      issuer: text('Сверьте дату счёта-фактуры.', 'Check the date of the invoice.'),
      customs: NOTE_ONLY,
    },
    source: 'rules.md §10',
    checks: [
      check(({ items, certification: { date } }) =>
        items.flatMap(({ n, invoice }, i): Breach[] =>
          !invoice || invoice.date <= date
            ? []
            : [
                {
                  path: `/items/${i}/invoice/date`,
                  values: { invoice: invoice.number, invoiceDate: invoice.date, date },
                  ru: `Товар ${n}: счёт-фактура ${invoice.number} от ${ru.day(invoice.date)} выставлена после удостоверения ${ru.day(date)}.`,
                  en: `Item ${n}: invoice ${invoice.number} of ${en.day(invoice.date)} is later than the certification on ${en.day(date)}.`,
                },
              ],
        ),
      ),
    ],
  },
  {
    id: 'ORI-DATE-DECL-AFTER-CERT',
    severity: always('error'),
    title: text('Заявитель подписал не позже органа', 'Applicant signed no later than the body'),
    explanation: text(
      'Дата декларации заявителя не позже даты удостоверения.',
      "The applicant's declaration is dated no later than the certification.",
    ),
    remedy: correctDate,
    source: 'rules.md §4.1, §10',
    checks: [
      check(({ applicantDeclaration, certification }) => {
        if (applicantDeclaration.date <= certification.date) return []
        const [declared, certified] = [applicantDeclaration.date, certification.date]
        return [
          {
            path: '/applicantDeclaration/date',
            values: { declared, certified },
            ru: `Декларация заявителя датирована ${ru.day(declared)}, а сертификат удостоверен раньше, ${ru.day(certified)}.`,
            en: `The applicant's declaration is dated ${en.day(declared)}, but the certificate was certified earlier, on ${en.day(certified)}.`,
          },
        ]
      }),
    ],
  },
  {
    id: 'ORI-DATE-FUTURE',
    severity: always('error'),
    title: text('Нет будущих дат', 'No future dates'),
    explanation: text(
      'Ни одна дата, кроме срока действия, не позже текущего дня в стране выдачи; допуск часов 1 час.',
      "No date but the end of validity is later than today in the issuer's zone; clocks may differ by 1 h.",
    ),
    remedy: correctDate,
    source: 'rules.md §10',
    checks: [
      checkWith(['now'], (certificate: OriginCt1, { now, policy }) => {
        const offset = zoneOffset(policy, certificate.issuedIn)
        if (offset === undefined) return NOT_EVALUATED
        const today = dayAt(new Date(now.getTime() + HOUR_MS), offset)
        return datesOf(certificate)
          .filter(([, date]) => date > today)
          .map(([path, date]) => ({
            path,
            values: { date, today },
            ru: `Дата ${ru.day(date)} ещё не наступила: в ${certificate.issuedIn} сегодня ${ru.day(today)}.`,
            en: `The date ${en.day(date)} has not come yet: in ${certificate.issuedIn} today is ${en.day(today)}.`,
          }))
      }),
    ],
  },
  {
    id: 'ORI-VALIDITY-12M',
    severity: always('error'),
    title: text('Срок 12 месяцев', 'Valid for 12 months'),
    explanation: text(
      'Сертификат годен 12 месяцев со дня выдачи (дубликат: со дня выдачи оригинала), то же число ' +
        'включительно; если такого числа нет, до последнего дня месяца.',
      'The certificate is usable for 12 months from issue (a duplicate: from the date of the original), ' +
        'the same day included; where there is no such day, to the last of the month.',
    ),
    remedy: {
      issuer: text('Исправьте срок действия.', 'Correct the end of validity.'),
      customs: ASK_ISSUER,
    },
    source: 'rules.md §6, §10, D3',
    checks: [check(twelveMonths)],
  },
  {
    id: 'ORI-LATE',
    severity: always('warning'),
    title: text('Внесён в срок', 'Entered in time'),
    explanation: text(
      'Сертификат внесён в систему не позже 24:00 дня, следующего за удостоверением, по времени страны выдачи.',
      "The certificate was entered by 24:00 of the day after certification, in the issuer's zone.",
    ),
    remedy: {
      issuer: text(
        'Внесите сертификат и сообщите о задержке оператору системы.',
        'Enter the certificate and report the delay to the operator of the system.',
      ),
      customs: NOTE_ONLY,
    },
    source: 'rules.md §10, R2; Annex 4 §3.2',
    checks: [
      checkWith(['enteredAt'], (certificate: OriginCt1, { enteredAt, policy }): CheckResult => {
        const offset = zoneOffset(policy, certificate.issuedIn)
        if (offset === undefined) return NOT_EVALUATED
        const { date } = certificate.certification
        if (enteredAt <= startOfDay(addDays(date, 2), offset)) return []
        const entered = dayAt(enteredAt, offset)
        return [
          {
            path: '/certification/date',
            values: { date, entered },
            ru: `Сертификат удостоверен ${ru.day(date)}, а внесён в систему ${ru.day(entered)}, позже установленного срока.`,
            en: `The certificate was certified on ${en.day(date)} and entered on ${en.day(entered)}, later than required.`,
          },
        ]
      }),
    ],
  },
]

/** Every date that speaks of something done; the end of validity does not. */
function datesOf(certificate: OriginCt1): [path: string, date: Day][] {
  const { certification, applicantDeclaration, exportConfirmedOn, exportConfirmation } = certificate
  const dates: [string, Day | undefined][] = [
    ['/certification/date', certification.date],
    ['/applicantDeclaration/date', applicantDeclaration.date],
    ['/exportConfirmedOn', exportConfirmedOn],
    ['/exportConfirmation/date', exportConfirmation?.date],
    ...certificate.items.map((item, i): [string, Day | undefined] => [
      `/items/${i}/invoice/date`,
      item.invoice?.date,
    ]),
    ...certificate.remarks.map((remark, i): [string, Day | undefined] => [
      `/remarks/${i}/refDate`,
      remark.refDate,
    ]),
    ...(certificate.contractRefs ?? []).map((contract, i): [string, Day] => [
      `/contractRefs/${i}/date`,
      contract.date,
    ]),
  ]
  return dates.filter((entry): entry is [string, Day] => entry[1] !== undefined)
}

function twelveMonths(certificate: OriginCt1): Breach[] {
  const from = issueDay(certificate)
  // A duplicate without the original's date is for ORI-REMARK-REF.
  if (from === undefined) return []
  const expected = addMonths(from, 12)
  const { usableUntil } = certificate
  if (usableUntil === expected) return []
  return [
    {
      path: '/usableUntil',
      values: { usableUntil, expected },
      ru: `Указан срок до ${ru.day(usableUntil)}, а 12 месяцев с ${ru.day(from)} истекают ${ru.day(expected)}.`,
      en: `Validity is given until ${en.day(usableUntil)}, but 12 months from ${en.day(from)} end on ${en.day(expected)}.`,
    },
  ]
}
