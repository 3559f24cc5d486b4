import { decodeBase64url } from '../encoding/base64url.ts'
import { JsonError, parseStrictJson } from '../encoding/strict-json.ts'
import { type Environment, unmarkedClaims } from './environment.ts'
import { readProtectedHeader, type ProtectedHeader } from './protected-header.ts'

/** Longest compact JWS that is read, in characters. */
export const MAX_JWS_LENGTH = 512 * 1024

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

export interface MalformedJws {
  /** What is wrong with it, in one clause. */
  readonly malformed: string
  /** The form is right as far as it was read, but this suite cannot compute the algorithm. */
  readonly algorithmUnknown?: true
}

const utf8 = new TextEncoder()

/**
 * Reads a JWS in Compact Serialization (RFC 7515 §3.1) by rules J1, J4 and J6: each part is the one
 * base64url encoding of its bytes, header and payload are JSON objects without repeated names.
 */
export function parseJws(compact: string): UnverifiedJws | MalformedJws {
  if (compact.length > MAX_JWS_LENGTH) return { malformed: 'the document is too long' }
  const parts = compact.split('.', 4)
  if (parts.length !== 3) return { malformed: 'it is not a JWS in compact serialization' }
  const [headerBytes, payloadBytes, signature] = parts.map(decodeBase64url)
  if (!headerBytes || !payloadBytes || !signature || signature.length === 0)
    return { malformed: 'a part of the JWS is not canonical base64url' }
  try {
    const header = readProtectedHeader(parseStrictJson(headerBytes))
    if ('malformed' in header) return header
    const { environment, claims: payload } = unmarkedClaims(parseStrictJson(payloadBytes))
    const signingInput = utf8.encode(compact.slice(0, compact.lastIndexOf('.')))
    return { compact, header, environment, payload, signature, signingInput }
  } catch (error) {
    if (error instanceof JsonError)
      return { malformed: `the JWS does not hold proper JSON (${error.code})` }
    throw error
  }
}
