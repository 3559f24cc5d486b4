import * as z from 'zod'
import {
  Code,
  Count,
  Country,
  DaySchema,
  DocLink,
  DocRef,
  DocumentNumber,
  line,
  lines,
  Party,
  Quantity,
} from '../fields.ts'

/** A status as a national register writes it (rules.md §7): its code, and the state behind it. */
const ConformityStatus = z.strictObject({
  /** Any short text: CON-STATUS-CODE judges it. */
  code: Code,
  state: z.enum([
    'ACTIVE',
    'SUSPENDED',
    'RESUMED',
    'EXTENDED',
    'TERMINATED',
    'EXPIRED',
    'ARCHIVED',
  ]),
  from: DaySchema,
  document: z.exactOptional(DocRef),
  reason: z.exactOptional(lines(1000)),
})
export type ConformityStatus = z.infer<typeof ConformityStatus>

const Evidence = z.strictObject({
  kind: z.enum(['TEST_REPORT', 'PRODUCTION_AUDIT', 'FOREIGN_CERT', 'CBTC', 'DECLARATION', 'OTHER']),
  number: line(100),
  date: DaySchema,
  laboratory: z.exactOptional(line(500)),
})

const Product = z.strictObject({
  name: lines(2000),
  text: z.exactOptional(lines(4000)),
  hsCodes: z.array(line(20)).max(200),
  models: z.exactOptional(z.array(line(200)).max(1000)),
  madeTo: z.exactOptional(lines(1000)),
})

function conformity<T extends 'conformity.eaeu' | 'conformity.uz'>(type: T) {
  return z.strictObject({
    type: z.literal(type),
    kind: z.enum(['CERTIFICATE', 'DECLARATION']),
    number: DocumentNumber,
    formNumber: z.exactOptional(DocumentNumber),
    authority: z.strictObject({
      country: Country,
      id: line(100).min(1),
      name: line(500),
      accreditation: z.exactOptional(DocRef),
    }),
    applicant: Party,
    manufacturers: z.array(Party).max(200),
    objectKind: z.enum(['SERIES', 'BATCH', 'SINGLE']),
    products: z.array(Product).max(500),
    batch: z.exactOptional(
      z.strictObject({ quantity: Quantity, unit: Code, invoice: z.exactOptional(line(200)) }),
    ),
    serials: z.exactOptional(z.array(line(100)).max(5000)),
    technicalRegulations: z.array(line(200)).max(100),
    scheme: z.exactOptional(line(20)),
    evidence: z.array(Evidence).max(200),
    recognised: z.exactOptional(z.array(DocLink).max(100)),
    validFrom: DaySchema,
    validUntil: z.exactOptional(DaySchema),
    status: ConformityStatus,
    /** Oldest first, the last equals `status`. */
    statusHistory: z.exactOptional(z.array(ConformityStatus).max(200)),
    annexes: z.exactOptional(z.array(z.strictObject({ ordinal: Count, pages: Count })).max(200)),
  })
}

/** A certificate or declaration of conformity in the unified form of the EAEU (rules.md §7, §9). */
export const ConformityEaeu = conformity('conformity.eaeu')
/** The Uzbek one: the same members, other codes and numbers. */
export const ConformityUz = conformity('conformity.uz')

export type ConformityDoc = z.infer<typeof ConformityEaeu> | z.infer<typeof ConformityUz>
