import { ASK_ISSUER, NOTE_ONLY } from '../remedies.ts'
import { always, type Breach, check, checkWith, type Rule } from '../rule.ts'
import { en, ru, text } from '../wording.ts'
import { partiesOf } from './parties.ts'
import type { OriginCt1 } from './schema.ts'

/** Digits of a tax id by scheme (rules.md §10, unconfirmed). */
const DIGITS = { 'BY-UNP': 9, 'UZ-STIR': 9, 'UZ-PINFL': 14 } as const

/** Who signed, and who trades (rules.md §10). */
export const IDENTITY_RULES: readonly Rule<OriginCt1>[] = [
  {
    id: 'ORI-OFFICIAL',
    severity: always('error'),
    title: text('Полномочия должностного лица', "The official's authority"),
    explanation: text(
      'Должностное лицо на дату удостоверения состоит в реестре за этим органом (§6.5). Ключ проверяется ' +
        'вместе с подписью.',
      'On the date of certification the register lists the official for this body (§6.5). The key is ' +
        'checked with the signature.',
    ),
    remedy: {
      issuer: text(
        'Удостоверить должен сотрудник, внесённый в реестр.',
        'An official listed in the register must certify.',
      ),
      customs: ASK_ISSUER,
    },
    source: 'rules.md §10, R11; CIS Rules 2009 §6.5',
    checks: [
      checkWith(['officials'], (certificate: OriginCt1, { officials }) => {
        const { date, officialId, officialName } = certificate.certification
        const { code } = certificate.issuer
        const periods = officials.find(certificate.issuedIn, officialId)
        const ofBody = periods.filter(({ body }) => body === code)
        const inForce = ofBody.some(
          ({ from, until }) => from <= date && (until === undefined || date <= until),
        )
        if (inForce) return []
        const who = `${officialName} (${officialId})`
        const reason =
          periods.length === 0
            ? text(`${who}: в реестре нет.`, `${who} is not in the register.`)
            : ofBody.length === 0
              ? text(
                  `${who}: в реестре не числится за органом ${code}.`,
                  `${who} is not listed for body ${code}.`,
                )
              : text(
                  `${who}: полномочия не действовали ${ru.day(date)}.`,
                  `${who} had no authority on ${en.day(date)}.`,
                )
        return [{ path: '/certification/officialId', values: { officialId, date }, ...reason }]
      }),
    ],
  },
  {
    id: 'ORI-IDENT',
    severity: always('warning'),
    title: text('Запись налогового номера', 'Form of the tax id'),
    explanation: text(
      'УНП и СТИР состоят из 9 цифр, ПИНФЛ из 14.',
      'UNP and STIR have 9 digits, PINFL 14.',
    ),
    remedy: {
      issuer: text('Исправьте налоговый номер.', 'Correct the tax id.'),
      customs: NOTE_ONLY,
    },
    source: 'rules.md §10 (unconfirmed)',
    checks: [
      check((certificate) =>
        partiesOf(certificate).flatMap(({ role, party: { name, taxId } }): Breach[] => {
          if (!taxId || taxId.scheme === 'OTHER') return []
          const digits = DIGITS[taxId.scheme]
          if (/^\d+$/.test(taxId.value) && taxId.value.length === digits) return []
          return [
            {
              path: `/${role}/taxId/value`,
              values: { scheme: taxId.scheme, value: taxId.value },
              ru: `${name}: номер ${taxId.scheme} «${taxId.value}» состоит не из ${digits} цифр.`,
              en: `${name}: ${taxId.scheme} "${taxId.value}" does not have ${digits} digits.`,
            },
          ]
        }),
      ),
    ],
  },
]
