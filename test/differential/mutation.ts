import type { RandomSource } from '../fuzz/mutation.ts'
import { EXCHANGE_POLICY } from '../../src/x509/oids.ts'
import { aki, policies, ski } from '../unit/x509/forgery.ts'
import {
  type Bytes,
  type CertificateSpec,
  type ChainSpec,
  type CrlSpec,
  named,
  type Role,
} from './chain.ts'
import { keyOf } from './keys.ts'

/** One change of a conforming chain, in one place. */
export interface Mutation {
  /** Rule of the trust profile that it is about. */
  readonly rule: string
  /** Unique together with the place. */
  readonly name: string
  readonly place: Role | 'chain' | `${CrlSpec['role']} CRL`
  apply(chain: ChainSpec, random: RandomSource): ChainSpec
}

export const nameOf = ({ name, place }: Mutation): string => `${name} (${place})`

export type CertificateChange = (
  certificate: CertificateSpec,
  random: RandomSource,
  chain: ChainSpec,
) => Partial<CertificateSpec>

/** The same change in the certificate of each of these roles. */
export function inEach(
  roles: readonly Role[],
  rule: string,
  changes: Readonly<Record<string, CertificateChange>>,
): Mutation[] {
  return roles.flatMap((place) =>
    Object.entries(changes).map(([name, change]) => ({
      rule,
      name,
      place,
      apply: (chain: ChainSpec, random: RandomSource) => changed(chain, place, change, random),
    })),
  )
}

export function inChain(
  rule: string,
  changes: Readonly<Record<string, Mutation['apply']>>,
): Mutation[] {
  return Object.entries(changes).map(([name, apply]) => ({ rule, name, place: 'chain', apply }))
}

/** The same change in the list of each of these authorities; revocation is asked for then. */
export function inEachCrl(
  roles: readonly CrlSpec['role'][],
  rule: string,
  changes: Readonly<Record<string, (crl: CrlSpec, chain: ChainSpec) => Partial<CrlSpec> | 'none'>>,
): Mutation[] {
  return roles.flatMap((role) =>
    Object.entries(changes).map(([name, change]) => ({
      rule,
      name,
      place: `${role} CRL` as const,
      apply: (chain: ChainSpec) => ({
        ...chain,
        crls: chain.crls.flatMap((crl) => {
          if (crl.role !== role) return [crl]
          const parts = change(crl, chain)
          return parts === 'none' ? [] : [{ ...crl, ...parts }]
        }),
      }),
    })),
  )
}

export function changed(
  chain: ChainSpec,
  role: Role,
  change: CertificateChange,
  random: RandomSource,
): ChainSpec {
  const certificates = chain.certificates.map((certificate) =>
    certificate.role === role
      ? { ...certificate, ...change(certificate, random, chain) }
      : certificate,
  )
  return { ...chain, certificates }
}

/** Extensions set by name, or with `undefined` left out; others stay. */
export const extend =
  (parts: Readonly<Record<string, Bytes | undefined>>): CertificateChange =>
  (certificate) =>
    extended(certificate, parts)

export function extended(
  { extensions }: CertificateSpec,
  parts: Readonly<Record<string, Bytes | undefined>>,
): Partial<CertificateSpec> {
  return { extensions: merged(extensions, parts) }
}

export function merged(
  extensions: Readonly<Record<string, Bytes>>,
  parts: Readonly<Record<string, Bytes | undefined>>,
): Record<string, Bytes> {
  const all = Object.entries({ ...extensions, ...parts })
  return Object.fromEntries(all.filter((entry): entry is [string, Bytes] => entry[1] !== undefined))
}

/** An authority put between this role and the one above it, with a key that the next below hangs on. */
export function inserted(
  chain: ChainSpec,
  below: Role,
  id: string,
  { subject, extensions }: Partial<Pick<CertificateSpec, 'subject' | 'extensions'>> = {},
): ChainSpec {
  const at = chain.certificates.findIndex(({ role }) => role === below)
  const above = chain.certificates[at - 1]!
  const certificates = chain.certificates.map((certificate, i) =>
    i === at ? { ...certificate, ...extended(certificate, { aki: aki(id) }) } : certificate,
  )
  const extra: CertificateSpec = {
    ...above,
    role: 'extra',
    keyId: id,
    key: keyOf(above.key.kind, 10 + certificates.length),
    subject: subject ?? named(id),
    extensions: {
      ...(extensions ?? above.extensions),
      ski: ski(id),
      aki: aki(above.keyId ?? above.role),
      pol: policies(EXCHANGE_POLICY),
    },
  }
  return { ...chain, crls: [], certificates: certificates.toSpliced(at, 0, extra) }
}
