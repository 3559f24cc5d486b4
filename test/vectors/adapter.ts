import { X509Certificate } from 'node:crypto'
import { parsePublicKey } from '../../src/crypto/public-key.ts'
import {
  type JwsAlgorithm,
  sha256Sync,
  verifyEd25519,
  verifyJwsSignature,
} from '../../src/crypto/suite.ts'
import { type JadesSignature, readJades } from '../../src/jades/container.ts'
import { headerFaults } from '../../src/jades/header-rules.ts'
import { timestampImprints, type TimestampImprint } from '../../src/jades/timestamp-imprint.ts'
import { parseJws } from '../../src/jose/parse.ts'
import { verifyConsistency as verifyConsistencyProof } from '../../src/tlog/consistency.ts'
import { verifyInclusion as verifyInclusionProof } from '../../src/tlog/inclusion.ts'
import { type Jwk, signatureIsValid } from './jws-verifier.ts'
import { crlSource } from '../../src/x509/crl-source.ts'
import { parseCrl } from '../../src/x509/crl.ts'
import type { Crl } from '../../src/x509/crl.ts'
import type { Malformed } from '../../src/encoding/der.ts'
import { ANY_POLICY_INPUTS } from '../../src/x509/policy-graph.ts'
import type { PolicyInputs } from '../../src/x509/policy-graph.ts'
import {
  decodeStatusList,
  type EncodedStatusList,
  statusAt as statusAtIndex,
} from '../../src/status-list/status-list.ts'
import { crlEvidence } from '../../src/x509/revocation.ts'
import { statusOf } from '../../src/x509/revocation-evidence.ts'
import { parseX509Certificate } from '../../src/x509/x509-certificate.ts'
import type { X509Certificate as ParsedX509Certificate } from '../../src/x509/x509-certificate.ts'
import { validateAnyPath } from './path-builder.ts'

export interface Verdict {
  readonly ok: boolean
  readonly reason: string
}

export interface PathCase {
  readonly leaf: Uint8Array
  readonly intermediates: readonly Uint8Array[]
  readonly anchors: readonly Uint8Array[]
  /** None: revocation is not checked. */
  readonly crls: readonly Uint8Array[]
  readonly at: Date
  readonly eku: readonly string[]
  readonly maxDepth?: number
  readonly policy?: PolicyInputs
  readonly issuanceRules: boolean
  readonly rsaMinBits: number
}

/** Production looks at a month and more; the vectors hold lists of many years. */
const UNLIMITED_AGE_DAYS = { anchor: 100_000, intermediate: 100_000 }

/** Drives the engine, not the exchange profile over it. */
export async function verifyPath(c: PathCase): Promise<Verdict> {
  const leaf = parseX509Certificate(c.leaf)
  if ('malformed' in leaf) return { ok: false, reason: `leaf: ${leaf.malformed}` }
  const crls = crlSource(parsed<Crl>(c.crls, parseCrl))
  const bag = parsed<ParsedX509Certificate>(c.intermediates, parseX509Certificate)
  const demand = {
    crls,
    crlSigners: bag,
    now: c.at,
    maxAgeDays: UNLIMITED_AGE_DAYS,
    required: true,
  }
  return validateAnyPath(leaf, bag, {
    anchors: parsed<ParsedX509Certificate>(c.anchors, parseX509Certificate),
    query: {
      at: c.at,
      eku: c.eku,
      policy: c.policy ?? ANY_POLICY_INPUTS,
      issuanceRules: c.issuanceRules,
      rsaMinBits: c.rsaMinBits,
      ...(c.maxDepth !== undefined && { maxDepth: c.maxDepth }),
      revocation: c.crls.length > 0 ? demand : undefined,
    },
  })
}

export interface CrlCase {
  readonly cert: Uint8Array
  readonly issuers: readonly Uint8Array[]
  readonly crl: Uint8Array
  readonly at: Date
  readonly maxAgeDays: number
  readonly rsaMinBits: number
}

