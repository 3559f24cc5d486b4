import type * as z from 'zod'
import type { CertificateId, DocType } from './certificate-id.ts'
import type { Lifecycle } from './certificate-state.ts'
import type { Day } from './day.ts'
import type { Party } from './fields.ts'
import type { Policy } from './policy.ts'
import type { Measure, Rule } from './rule.ts'

/** A quantity of one line, by what was measured: net and gross mass share the unit KGM. */
export interface LineQuantity {
  readonly measure: Measure
  readonly value: number
  readonly unit: string
}

/** An invoice as named; conformity documents give no date. */
export interface InvoiceRef {
  readonly number: string
  readonly date?: Day
}

/** One line of goods, for matching against the lines of a goods declaration. */
export interface CertificateLine {
  readonly n: number
  readonly hsCodes: readonly string[]
  readonly description: string
  readonly quantities: readonly LineQuantity[]
  readonly origin?: string
  readonly invoice?: InvoiceRef
}

export type PartyRole =
  'exporter' | 'consignor' | 'consignee' | 'importer' | 'applicant' | 'manufacturer'

export interface CertificateParty {
  readonly role: PartyRole
  readonly party: Party
}

/**
 * What the exchange needs to know of a kind of certificate: schema, identity, rules and effect.
 * A new kind is one folder that exports one of these, and one line in `document-types.ts`.
 */
export interface DocumentType<C = unknown> extends Lifecycle<C> {
  readonly type: DocType
  /** The payload member `schema` (wire.md): type and major version. */
  readonly schemaId: string
  /** Closed and bounded at every level; fit for `z.toJSONSchema` with `io: 'input'`. */
  readonly certificate: z.ZodType<C>
  readonly rules: readonly Rule<C>[]
  /** Issuing state, and the number as written. */
  identity(certificate: C): { readonly state: string; readonly number: string }
  /** Must equal the trust list's `code` or `authorityId` of the body that signs. */
  issuingBody(certificate: C): { readonly code: string } | { readonly authorityId: string }
  /** The states it is for; undefined where the request names them. */
  addressees(certificate: C): readonly string[] | undefined
  /** Commodity codes in it, for the issuer's scope. */
  productGroups(certificate: C): readonly string[]
  lines(certificate: C): readonly CertificateLine[]
  parties(certificate: C): readonly CertificateParty[]
  invoices(certificate: C): readonly InvoiceRef[]
  /** Other certificates its rules look up; following them from one to the next walks a chain. */
  references(certificate: C, policy: Policy): readonly CertificateId[]
  /** The certificate in whose place it says it was issued (rules.md §4.2). */
  replaces(certificate: C): CertificateId | undefined
}
