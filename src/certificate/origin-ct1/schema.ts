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

/** Box 5 (rules.md §4.2): what is special about the certificate, with the wording printed there. */
const Remark = z.strictObject({
  kind: z.enum([
    'ISSUED_RETROSPECTIVELY',
    'DUPLICATE',
    'ISSUED_IN_REPLACEMENT',
    'ISSUED_ON_BASIS_OF',
    'COPY',
    'EXHIBITION',
    'FOR_RESALE',
    'FREE_CIRCULATION_PERSON',
    'MADE_BEFORE_1993',
    'AUTHORITY_NOTE',
  ]),
  text: lines(1000),
  refNumber: z.exactOptional(DocumentNumber),
  refDate: z.exactOptional(DaySchema),
  refBody: z.exactOptional(line(500)),
})
export type Remark = z.infer<typeof Remark>

const Packages = z.strictObject({ count: Count, type: Code })

const Item = z.strictObject({
  n: z.int().min(0).max(1_000_000),
  packages: z.array(Packages).max(50),
  description: lines(4000),
  hsCode: line(20),
  hsDigits: z.union([z.literal(4), z.literal(6), z.literal(8), z.literal(10)]),
  hsSource: z.enum(['applicant', 'issuer', 'customs']),
  /** Any short text: ORI-CRIT-FORMAT judges its letters. */
  criterion: z.exactOptional(line(10)),
  grossKg: z.exactOptional(Quantity),
  netKg: z.exactOptional(Quantity),
  supplementary: z.exactOptional(z.strictObject({ quantity: Quantity, unit: Code })),
  invoice: z.exactOptional(DocRef),
  marks: z.exactOptional(lines(1000)),
})
export type Item = z.infer<typeof Item>

const Body = z.strictObject({
  country: Country,
  role: z.enum(['central-authorised', 'authorised-body', 'verifying-body']),
  code: line(40).min(1),
  name: line(500),
  address: line(500),
})

/** The certificate of origin form CT-1 (rules.md §4, §9). Layout and rule set are separate axes. */
export const OriginCt1 = z.strictObject({
  type: z.literal('origin.ct1'),
  ruleSet: z.enum(['CIS-1993', 'CIS-2000', 'CIS-2009']),
  layout: z.enum(['CT1-1993', 'CT1-2009']),
  number: DocumentNumber,
  blankNumber: z.exactOptional(DocumentNumber),
  form: z.enum(['ELECTRONIC', 'PAPER_WITH_E_FORM']),
  issuer: Body,
  issuedIn: Country,
  forPresentationIn: Country,
  exporter: Party,
  consignor: z.exactOptional(Party),
  consignee: Party,
  importer: z.exactOptional(Party),
  transportRoute: z.exactOptional(lines(1000)),
  transitCountries: z.exactOptional(z.array(Country).max(30)),
  transportMode: z.exactOptional(z.enum(['1', '2', '3', '4', '5', '6', '7', '8'])),
  remarks: z.array(Remark).max(20),
  items: z.array(Item).max(1000),
  totals: z.exactOptional(
    z.strictObject({
      packages: z.exactOptional(z.array(Packages).max(50)),
      grossKg: z.exactOptional(Quantity),
      netKg: z.exactOptional(Quantity),
    }),
  ),
  contractRefs: z.exactOptional(z.array(DocRef).max(50)),
  related: z.exactOptional(z.array(DocLink).max(100)),
  certification: z.strictObject({
    date: DaySchema,
    place: line(200),
    officialId: line(100),
    officialName: line(200),
  }),
  applicantDeclaration: z.strictObject({
    originCountry: Country,
    date: DaySchema,
    signatory: line(200),
    capacity: z.enum(['exporter', 'consignor', 'manufacturer', 'representative']),
  }),
  exportConfirmedOn: z.exactOptional(DaySchema),
  exportConfirmation: z.exactOptional(DocRef),
  /** Digest of the secret that a public check by number must present. */
  secretHash: z.exactOptional(line(128)),
  usableUntil: DaySchema,
  continuation: z.exactOptional(
    z.union([
      z.strictObject({
        sheets: z.int().min(1).max(1000),
        documentRef: z.exactOptional(DocRef),
      }),
      z.strictObject({ series: z.array(DocumentNumber).min(1).max(200) }),
    ]),
  ),
})
export type OriginCt1 = z.infer<typeof OriginCt1>
