import { withinDeliveryLimit } from '../delivery-limit.ts'
import type { LineQuantity } from '../document-type.ts'
import {
  always,
  type Breach,
  type CheckResult,
  checkWith,
  type LineUse,
  NOT_EVALUATED,
  type Rule,
} from '../rule.ts'
import { en, ru, text } from '../wording.ts'
import { enPlace, quantitiesOf, ruPlace, totalQuantities } from './quantities.ts'
import type { OriginCt1 } from './schema.ts'

/** What customs has used of the certified quantities (rules.md §10, R17). */
export const USAGE_RULES: readonly Rule<OriginCt1>[] = [
  {
    id: 'ORI-QTY-OVERUSE',
    severity: always('error'),
    title: text('Использовано не больше допустимого', 'Not used beyond the limit'),
    explanation: text(
      'По каждому товару использовано не больше 105 % указанного в сертификате количества (§7.4).',
      'Of each item no more than 105 % of the certified quantity is used (§7.4).',
    ),
    remedy: {
      issuer: text(
        'Сверьте количество со счётом-фактурой.',
        'Compare the quantity with the invoice.',
      ),
      customs: text(
        'Количество сверх предела преференции по этому сертификату не получает; запросите сертификат на него.',
        'The quantity above the limit gets no preference under this certificate; ask for one covering it.',
      ),
    },
    source: 'rules.md §4.1, §10, D10, R17',
    checks: [
      checkWith(['usage'], overuse, ['customs']),
      checkWith(['usage'], withoutCertified, ['customs']),
    ],
  },
]

/** A quantity the certificate vouches for, and the uses that draw on it. */
interface Account {
  readonly path: string
  /** Absent: the totals. */
  readonly n: number | undefined
  readonly certified: LineQuantity
  readonly uses: readonly LineUse[]
}

/** Lines with quantities of their own have accounts of their own; the others draw on the totals. */
function accountsOf(certificate: OriginCt1, usage: readonly LineUse[]): Account[] {
  const ownLines = new Set<number>()
  const accounts: Account[] = []
  for (const [i, item] of certificate.items.entries())
    for (const certified of quantitiesOf(item)) {
      ownLines.add(item.n)
      const uses = usage.filter((use) => use.line === item.n && sameMeasure(use, certified))
      accounts.push({ path: `/items/${i}`, n: item.n, certified, uses })
    }
  const lines = new Set(certificate.items.map(({ n }) => n))
  for (const certified of totalQuantities(certificate)) {
    const uses = usage.filter(
      (use) => lines.has(use.line) && !ownLines.has(use.line) && sameMeasure(use, certified),
    )
    accounts.push({ path: '/totals', n: undefined, certified, uses })
  }
  return accounts
}

function sameMeasure(use: LineUse, certified: LineQuantity): boolean {
  return use.measure === certified.measure && use.unit === certified.unit
}

function overuse(
  certificate: OriginCt1,
  facts: { readonly usage: readonly LineUse[]; readonly policy: { deliveryLimitPercent: number } },
): CheckResult {
  const limit = facts.policy.deliveryLimitPercent
  return accountsOf(certificate, facts.usage).flatMap(({ path, n, certified, uses }): Breach[] => {
    const used = uses.map(({ value }) => value)
    if (withinDeliveryLimit(used, certified.value, limit)) return []
    const { value, unit } = certified
    const sum = Math.round(used.reduce((total, part) => total + part, 0) * 1000) / 1000
    return [
      {
        path,
        values: { used: String(sum), certified: String(value), unit, limitPercent: String(limit) },
        ru: `${ruPlace(n)}: использовано ${ru.number(sum)} ${unit} при указанных в сертификате ${ru.number(value)} ${unit} (предел ${limit} %).`,
        en: `${enPlace(n)}: ${en.number(sum)} ${unit} used against ${en.number(value)} ${unit} certified (limit ${limit} %).`,
      },
    ]
  })
}

/** A use that no certified quantity can be set against is neither within the limit nor beyond it. */
function withoutCertified(
  certificate: OriginCt1,
  { usage }: { readonly usage: readonly LineUse[] },
): CheckResult {
  const counted = new Set(accountsOf(certificate, usage).flatMap(({ uses }) => uses))
  return usage.every((use) => counted.has(use)) ? [] : NOT_EVALUATED
}
