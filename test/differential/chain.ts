import { derElement, derInteger } from '../../src/encoding/der-writer.ts'
import { EKU, EXCHANGE_POLICY } from '../../src/x509/oids.ts'
import type { PolicyInputs } from '../../src/x509/policy-graph.ts'
import {
  aki,
  basicConstraints,
  CA_USAGE,
  derName,
  directoryName,
  eku,
  hexToOctets,
  keyUsage,
  permitted,
  policies,
  SEAL_USAGE,
  ski,
} from '../unit/x509/forgery.ts'
import {
  type Key,
  type KeyKind,
  keyOf,
  SIGNATURES,
  type SignatureName,
  signatureBy,
} from './keys.ts'

export type Bytes = Uint8Array<ArrayBuffer>

export type Role = 'root' | 'state' | 'body' | 'seal'
export const ROLES: readonly Role[] = ['root', 'state', 'body', 'seal']

/** A certificate before it is signed; every part may be wrong. */
export interface CertificateSpec {
  /** `extra` for an authority put in between. */
  readonly role: Role | 'extra'
  readonly key: Key
  /** Of its key identifier, the role unless given. */
  readonly keyId?: string
  readonly subject: Bytes
  /** The subject of the certificate above unless given. */
  readonly issuer?: Bytes
  /** The key above unless given. */
  readonly signer?: Key
  readonly signature?: SignatureName
  /** AlgorithmIdentifiers inside and outside the signed part, unless those of the signature. */
  readonly innerAlgorithm?: Bytes
  readonly outerAlgorithm?: Bytes
  /** The version field as encoded. */
  readonly version: Bytes
  readonly serialNumber: Bytes
  /** Times as encoded. */
  readonly notBefore: Bytes
  readonly notAfter: Bytes
  /** Unique identifiers, as encoded. */
  readonly between?: Bytes
  readonly extensions: Readonly<Record<string, Bytes>>
  /** In place of the field of extensions. */
  readonly extensionField?: Bytes
  /** Changes the signed part before it is signed, what was signed afterwards, or the signature. */
  readonly beforeSigning?: (tbs: Bytes) => Bytes
  readonly afterSigning?: (der: Bytes) => Bytes
  readonly signatureBits?: (bits: Bytes) => Bytes
  /** What the BIT STRING of the signature says of its last octet. */
  readonly unusedBits?: number
}

/** A CRL before it is signed. */
export interface CrlSpec {
  /** Who issues it: the role of an authority. */
  readonly role: Exclude<Role, 'seal'>
  readonly issuer?: Bytes
  readonly signer?: Key
  readonly outerAlgorithm?: Bytes
  readonly version: Bytes
  readonly thisUpdate: Bytes
  readonly nextUpdate: Bytes
  /** revokedCertificates as encoded, empty when there are none. */
  readonly revoked: Bytes
  readonly extensions: Readonly<Record<string, Bytes>>
  readonly afterSigning?: (der: Bytes) => Bytes
}

/** A chain from the root to the seal with everything that it is judged by. */
export interface ChainSpec {
  readonly certificates: readonly CertificateSpec[]
  /** Lists of the authorities; none: revocation is not asked. */
  readonly crls: readonly CrlSpec[]
  readonly at: Date
  readonly policy: PolicyInputs
}

export const STRICT_POLICY: PolicyInputs = {
  initialPolicySet: [EXCHANGE_POLICY],
  explicit: true,
  inhibitMapping: true,
  inhibitAny: true,
}

export const AT = new Date('2027-06-01T00:00:00Z')
export const empty = new Uint8Array()

/** UTCTime, or GeneralizedTime where wanted or needed. */
export function timeOf(date: Date, form: 'UTC' | 'generalized' = 'UTC'): Bytes {
  const digits = `${date.toISOString().replaceAll(/[-:T]|\.\d+Z/g, '')}Z`
  const isUtc = form === 'UTC' && date.getUTCFullYear() < 2050
  return isUtc ? timeText(digits.slice(2), 0x17) : timeText(digits, 0x18)
}
export const timeText = (text: string, tag: 0x17 | 0x18) =>
  derElement(tag, new TextEncoder().encode(text))
export const daysFrom = (at: Date, days: number) => new Date(at.getTime() + days * 86_400_000)

export const named = (cn: string) => derName(['C', 'BY'], ['O', 'Differential'], ['CN', cn])
export const version = (number: number) => derElement(0xa0, derInteger(BigInt(number)))

/** Kinds of the four keys, root first. */
export type Kinds = readonly [KeyKind, KeyKind, KeyKind, KeyKind]

