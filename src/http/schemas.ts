import { z } from 'zod'
import tractors from '../../openapi/examples/origin-ct1-tractors.json' with { type: 'json' }
import { DOCUMENT_TYPES } from '../certificate/document-types.ts'
import { PartyId } from '../certificate/party-id.ts'
import { OUTCOMES } from '../exchange/delivery/receipt.ts'

/** Shapes that several routes answer with; named ones become components of the OpenAPI document. */

export const State = z
  .string()
  .regex(/^[A-Z]{2}$/)
  .meta({ description: 'ISO 3166-1 alpha-2 code of a state', example: 'BY' })

export const Digest = z
  .string()
  .regex(/^[A-Za-z0-9_-]{43}$/)
  .meta({ description: 'SHA-256 in base64url, without padding' })

export const Instant = z.string().meta({ format: 'date-time', description: 'RFC 3339, UTC' })

export const LeafIndex = z.int().optional().meta({
  description: 'The leaf of the log that covers it, by its index; absent: none does yet',
})

export const Text = z.strictObject({ ru: z.string(), en: z.string() }).meta({
  id: 'Text',
  description: 'A sentence for people in the two working languages',
  examples: [{ ru: 'Подпись верна', en: 'The signature holds' }],
})

export const CertificatePath = z.strictObject({
  state: State,
  type: z.string().max(40),
  number: z.string().min(1).max(100),
})

export const Severity = z.enum(['error', 'warning', 'info'])

export const FINDING_EXAMPLE = {
  rule: 'ORI-NET-GT-GROSS',
  severity: 'error',
  path: '/items/0/netKg',
  message: {
    ru: 'Масса нетто 46 200 кг больше массы брутто 46 100 кг',
    en: 'The net mass of 46,200 kg exceeds the gross mass of 46,100 kg',
  },
} as const

export const Finding = z
  .strictObject({
    rule: z.string(),
    severity: Severity,
    path: z.string().meta({ description: 'JSON Pointer into the certificate (RFC 6901)' }),
    values: z.record(z.string(), z.string()).optional(),
    message: Text,
  })
  .meta({
    id: 'Finding',
    description: 'A rule of /v1/rules that the certificate breaks, and where',
    examples: [FINDING_EXAMPLE],
  })

export const CertificateState = z.looseObject({ status: z.string() }).meta({
  id: 'CertificateState',
  description: 'State of the certificate; its further members depend on it',
  examples: [{ status: 'active', since: '2026-02-10' }],
})

/** The content of any certificate that this node can issue. */
export const CertificateContent = z
  .discriminatedUnion(
    'type',
    DOCUMENT_TYPES.map((type) => type.certificate) as [z.ZodObject, ...z.ZodObject[]],
  )
  .meta({ id: 'CertificateContent', examples: [tractors] })

export const CertificateSummary = z
  .strictObject({
    sha256: Digest,
    state: State,
    type: z.string(),
    number: z.string().meta({ description: 'As written by the issuer' }),
    issuer: PartyId,
    recipients: z.array(State),
    origin: z.enum(['issued', 'received']),
    appendedAt: Instant,
    usableFrom: z.string().meta({ format: 'date' }),
    usableUntil: z.string().meta({ format: 'date' }).optional(),
    status: z.string(),
    statusList: z.strictObject({ uri: z.string(), idx: z.int() }),
  })
  .meta({ id: 'CertificateSummary' })

export const DeliveryView = z
  .strictObject({
    recipient: State,
    seq: z.int(),
    state: z.enum(['queued', 'received', 'decided']),
    receivedAt: Instant.optional(),
    outcome: z.enum(OUTCOMES).optional(),
    findings: z.array(z.string()).optional(),
    decidedAt: Instant.optional(),
    receipt: Digest.optional().meta({ description: 'The signed decision, by digest' }),
    lastError: z
      .string()
      .optional()
      .meta({ description: 'Why the last attempt failed, while queued' }),
    nextAttemptAt: Instant.optional(),
  })
  .meta({
    id: 'Delivery',
    description: 'Where one document stands with one recipient',
    examples: [
      {
        recipient: 'UZ',
        seq: 17,
        state: 'decided',
        receivedAt: '2026-02-10T09:15:01Z',
        outcome: 'accepted',
        findings: [],
        decidedAt: '2026-02-10T09:15:01Z',
        receipt: 'EXAMPLEexampleEXAMPLEexampleEXAMPLEexampleE',
      },
    ],
  })
