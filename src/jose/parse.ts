import { decodeBase64urlOctets, decodeBase64urlToLatin1 } from '../encoding/base64url.ts'
import { isAscii, utf8ForNow } from '../encoding/utf8.ts'
import { JsonError, parseStrictJson } from '../encoding/strict-json.ts'
import { createHeaderMemory } from './header-memory.ts'
import { type Environment, unmarkedClaims } from './environment.ts'
import {
  type MalformedHeader,
  readProtectedHeader,
  type ProtectedHeader,
} from './protected-header.ts'

/** Longest compact JWS that is read, in characters. */
export const MAX_JWS_LENGTH = 512 * 1024

/** Longest trust list: with it a batch between nodes still fits, and a row of D1 (2 MB) holds it. */
export const MAX_TRUST_LIST_LENGTH = 1_900_000

/** A JWS whose form is right and whose signature is not yet looked at: trust nothing in it. */
export interface UnverifiedJws {
  readonly compact: string
  readonly header: ProtectedHeader
  /** The environment that the payload says it is of. */
  readonly environment: Environment
  /** Without the mark of a training environment. */
  readonly payload: unknown
  readonly signature: Uint8Array<ArrayBuffer>
  readonly signingInput: Uint8Array<ArrayBuffer>
}

export type MalformedJws = MalformedHeader

/**
 * Reads a JWS in Compact Serialization (RFC 7515 §3.1) by rules J1, J4 and J6: each part is the one
 * base64url encoding of its bytes, header and payload are JSON objects without repeated names.
 */
export function parseJws(compact: string): UnverifiedJws | MalformedJws {
  if (compact.length > MAX_JWS_LENGTH && !isLongList(compact))
    return { malformed: 'the document is too long' }
  const first = compact.indexOf('.')
  const last = compact.indexOf('.', first + 1)
  if (first < 0 || last < 0 || compact.includes('.', last + 1))
    return { malformed: 'it is not a JWS in compact serialization' }
  // Octets stand where their characters stand, or it is not all ASCII and refused for that.
  const octets = utf8ForNow(compact)
  const isAllAscii = octets.length === compact.length
  const known = isAllAscii ? headers.find(compact, octets, first) : undefined
  const headerText =
    known || !isAllAscii ? undefined : decodeBase64urlToLatin1(compact.slice(0, first))
  const payloadOctets = decodeBase64urlOctets(octets, first + 1, last)
  const signature = decodeBase64urlOctets(octets, last + 1, octets.length)
  const hasHeader = known !== undefined || headerText !== undefined
  if (!hasHeader || !payloadOctets || !signature || signature.length === 0)
    return { malformed: 'a part of the JWS is not canonical base64url' }
  // From here on nothing reads `octets`, whose room the next text takes.
  const signingInput = octets.slice(0, last)
  try {
    const header = known ?? readHeader(compact.slice(0, first), headerText!)
    if ('malformed' in header && !header.signingCertificateAbsent) return header
    const { environment, claims: payload } = unmarkedClaims(parseStrictJson(payloadOctets))
    if ('malformed' in header) return header
    return { compact, header, environment, payload, signature, signingInput }
  } catch (error) {
    if (error instanceof JsonError)
      return { malformed: `the JWS does not hold proper JSON (${error.code})` }
    throw error
  }
}

const headers = createHeaderMemory(8 * 1024 * 1024)

function readHeader(base64url: string, json: string): ProtectedHeader | MalformedHeader {
  const header = readProtectedHeader(parseStrictJson(asciiOrOctets(json)))
  if (!('malformed' in header)) headers.keep(base64url, json, header)
  return header
}

/** Whether it may be longer than other documents, by its header alone, which is short itself. */
function isLongList(compact: string): boolean {
  if (compact.length > MAX_TRUST_LIST_LENGTH) return false
  const end = compact.slice(0, MAX_JWS_LENGTH).indexOf('.')
  const text = end < 0 ? undefined : decodeBase64urlToLatin1(compact.slice(0, end))
  if (text === undefined) return false
  try {
    const header = readProtectedHeader(parseStrictJson(asciiOrOctets(text)))
    return !('malformed' in header) && header.typ === 'trust-list+jwt'
  } catch (error) {
    if (error instanceof JsonError) return false
    throw error
  }
}

/** Headers are ASCII throughout, and ASCII is UTF-8 as it stands; anything else is decoded as UTF-8. */
function asciiOrOctets(latin1: string): string | Uint8Array {
  return isAscii(latin1) ? latin1 : Uint8Array.from(latin1, (character) => character.charCodeAt(0))
}