/** A conforming chain; `crls` says whether lists go with it. */
export function conformingChain(kinds: Kinds, crls: boolean): ChainSpec {
  const authority = (id: string, above: string, pathLen: bigint) => ({
    ski: ski(id),
    aki: aki(above),
    ku: keyUsage(CA_USAGE),
    bc: basicConstraints(pathLen),
    pol: policies(EXCHANGE_POLICY),
  })
  const extensions: Record<Role, Record<string, Bytes>> = {
    root: { ski: ski('root'), ku: keyUsage(CA_USAGE), bc: basicConstraints() },
    state: authority('state', 'root', 1n),
    body: {
      ...authority('body', 'state', 0n),
      nc: permitted([directoryName(derName(['C', 'BY']))]),
    },
    seal: {
      ski: ski('seal'),
      aki: aki('body'),
      ku: keyUsage(SEAL_USAGE),
      eku: eku(EKU.documentSigning),
      pol: policies(EXCHANGE_POLICY),
    },
  }
  return {
    certificates: ROLES.map((role, number) => ({
      role,
      key: keyOf(kinds[number]!, number),
      subject: named(role),
      version: version(2),
      serialNumber: Uint8Array.of(0x5a, number, 2, 3),
      notBefore: timeOf(new Date('2026-01-01T00:00:00Z')),
      notAfter: timeOf(new Date('2036-01-01T00:00:00Z')),
      extensions: extensions[role],
    })),
    crls: crls ? (['root', 'state', 'body'] as const).map(conformingCrl) : [],
    at: AT,
    policy: STRICT_POLICY,
  }
}

export const crlNumber = derElement(
  0x30,
  hexToOctets('0603551d14'),
  derElement(0x04, derInteger(7n)),
)

function conformingCrl(role: CrlSpec['role']): CrlSpec {
  return {
    role,
    version: derInteger(1n),
    thisUpdate: timeOf(daysFrom(AT, -10)),
    nextUpdate: timeOf(daysFrom(AT, 20)),
    revoked: empty,
    extensions: { aki: aki(role), number: crlNumber },
  }
}

/** A chain as bytes. */
export interface Chain {
  readonly root: Bytes
  /** Below the root, the state's first. */
  readonly authorities: readonly Bytes[]
  readonly seal: Bytes
  readonly crls: readonly Bytes[]
}

/** Signs what is not signed yet: most parts of most chains are the same. */
export function buildChain({ certificates, crls }: ChainSpec): Chain {
  const ders = certificates.map((spec, i) => buildCertificate(spec, certificates[i - 1] ?? spec))
  const issuers = new Map(certificates.map((spec) => [spec.role, spec]))
  return {
    root: ders[0]!,
    authorities: ders.slice(1, -1),
    seal: ders.at(-1)!,
    crls: crls.map((spec) => buildCrl(spec, issuers.get(spec.role)!)),
  }
}

function buildCertificate(spec: CertificateSpec, above: CertificateSpec): Bytes {
  const signer = spec.signer ?? above.key
  const signature = spec.signature ?? signer.signature
  const { identifier } = SIGNATURES[signature]
  const extensions = Object.values(spec.extensions)
  const tbs = derElement(
    0x30,
    spec.version,
    derElement(0x02, spec.serialNumber),
    spec.innerAlgorithm ?? identifier,
    spec.issuer ?? above.subject,
    derElement(0x30, spec.notBefore, spec.notAfter),
    spec.subject,
    spec.key.spki,
    spec.between ?? empty,
    spec.extensionField ??
      (extensions.length > 0 ? derElement(0xa3, derElement(0x30, ...extensions)) : empty),
  )
  return signed(spec.beforeSigning?.(tbs) ?? tbs, spec.outerAlgorithm ?? identifier, signer, {
    ...spec,
    signature,
  })
}

function buildCrl(spec: CrlSpec, issuer: CertificateSpec): Bytes {
  const signer = spec.signer ?? issuer.key
  const { identifier } = SIGNATURES[signer.signature]
  const extensions = Object.values(spec.extensions)
  const tbs = derElement(
    0x30,
    spec.version,
    identifier,
    spec.issuer ?? issuer.subject,
    spec.thisUpdate,
    spec.nextUpdate,
    spec.revoked,
    extensions.length > 0 ? derElement(0xa0, derElement(0x30, ...extensions)) : empty,
  )
  return signed(tbs, spec.outerAlgorithm ?? identifier, signer, {
    signature: signer.signature,
    ...spec,
  })
}

const held = new Map<string, Bytes>()

function signed(
  tbs: Bytes,
  algorithm: Bytes,
  signer: Key,
  how: Pick<CertificateSpec, 'afterSigning' | 'signatureBits' | 'unusedBits'> & {
    signature: SignatureName
  },
): Bytes {
  const id = `${signer.name} ${how.signature} ${Buffer.from(tbs).toString('latin1')}`
  const bits = held.get(id) ?? signatureBy(signer, how.signature, tbs)
  held.set(id, bits)
  const der = derElement(
    0x30,
    tbs,
    algorithm,
    derElement(0x03, Uint8Array.of(how.unusedBits ?? 0), how.signatureBits?.(bits) ?? bits),
  )
  return how.afterSigning?.(der) ?? der
}
