import * as z from 'zod'
import { type Acceptance, acceptanceOf } from './acceptance.ts'
import type { DocumentType } from './document-type.ts'
import { documentTypeOf } from './document-types.ts'
import { Country } from './fields.ts'
import { PartyId } from './party-id.ts'

/** Where the certificate stands in a Token Status List (wire.md "Status list"). */
export const StatusReference = z.strictObject({
  status_list: z.strictObject({
    uri: z.url({ protocol: /^https?$/ }).max(500),
    idx: z.int().min(0).max(2_147_483_647),
  }),
})
export type StatusReference = z.infer<typeof StatusReference>

/** The claims of a `product-certificate+jwt` (wire.md "Signed documents"). */
export interface CertificatePayload<C = unknown> {
  readonly schema: string
  readonly iss: PartyId
  readonly aud: string[]
  readonly status: StatusReference
  readonly certificate: C
}

/** The closed schema of the payload that carries this type of certificate. */
export function payloadSchema<C>(type: DocumentType<C>): z.ZodType<CertificatePayload<C>> {
  return z.strictObject({
    schema: z.literal(type.schemaId),
    iss: PartyId,
    aud: z.array(Country).min(1).max(32),
    status: StatusReference,
    certificate: type.certificate,
  })
}

export type ParsedPayload =
  | {
      readonly outcome: 'readable'
      readonly type: DocumentType
      readonly payload: CertificatePayload
    }
  /** Another type or version: keep the document, answer "not readable". */
  | { readonly outcome: 'not-readable'; readonly schema: string }
  | { readonly outcome: 'malformed'; readonly issues: readonly PayloadIssue[] }

/** What is wrong with a payload, and where (RFC 6901). */
export interface PayloadIssue {
  readonly path: string
  readonly message: string
}

/** Reads verified payload claims. `aud` names states once, and for CT-1 exactly the presenting one. */
export function parsePayload(claims: unknown): ParsedPayload {
  const head = Head.safeParse(claims)
  if (!head.success) return malformed(head.error.issues)
  const type = documentTypeOf(head.data.schema)
  if (!type) return { outcome: 'not-readable', schema: head.data.schema }
  const { schema, accepts } = schemaOf(type)
  const parsed = accepts(claims)
    ? { success: true as const, data: claims as CertificatePayload }
    : schema.safeParse(claims)
  if (!parsed.success) return malformed(parsed.error.issues)
  const payload = parsed.data
  const problem = addressProblem(type, payload)
  if (problem) return { outcome: 'malformed', issues: [{ path: '/aud', message: problem }] }
  return { outcome: 'readable', type, payload }
}

const Head = z.object({ schema: z.string().min(1).max(64) })

interface TypeSchema {
  readonly schema: z.ZodType<CertificatePayload>
  readonly accepts: Acceptance
}
const SCHEMAS = new Map<string, TypeSchema>()

function schemaOf(type: DocumentType): TypeSchema {
  let held = SCHEMAS.get(type.schemaId)
  if (!held) {
    const schema = payloadSchema(type)
    held = { schema, accepts: acceptanceOf(schema) }
    SCHEMAS.set(type.schemaId, held)
  }
  return held
}

function addressProblem(type: DocumentType, payload: CertificatePayload): string | undefined {
  const { aud, certificate } = payload
  if (new Set(aud).size !== aud.length) return 'A state is named twice'
  const expected = type.addressees(certificate)
  if (!expected) return undefined
  const agrees = aud.length === expected.length && expected.every((state) => aud.includes(state))
  return agrees ? undefined : `The certificate is for ${expected.join(', ')} and for no other state`
}

/** The certificate's schema issues as pointers; the report of an upload quotes them. */
export function payloadIssues(issues: readonly z.core.$ZodIssue[]): PayloadIssue[] {
  return issues.slice(0, MAX_ISSUES).map((issue) => ({
    path: issue.path.map((part) => `/${escaped(String(part))}`).join(''),
    message: issue.message,
  }))
}

const MAX_ISSUES = 20

function malformed(issues: readonly z.core.$ZodIssue[]): ParsedPayload {
  return { outcome: 'malformed', issues: payloadIssues(issues) }
}

function escaped(segment: string): string {
  return segment.replaceAll('~', '~0').replaceAll('/', '~1')
}
