import { generateKeyPair, signingKey } from '../../../src/crypto/suite.ts'
import { derElement, derInteger } from '../../../src/encoding/der-writer.ts'
import { EKU, EXCHANGE_POLICY, EXTENSION } from '../../../src/x509/oids.ts'

type Bytes = Uint8Array<ArrayBuffer>

/** Someone with a key pair and a certificate, right or wrong as the test wants it. */
export interface Actor {
  readonly name: Bytes
  readonly pkcs8: Bytes
  readonly spki: Bytes
  readonly certificate: Bytes
}

export interface Recipe {
  readonly subject: Bytes
  readonly issuer?: Pick<Actor, 'name' | 'pkcs8'>
  readonly keys?: { readonly pkcs8: Bytes; readonly spki: Bytes }
  readonly extensions: readonly Bytes[]
  readonly notBefore?: string
  readonly notAfter?: string
  readonly serialNumber?: Bytes
  readonly version?: number
  /** AlgorithmIdentifier outside the signed part, when it is to differ. */
  readonly outerAlgorithm?: Bytes
}

export const ECDSA_SHA256 = hexToOctets('300a06082a8648ce3d040302')

/** Makes a certificate field by field, so that any field can be wrong. */
export async function forge(recipe: Recipe): Promise<Actor> {
  const keys = recipe.keys ?? (await generateKeyPair('ES256'))
  const issuer = recipe.issuer ?? { name: recipe.subject, pkcs8: keys.pkcs8 }
  const version = recipe.version ?? 2
  const tbs = derElement(
    0x30,
    version === 0 ? empty : derElement(0xa0, derInteger(BigInt(version))),
    derElement(0x02, recipe.serialNumber ?? new Uint8Array([0x5a, 1, 2, 3])),
    ECDSA_SHA256,
    issuer.name,
    derElement(
      0x30,
      derTime(recipe.notBefore ?? '260101000000Z'),
      derTime(recipe.notAfter ?? '360101000000Z'),
    ),
    recipe.subject,
    keys.spki,
    recipe.extensions.length > 0 ? derElement(0xa3, derElement(0x30, ...recipe.extensions)) : empty,
  )
  const algorithm = recipe.outerAlgorithm ?? ECDSA_SHA256
  const certificate = derElement(0x30, tbs, algorithm, await signDer(tbs, issuer.pkcs8))
  return { name: recipe.subject, ...keys, certificate }
}

/** An empty CRL with nothing in it but its number and what is given; times as `YYMMDDhhmmssZ`. */
export async function forgeCrl(
  issuer: Pick<Actor, 'name' | 'pkcs8'>,
  times: { readonly thisUpdate: string; readonly nextUpdate: string },
  extensions: readonly Bytes[] = [],
  number = extension(EXTENSION.crlNumber, false, derInteger(1n)),
): Promise<Bytes> {
  const tbs = derElement(
    0x30,
    derInteger(1n),
    ECDSA_SHA256,
    issuer.name,
    derTime(times.thisUpdate),
    derTime(times.nextUpdate),
    derElement(0xa0, derElement(0x30, number, ...extensions)),
  )
  return derElement(0x30, tbs, ECDSA_SHA256, await signDer(tbs, issuer.pkcs8))
}

const empty = new Uint8Array()

/** An ES256 signature as the BIT STRING that X.509 wants. */
export async function signDer(tbs: Uint8Array, pkcs8: Bytes): Promise<Bytes> {
  const raw = await (await signingKey(pkcs8, 'ES256')).sign(tbs)
  const half = (octets: Uint8Array) =>
    derInteger(BigInt(`0x${Array.from(octets, (o) => o.toString(16).padStart(2, '0')).join('')}`))
  const pair = derElement(0x30, half(raw.subarray(0, 32)), half(raw.subarray(32)))
  return derElement(0x03, new Uint8Array([0]), pair)
}

function derTime(text: string): Bytes {
  return derElement(text.length === 13 ? 0x17 : 0x18, new TextEncoder().encode(text))
}

const ATTRIBUTES = { C: '2.5.4.6', O: '2.5.4.10', CN: '2.5.4.3', E: '1.2.840.113549.1.9.1' }

/** A name of UTF8String values, one attribute per RDN. */
export function derName(...rdns: readonly [keyof typeof ATTRIBUTES, string][]): Bytes {
  const sets = rdns.map(([type, value]) =>
    derElement(
      0x31,
      derElement(
        0x30,
        derOid(ATTRIBUTES[type]),
        derElement(type === 'E' ? 0x16 : 0x0c, new TextEncoder().encode(value)),
      ),
    ),
  )
  return derElement(0x30, ...sets)
}

