import { DerError } from '../encoding/der-error.ts'
import type { DerReader } from '../encoding/der.ts'
import { generalNameKey, readGeneralNames } from './general-name.ts'
import { octetsToHex } from '../encoding/octets.ts'

/** Where and for which reasons revocation is announced (RFC 5280 §4.2.1.13). */
export interface DistributionPoint {
  readonly name: DistributionPointName | undefined
  /** Numbers of ReasonFlags bits; `undefined` is every reason. */
  readonly reasons: readonly number[] | undefined
  readonly hasCrlIssuer: boolean
}

/**
 * Keys of the full names, or of the one name relative to the CRL issuer. A relative name is compared as
 * it stands with another one and never resolved, so it equals no full name (trust profile R6).
 */
export type DistributionPointName = ReadonlySet<string>

/** Reads CRLDistributionPoints. */
export function readDistributionPoints(reader: DerReader): DistributionPoint[] {
  return reader.sequenceOf((item) => {
    const fields = item.sequence()
    const name = readDistributionPointName(fields)
    const reasons = fields.tag === 0x81 ? fields.namedBits(0x81) : undefined
    const hasCrlIssuer = fields.tag === 0xa2 && readGeneralNames(fields, 0xa2).length > 0
    fields.end()
    if (!name && !hasCrlIssuer) throw new DerError('names neither a place nor an issuer')
    return { name, reasons, hasCrlIssuer }
  })
}

/** Reads the optional field distributionPoint [0], the same in a certificate and in a CRL. */
function readDistributionPointName(fields: DerReader): DistributionPointName | undefined {
  if (fields.tag !== 0xa0) return undefined
  const choice = fields.sequence(0xa0)
  const relative = choice.optional(0xa1)
  const keys = relative
    ? [`relative ${octetsToHex(relative.content)}`]
    : readGeneralNames(choice, 0xa0).map(generalNameKey)
  choice.end()
  return new Set(keys)
}

/** What a CRL says of itself (RFC 5280 §5.2.5). */
export interface IssuingDistributionPoint {
  readonly name: DistributionPointName | undefined
  readonly onlyUserCerts: boolean
  readonly onlyCaCerts: boolean
  readonly onlyAttributeCerts: boolean
  /** Numbers of ReasonFlags bits; `undefined` is every reason. */
  readonly onlyReasons: readonly number[] | undefined
  readonly isIndirect: boolean
}

export function readIssuingDistributionPoint(reader: DerReader): IssuingDistributionPoint {
  const fields = reader.sequence()
  if (fields.tag === undefined) throw new DerError('distribution point says nothing')
  const name = readDistributionPointName(fields)
  const onlyUserCerts = fields.defaultFalse(0x81)
  const onlyCaCerts = fields.defaultFalse(0x82)
  const onlyReasons = fields.tag === 0x83 ? fields.namedBits(0x83) : undefined
  const isIndirect = fields.defaultFalse(0x84)
  const onlyAttributeCerts = fields.defaultFalse(0x85)
  fields.end()
  return { name, onlyUserCerts, onlyCaCerts, onlyAttributeCerts, onlyReasons, isIndirect }
}