export async function crlStatus(c: CrlCase): Promise<{ status: string; reason: string }> {
  const certificate = parseX509Certificate(c.cert)
  if ('malformed' in certificate) return { status: 'unknown', reason: certificate.malformed }
  const crl = parseCrl(c.crl)
  if ('malformed' in crl) return { status: 'unknown', reason: crl.malformed }
  const issuers = parsed<ParsedX509Certificate>(c.issuers, parseX509Certificate).flatMap(
    (issuer) => {
      const { key } = issuer
      return key && key.bits >= (key.type === 'RSA' ? c.rsaMinBits : 0)
        ? [{ certificate: issuer, key }]
        : []
    },
  )
  const evidence = await crlEvidence({
    certificate,
    issuers,
    crls: [crl],
    at: c.at,
    now: c.at,
    maxAgeDays: c.maxAgeDays,
    issuanceRules: false,
  })
  const status = statusOf(c.at, evidence, undefined)
  const reason = status.status === 'unknown' ? `${status.code}: ${status.detail}` : ''
  return { status: status.status, reason }
}

export interface RawCase {
  readonly spki: Uint8Array
  readonly alg: JwsAlgorithm
  readonly sig: Uint8Array
  readonly msg: Uint8Array
}

export async function verifyRaw({ spki, alg, sig, msg }: RawCase): Promise<Verdict> {
  const key = parsePublicKey(spki)
  if (!key) return { ok: false, reason: 'key outside the suite' }
  const ok = await verifyJwsSignature(alg, key, sig, msg)
  if (alg === 'Ed25519' && ok !== (await verifyEd25519(key.spki.slice(-32), sig, msg)))
    throw new Error('The two Ed25519 verifiers disagree')
  return { ok, reason: 'signature' }
}

export interface StatusListCase {
  readonly list: EncodedStatusList
  readonly indices: readonly number[]
}

/** `statusAt` for many indices of one list. */
export async function statusAt({
  list,
  indices,
}: StatusListCase): Promise<readonly (number | undefined)[]> {
  const decoded = await decodeStatusList(list)
  if ('malformed' in decoded) throw new Error(decoded.malformed)
  return indices.map((index) => statusAtIndex(decoded, index))
}

export type InclusionCase = Parameters<typeof verifyInclusionProof>[1]

export function verifyInclusion(proof: InclusionCase): Verdict {
  return { ok: verifyInclusionProof(sha256Sync, proof), reason: '' }
}

export type ConsistencyCase = Parameters<typeof verifyConsistencyProof>[1]

export function verifyConsistency(proof: ConsistencyCase): Verdict {
  return { ok: verifyConsistencyProof(sha256Sync, proof), reason: '' }
}

export interface JadesAnswer {
  readonly container: string
  readonly reasons: readonly string[]
  /** Whether the rules of production let the document in at all. */
  readonly inProduction: boolean
  readonly signatures: readonly {
    readonly value: string
    readonly timestamps: readonly TimestampImprint[]
  }[]
}

/** Container, header and imprints of a JAdES document; no trust decision. */
export async function checkJades({ document }: { document: string }): Promise<JadesAnswer> {
  const read = readJades(document)
  const inProduction = !('malformed' in parseJws(document.trim()))
  if ('malformed' in read)
    return { container: 'unreadable', reasons: [read.malformed], inProduction, signatures: [] }
  const { container, faults, signatures } = read
  return {
    container,
    reasons: [...faults, ...signatures.flatMap(({ header }) => headerFaults(header))],
    inProduction,
    signatures: await Promise.all(
      signatures.map(async (signature) => ({
        value: await signatureValue(signature),
        timestamps: await timestampImprints(signature),
      })),
    ),
  }
}

/** What is no certificate, or has no key that a JWK can be of, counts as no key. */
async function signatureValue(signature: JadesSignature): Promise<string> {
  const { header, payloadText, protectedText, signatureText } = signature
  const x5c = header['x5c']
  const key = Array.isArray(x5c) ? keyOf(String(x5c[0])) : undefined
  if (!key) return 'no key'
  if (payloadText === undefined || Object.hasOwn(header, 'sigD')) return 'not computable'
  const jwk = { ...key, alg: String(header['alg']) }
  const jws = `${protectedText}.${payloadText}.${signatureText}`
  return (await signatureIsValid(jws, jwk)) ? 'valid' : 'invalid'
}

function keyOf(certificate: string): Jwk | undefined {
  try {
    const { publicKey } = new X509Certificate(Buffer.from(certificate, 'base64'))
    return publicKey.export({ format: 'jwk' }) as Jwk
  } catch {
    return undefined
  }
}

/** What cannot be read is no candidate; the path then lacks it. */
function parsed<T extends object>(
  all: readonly Uint8Array[],
  parse: (der: Uint8Array) => T | Malformed,
): T[] {
  return all.flatMap((der) => {
    const value = parse(der)
    return 'malformed' in value ? [] : [value]
  })
}
