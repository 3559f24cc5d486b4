import { decodeBase64url } from '../encoding/base64url.ts'
import { JsonError, parseStrictJson } from '../encoding/strict-json.ts'

/** One signature of a JAdES document with the texts that were signed. */
export interface JadesSignature {
  /** BASE64URL(JWS Protected Header). */
  readonly protectedText: string
  readonly header: Readonly<Record<string, unknown>>
  /** JWS Unprotected Header. */
  readonly unprotected: Readonly<Record<string, unknown>>
  /** BASE64URL(JWS Payload); undefined when it is detached. */
  readonly payloadText: string | undefined
  /** BASE64URL(JWS Signature). */
  readonly signatureText: string
}

export interface JadesDocument {
  readonly container: 'compact' | 'flattened' | 'general'
  readonly signatures: readonly JadesSignature[]
  /** Rules of the container (RFC 7515 §7) that it breaks, one clause each. */
  readonly faults: readonly string[]
}

const GENERAL = ['payload', 'signatures']
const FLATTENED = ['payload', 'protected', 'header', 'signature']
const SIGNATURE = ['protected', 'header', 'signature']
const MAX_SIGNATURES = 16

/**
 * Reads a JAdES document in any JWS serialization (ETSI TS 119 182-1 §4). Nothing is verified and nothing
 * believed; what the document says of itself is for `headerFaults`.
 */
export function readJades(document: string): JadesDocument | { readonly malformed: string } {
  const text = document.trim()
  if (!text.startsWith('{')) return readCompact(text)
  try {
    const value = parseStrictJson(text) as Record<string, unknown>
    return 'signatures' in value ? readGeneral(value) : readFlattened(value)
  } catch (error) {
    if (error instanceof JsonError) return { malformed: `not proper JSON (${error.code})` }
    throw error
  }
}

function readCompact(text: string): JadesDocument | { readonly malformed: string } {
  const parts = text.split('.', 4)
  if (parts.length !== 3) return { malformed: 'neither JSON nor a compact JWS' }
  const [protectedText, payload, signature] = parts as [string, string, string]
  const read = readSignature({ protected: protectedText, signature }, payload)
  if ('malformed' in read) return read
  return { container: 'compact', signatures: [read.signature], faults: read.faults }
}

function readFlattened(value: Record<string, unknown>): ReturnType<typeof readJades> {
  const read = readSignature(value, value['payload'])
  if ('malformed' in read) return read
  const faults = [...foreignMembers(value, FLATTENED), ...payloadFaults(value), ...read.faults]
  return { container: 'flattened', signatures: [read.signature], faults }
}

function readGeneral(value: Record<string, unknown>): ReturnType<typeof readJades> {
  const members = value['signatures']
  if (!Array.isArray(members) || members.length === 0 || members.length > MAX_SIGNATURES)
    return { malformed: `signatures is not an array of 1 to ${MAX_SIGNATURES}` }
  const faults = [...foreignMembers(value, GENERAL), ...payloadFaults(value)]
  const signatures: JadesSignature[] = []
  for (const member of members as unknown[]) {
    if (!isObject(member)) return { malformed: 'a signature is not an object' }
    const read = readSignature(member, value['payload'])
    if ('malformed' in read) return read
    signatures.push(read.signature)
    faults.push(...foreignMembers(member, SIGNATURE), ...read.faults)
  }
  return { container: 'general', signatures, faults }
}

function readSignature(
  member: Record<string, unknown>,
  payload: unknown,
): { signature: JadesSignature; faults: string[] } | { readonly malformed: string } {
  const { protected: protectedText, signature: signatureText, header: unprotected = {} } = member
  if (typeof protectedText !== 'string' || typeof signatureText !== 'string')
    return { malformed: 'protected header or signature is not text' }
  const octets = decodeBase64url(protectedText)
  if (!octets) return { malformed: 'the protected header is not canonical base64url' }
  const header = parsed(octets)
  if (!isObject(header)) return { malformed: 'the protected header is not a JSON object' }
  const faults: string[] = []
  if (!decodeBase64url(signatureText)) faults.push('the signature is not canonical base64url')
  if (!isObject(unprotected)) faults.push('the unprotected header is not an object')
  const repeated = isObject(unprotected)
    ? Object.keys(unprotected).filter((name) => Object.hasOwn(header, name))
    : []
  if (repeated.length > 0) faults.push(`${repeated.join(', ')} stands in both headers`)
  const payloadText = typeof payload === 'string' && payload !== '' ? payload : undefined
  return {
    signature: {
      protectedText,
      header,
      unprotected: isObject(unprotected) ? unprotected : {},
      payloadText,
      signatureText,
    },
    faults,
  }
}

function payloadFaults({ payload }: Record<string, unknown>): string[] {
  return payload === undefined || typeof payload === 'string' ? [] : ['payload is not a string']
}

function foreignMembers(value: Record<string, unknown>, known: readonly string[]): string[] {
  const foreign = Object.keys(value).filter((name) => !known.includes(name))
  return foreign.length > 0 ? [`members unknown to RFC 7515: ${foreign.join(', ')}`] : []
}

function parsed(octets: Uint8Array): unknown {
  try {
    return parseStrictJson(octets)
  } catch (error) {
    if (error instanceof JsonError) return undefined
    throw error
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
