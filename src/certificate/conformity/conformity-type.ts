import type * as z from 'zod'
import type { CertificateState } from '../certificate-state.ts'
import type { DocumentType } from '../document-type.ts'
import { COMMON_RULES, homoglyphRule } from '../general-rules.ts'
import { CONTENT_RULES } from './content-rules.ts'
import { NUMBER_RULES } from './number-rules.ts'
import type { ConformityDoc } from './schema.ts'
import { STATUS_RULES } from './status-rules.ts'

/** What the Eurasian and the Uzbek conformity documents share (rules.md §7): all but name and schema. */
export function conformityType(
  type: ConformityDoc['type'],
  certificate: z.ZodType<ConformityDoc>,
): DocumentType<ConformityDoc> {
  return {
    type,
    schemaId: `${type}/1`,
    certificate,
    rules: [
      homoglyphRule(identifiersOf),
      ...NUMBER_RULES,
      ...CONTENT_RULES,
      ...STATUS_RULES,
      ...COMMON_RULES,
    ],
    changes: {
      suspend: { from: ['active', 'resumed', 'extended'], to: 'suspended', backdated: true },
      resume: { from: ['suspended'], to: 'resumed' },
      extend: { from: ['active', 'resumed', 'extended'], to: 'extended' },
      terminate: {
        from: ['active', 'suspended', 'resumed', 'extended'],
        to: 'terminated',
        backdated: true,
      },
      archive: {
        from: ['active', 'suspended', 'resumed', 'extended', 'terminated', 'expired'],
        to: 'archived',
        backdated: true,
      },
      annul: {
        from: ['active', 'suspended', 'resumed', 'extended', 'terminated', 'expired'],
        to: 'annulled',
        backdated: true,
      },
    },
    initialState,
    validity: ({ validFrom, validUntil }) => ({
      from: validFrom,
      ...(validUntil !== undefined && { until: validUntil }),
    }),
    identity: ({ authority, number }) => ({ state: authority.country, number }),
    issuingBody: ({ authority }) => ({ authorityId: authority.id }),
    addressees: () => undefined,
    productGroups: ({ products }) => [...new Set(products.flatMap(({ hsCodes }) => hsCodes))],
    lines: ({ products, batch }) =>
      products.map(({ name, hsCodes }, i) => ({
        n: i + 1,
        hsCodes,
        description: name,
        // A batch of several products is counted as a whole.
        quantities:
          batch && products.length === 1
            ? [{ measure: 'supplementary', value: batch.quantity, unit: batch.unit }]
            : [],
        ...(batch?.invoice !== undefined && { invoice: { number: batch.invoice } }),
      })),
    parties: ({ applicant, manufacturers }) => [
      { role: 'applicant', party: applicant },
      ...manufacturers.map((party) => ({ role: 'manufacturer', party }) as const),
    ],
    invoices: ({ batch }) => (batch?.invoice === undefined ? [] : [{ number: batch.invoice }]),
    references: () => [],
    replaces: () => undefined,
  }
}

const STATUSES = {
  ACTIVE: 'active',
  SUSPENDED: 'suspended',
  RESUMED: 'resumed',
  EXTENDED: 'extended',
  TERMINATED: 'terminated',
  EXPIRED: 'expired',
  ARCHIVED: 'archived',
} as const

/** The document's own status at issue; an extension it tells of is already in its validity. */
function initialState({ status }: ConformityDoc): CertificateState {
  const since = status.from
  const name = STATUSES[status.state]
  if (name === 'active' || name === 'expired') return { status: name, since }
  return {
    status: name,
    since,
    ...(status.reason !== undefined && { reason: status.reason }),
    ...(status.document && { basis: status.document }),
  }
}

function identifiersOf(certificate: ConformityDoc): [path: string, value: string][] {
  const { number, formNumber, authority, recognised = [] } = certificate
  return [
    ['/number', number],
    ...(formNumber === undefined ? [] : [['/formNumber', formNumber] as [string, string]]),
    ['/authority/id', authority.id],
    ...recognised.map((link, i): [string, string] => [`/recognised/${i}/number`, link.number]),
  ]
}
