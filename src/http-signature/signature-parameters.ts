import type { Parameters } from 'structured-headers'
import { decodeBase64url, encodeBase64url } from '../encoding/base64url.ts'

const SIGNATURE_TAG = 'exc-v1'
/** Longest time between `created` and `expires` (EXC-HTTPSIG-1 H3). */
const MAX_WINDOW_SECONDS = 300
/** How far the clocks of two nodes may differ (wire.md, Exchange). */
export const CLOCK_SKEW_SECONDS = 60
const MIN_NONCE_BYTES = 16
const MAX_NONCE_CHARACTERS = 64
const THUMBPRINT_CHARACTERS = 43

/** Signature parameters of EXC-HTTPSIG-1 H3 (RFC 9421 §2.3); times in seconds since 1970. */
export interface SignatureParameters {
  created: number
  expires: number
  /** Base64url of at least 16 random bytes. */
  nonce: string
  /** x5t#S256 of the node key's X.509 certificate. */
  keyid: string
  alg: string | undefined
}

export function makeParameters(created: Date, nonce: Uint8Array, keyid: string): Parameters {
  if (nonce.length < MIN_NONCE_BYTES) throw new Error('The nonce has less than 128 bits')
  const seconds = Math.floor(created.getTime() / 1000)
  return new Map<string, string | number>([
    ['created', seconds],
    ['expires', seconds + MAX_WINDOW_SECONDS],
    ['nonce', encodeBase64url(nonce)],
    ['keyid', keyid],
    ['tag', SIGNATURE_TAG],
  ])
}

/** Reads exactly the parameters of the profile; `undefined` if one is missing, foreign or malformed. */
export function readParameters(parameters: Parameters): SignatureParameters | undefined {
  const { created, expires, nonce, keyid, tag, alg, ...others } = Object.fromEntries(parameters)
  if (Object.keys(others).length > 0 || tag !== SIGNATURE_TAG) return undefined
  if (!isInteger(created) || !isInteger(expires)) return undefined
  if (!isNonce(nonce) || !isThumbprint(keyid)) return undefined
  if (alg !== undefined && typeof alg !== 'string') return undefined
  return { created, expires, nonce, keyid, alg }
}

/** Whether `now` lies in the window, clock skew granted on both sides. */
export function checkWindow(
  { created, expires }: SignatureParameters,
  now: Date,
): 'inside' | 'outside' | 'too-long' {
  if (expires < created || expires - created > MAX_WINDOW_SECONDS) return 'too-long'
  const seconds = now.getTime() / 1000
  const inside = created - CLOCK_SKEW_SECONDS <= seconds && seconds <= expires + CLOCK_SKEW_SECONDS
  return inside ? 'inside' : 'outside'
}

function isInteger(value: unknown): value is number {
  return Number.isSafeInteger(value)
}

function isNonce(value: unknown): value is string {
  if (typeof value !== 'string' || value.length > MAX_NONCE_CHARACTERS) return false
  return (decodeBase64url(value)?.length ?? 0) >= MIN_NONCE_BYTES
}

function isThumbprint(value: unknown): value is string {
  if (typeof value !== 'string' || value.length !== THUMBPRINT_CHARACTERS) return false
  return decodeBase64url(value) !== undefined
}
