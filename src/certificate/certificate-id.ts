import { comparableNumber } from './number-folding.ts'

/** A document type's name: family and kind, `origin.ct1` (rules.md §9). */
export type DocType = `${string}.${string}`

declare const brand: unique symbol

/**
 * What a certificate is known by, for ever (wire.md "Names"): issuing state, type and folded number.
 * Comes only from `parseCertificateId`, so equal identities always have equal members.
 */
export interface CertificateId {
  readonly state: string
  readonly type: DocType
  /** Folded for comparison; the number as written stands in the document. */
  readonly number: string
  readonly [brand]: true
}

const STATE = /^[A-Z]{2}$/
const TYPE = /^[a-z]+\.[a-z0-9-]+$/
const MAX_NUMBER = 100

/** The identity with this number, or undefined where state, type or number cannot name a certificate. */
export function parseCertificateId(parts: {
  readonly state: string
  readonly type: string
  readonly number: string
}): CertificateId | undefined {
  const { state, type } = parts
  if (!STATE.test(state) || !TYPE.test(type) || parts.number.length > MAX_NUMBER) return undefined
  const number = comparableNumber(parts.number)
  if (number === '') return undefined
  return { state, type, number } as CertificateId
}

/** The identity as one string, for keys of maps and for logs. */
export function certificateKey(id: CertificateId): string {
  return `${id.state} ${id.type} ${id.number}`
}

export function sameCertificate(a: CertificateId, b: CertificateId): boolean {
  return certificateKey(a) === certificateKey(b)
}