export function derOid(oid: string): Bytes {
  const [first = 0n, second = 0n, ...rest] = oid.split('.').map(BigInt)
  const octets = [first * 40n + second, ...rest].flatMap((arc) => {
    const groups = [Number(arc & 127n)]
    for (let left = arc >> 7n; left > 0n; left >>= 7n) groups.unshift(Number(left & 127n) | 128)
    return groups
  })
  return derElement(0x06, new Uint8Array(octets))
}

export function extension(oid: string, critical: boolean, value: Uint8Array): Bytes {
  const flag = critical ? derElement(0x01, new Uint8Array([0xff])) : empty
  return derElement(0x30, derOid(oid), flag, derElement(0x04, value))
}

const keyIdentifier = (text: string) => new TextEncoder().encode(text)
export const ski = (id: string) =>
  extension(EXTENSION.subjectKeyIdentifier, false, derElement(0x04, keyIdentifier(id)))
export const aki = (id: string) =>
  extension(
    EXTENSION.authorityKeyIdentifier,
    false,
    derElement(0x30, derElement(0x80, keyIdentifier(id))),
  )
/** Octets of the BIT STRING, number of unused bits first. */
export const keyUsage = (octets: readonly number[], critical = true) =>
  extension(EXTENSION.keyUsage, critical, derElement(0x03, new Uint8Array(octets)))
export const CA_USAGE = [1, 0x06]
export const SEAL_USAGE = [6, 0xc0]
export const basicConstraints = (pathLen?: bigint, critical = true) =>
  extension(
    EXTENSION.basicConstraints,
    critical,
    derElement(
      0x30,
      derElement(0x01, new Uint8Array([0xff])),
      pathLen === undefined ? empty : derInteger(pathLen),
    ),
  )
export const eku = (...oids: readonly string[]) =>
  extension(EXTENSION.extendedKeyUsage, false, derElement(0x30, ...oids.map(derOid)))
export const policies = (...oids: readonly string[]) =>
  extension(
    EXTENSION.certificatePolicies,
    false,
    derElement(0x30, ...oids.map((oid) => derElement(0x30, derOid(oid)))),
  )
/** Already encoded GeneralNames as permitted subtrees. */
export const permitted = (bases: readonly Bytes[], critical = true) =>
  extension(
    EXTENSION.nameConstraints,
    critical,
    derElement(0x30, derElement(0xa0, ...bases.map((base) => derElement(0x30, base)))),
  )
export const directoryName = (name: Bytes) => derElement(0xa4, name)
export const dnsName = (text: string) => derElement(0x82, new TextEncoder().encode(text))

export function hexToOctets(hex: string): Bytes {
  return new Uint8Array((hex.match(/../g) ?? []).map((pair) => parseInt(pair, 16)))
}

/** The extensions of a conforming document seal path, role by role. */
export const CONFORMING = {
  root: [ski('root'), keyUsage(CA_USAGE), basicConstraints()],
  stateCa: [
    ski('state'),
    aki('root'),
    keyUsage(CA_USAGE),
    basicConstraints(1n),
    policies(EXCHANGE_POLICY),
  ],
  bodyCa: [
    ski('body'),
    aki('state'),
    keyUsage(CA_USAGE),
    basicConstraints(0n),
    policies(EXCHANGE_POLICY),
    permitted([directoryName(derName(['C', 'BY']))]),
  ],
  seal: [
    ski('seal'),
    aki('body'),
    keyUsage(SEAL_USAGE),
    eku(EKU.documentSigning),
    policies(EXCHANGE_POLICY),
  ],
} as const

/** The list with one element replaced. */
export function replaced(extensions: readonly Bytes[], index: number, by: Bytes): Bytes[] {
  return extensions.with(index, by)
}

export type Changes = Partial<Record<keyof typeof CONFORMING, Partial<Recipe>>>

export interface ForgedPath {
  readonly root: Actor
  readonly stateCa: Actor
  readonly bodyCa: Actor
  readonly seal: Actor
  readonly x5c: readonly Bytes[]
}

/** A path that conforms to the exchange profile but for the changes named. */
export async function forgePath(changes: Changes = {}): Promise<ForgedPath> {
  const named = (cn: string) => derName(['C', 'BY'], ['O', 'Forgery'], ['CN', cn])
  const root = await forge({ subject: named('Root'), extensions: CONFORMING.root, ...changes.root })
  const stateCa = await forge({
    subject: named('State CA'),
    issuer: root,
    extensions: CONFORMING.stateCa,
    ...changes.stateCa,
  })
  const bodyCa = await forge({
    subject: named('Body CA'),
    issuer: stateCa,
    extensions: CONFORMING.bodyCa,
    ...changes.bodyCa,
  })
  const seal = await forge({
    subject: named('Seal'),
    issuer: bodyCa,
    extensions: CONFORMING.seal,
    ...changes.seal,
  })
  return { root, stateCa, bodyCa, seal, x5c: [seal, bodyCa, stateCa].map((a) => a.certificate) }
}
