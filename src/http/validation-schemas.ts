import { z } from 'zod'
import { DaySchema } from '../certificate/fields.ts'
import { PartyId } from '../certificate/party-id.ts'
import { replacementMembers } from './replacement-view.ts'
import { REPORT_EXAMPLE } from './report-example.ts'
import { CertificateState, Digest, Finding, Instant, State, Text } from './schemas.ts'

const MAX_ITEMS = 500

const DeclarationLine = z.strictObject({
  n: z.int().min(1).max(100_000),
  hsCode: z.string().regex(/^\d{4,10}$/),
  origin: State.optional(),
  netKg: z.number().positive().max(1e12).optional(),
  grossKg: z.number().positive().max(1e12).optional(),
  quantity: z
    .strictObject({ value: z.number().positive().max(1e12), unit: z.string().max(16) })
    .optional(),
  invoice: z.string().max(100).optional(),
})

const Declaration = z.strictObject({
  number: z.string().min(1).max(100),
  date: DaySchema,
  lines: z.array(DeclarationLine).min(1).max(1000),
})

export const Identity = z.strictObject({
  state: State,
  type: z.string().max(40),
  number: z.string().min(1).max(100),
  issuedOn: DaySchema.optional().meta({
    description: 'Day of certification as on the paper: decides what an absent certificate means',
  }),
})

const Item = z.strictObject({
  document: z
    .string()
    .min(1)
    .max(512 * 1024)
    .optional(),
  identity: Identity.optional(),
  declaration: Declaration.optional(),
})

const AccessContext = z
  .strictObject({
    officer: z.string().min(1).max(200),
    post: z.string().max(200).optional(),
    purpose: z.string().min(1).max(200),
    declaration: z.string().max(100).optional(),
  })
  .meta({
    description:
      'The person behind the call, as the client system asserts it; kept in the access record',
  })

export const ValidationRequest = z
  .strictObject({ context: AccessContext, items: z.array(Item).min(1).max(MAX_ITEMS) })
  .meta({ id: 'ValidationRequest' })

export const Report = z
  .strictObject({
    id: z.string(),
    createdAt: Instant,
    answer: z.enum(['usable', 'not-usable', 'cannot-tell']),
    indication: z
      .enum(['TOTAL-PASSED', 'TOTAL-FAILED', 'INDETERMINATE'])
      .meta({ description: 'Of the signature, ETSI EN 319 102-1 §5' }),
    subIndication: z.string().optional(),
    reasons: z.array(z.string()),
    instants: z.strictObject({
      claimed: Instant.optional(),
      proven: Instant.optional(),
      checked: Instant,
    }),
    certificate: z
      .strictObject({
        sha256: Digest,
        state: State,
        type: z.string(),
        number: z.string(),
        issuer: PartyId,
        content: z.unknown(),
      })
      .optional(),
    status: CertificateState.optional(),
    ...replacementMembers,
    checks: z.array(
      z.strictObject({
        check: z.string(),
        outcome: z.enum(['passed', 'warning', 'failed', 'unknown']),
        code: z.string(),
        detail: z.string().optional(),
        sentence: Text,
      }),
    ),
    findings: z.array(Finding),
    notEvaluated: z.array(z.string()),
    lines: z.array(
      z.strictObject({
        line: z.int(),
        item: z.int().nullable(),
        differences: z.array(z.looseObject({ differs: z.string() })),
        certified: z.array(
          z.strictObject({ measure: z.string(), value: z.number(), unit: z.string() }),
        ),
      }),
    ),
    evidence: z.strictObject({
      trustLists: z.array(z.strictObject({ state: State, version: z.int(), nextUpdate: Instant })),
      statusList: z
        .strictObject({ uri: z.string(), issuedAt: Instant, expiresAt: Instant })
        .optional()
        .meta({ description: 'Read where this node never received the certificate' }),
    }),
  })
  .meta({ id: 'ValidationReport', examples: [REPORT_EXAMPLE] })
