import { type CertificateId, parseCertificateId } from '../certificate-id.ts'
import type { Day } from '../day.ts'
import { numberFormatFor, readNumber } from '../number-format.ts'
import { comparableNumber } from '../number-folding.ts'
import { stateOf } from '../party-id.ts'
import type { NumberFormat, Policy } from '../policy.ts'
import type { Facts, RegisteredCertificate } from '../rule.ts'
import { OriginCt1, type Remark } from './schema.ts'

/** Remarks that name another certificate by number and date (rules.md §4.2). */
export const REFERRING = ['DUPLICATE', 'ISSUED_IN_REPLACEMENT', 'ISSUED_ON_BASIS_OF'] as const

export function remarkOf(certificate: OriginCt1, kind: Remark['kind']): Remark | undefined {
  return certificate.remarks.find((remark) => remark.kind === kind)
}

/** The day validity runs from: certification, for a duplicate the original's date (§8.2). */
export function issueDay(certificate: OriginCt1): Day | undefined {
  const duplicate = remarkOf(certificate, 'DUPLICATE')
  return duplicate ? duplicate.refDate : certificate.certification.date
}

/** All numbers of the certificate's 1993 series in order, where it belongs to one (rules.md §4.1). */
export function seriesOf(certificate: OriginCt1): readonly string[] | undefined {
  const { continuation } = certificate
  return continuation && 'series' in continuation ? continuation.series : undefined
}

/** The place in the series from 0; -1 where the series does not name this certificate. */
export function placeInSeries(certificate: OriginCt1, series: readonly string[]): number {
  const own = comparableNumber(certificate.number)
  return series.findIndex((number) => comparableNumber(number) === own)
}

/** The identity of another certificate of the same state. */
export function siblingId(certificate: OriginCt1, number: string): CertificateId | undefined {
  return parseCertificateId({ state: certificate.issuedIn, type: 'origin.ct1', number })
}

/** The identity of a CT-1 of any state, read from a number whose format names the state. */
export function foreignId(policy: Policy, number: string): CertificateId | undefined {
  for (const format of policy.numberFormats) {
    if (format.type !== 'origin.ct1') continue
    const state = readNumber(format, number)?.issuer
    if (state !== undefined) return parseCertificateId({ state, type: 'origin.ct1', number })
  }
  return undefined
}

export interface RegisteredCt1 extends RegisteredCertificate {
  readonly certificate: OriginCt1
}

/** A certificate from the registry facts; another type's bytes under that identity are no CT-1. */
export function registered(
  facts: Required<Pick<Facts, 'registry'>>,
  id: CertificateId | undefined,
): RegisteredCt1 | undefined {
  const entry = id && facts.registry.find(id)
  if (!entry) return undefined
  const parsed = OriginCt1.safeParse(entry.certificate)
  return parsed.success ? { ...entry, certificate: parsed.data } : undefined
}

/** The number format of the body that issues, or of its state. */
export function formatOf(certificate: OriginCt1, facts: Facts): NumberFormat | undefined {
  const { issuedIn } = certificate
  const party = facts.issuer !== undefined && stateOf(facts.issuer) === issuedIn
  const issuer = party && facts.issuer !== undefined ? facts.issuer : issuedIn
  return numberFormatFor(facts.policy, { issuer, type: 'origin.ct1' })
}
