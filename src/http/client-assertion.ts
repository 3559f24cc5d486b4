import { decodeProtectedHeader, errors, importJWK, jwtVerify, type JWK } from 'jose'
import { formatInstant } from '../encoding/time.ts'
import type { Client, ClientStore, UsedOnce } from './stores.ts'

export const ASSERTION_TYPE = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer'

const MAX_LIFETIME_SECONDS = 300
const MAX_LENGTH = 8192

/**
 * Checks a `private_key_jwt` client assertion (RFC 7523 §3): signed with the key registered for the
 * client, `aud` this issuer alone, at most 300 s to live, `jti` used once. The text says what is wrong.
 */
export async function verifyClientAssertion(
  assertion: string,
  deps: { issuer: string; clients: ClientStore; usedOnce: UsedOnce; now: Date },
): Promise<Client | { refused: string }> {
  const { issuer, clients, usedOnce, now } = deps
  if (assertion.length > MAX_LENGTH) return { refused: 'the assertion is too long' }
  const clientId = claimedClient(assertion)
  if (clientId === undefined) return { refused: 'the assertion is not a JWT with a subject' }
  const client = await clients.find(clientId)
  if (!client || client.disabledAt !== undefined) return { refused: 'the client is not registered' }
  const jwk = client.jwk as JWK
  try {
    const algorithms = assertionAlgorithms(jwk)
    const { payload } = await jwtVerify(assertion, await importJWK(jwk, algorithms[0]), {
      algorithms,
      issuer: clientId,
      subject: clientId,
      currentDate: now,
      clockTolerance: 60,
      requiredClaims: ['exp', 'jti', 'aud'],
    })
    const header = decodeProtectedHeader(assertion)
    if (header.crit !== undefined || header.jwk !== undefined || header['jku'] !== undefined)
      return { refused: 'the header carries a key or a critical extension' }
    if (payload.aud !== issuer) return { refused: `aud is not ${issuer}` }
    if (payload.exp! > now.getTime() / 1000 + MAX_LIFETIME_SECONDS)
      return { refused: `exp is more than ${MAX_LIFETIME_SECONDS} s ahead` }
    if (typeof payload.jti !== 'string' || payload.jti.length < 8 || payload.jti.length > 128)
      return { refused: 'jti is not 8 to 128 characters' }
    const forgetAt = formatInstant(new Date((payload.exp! + 120) * 1000))
    const use = await usedOnce.insertOnce(`jti ${clientId}`, payload.jti, forgetAt)
    return use === 'fresh' ? client : { refused: 'the assertion was used before' }
  } catch (error) {
    if (error instanceof errors.JOSEError)
      return { refused: `the assertion does not verify (${error.code})` }
    throw error
  }
}

/** Only a hint for looking up the key: nothing is trusted before the signature verifies. */
function claimedClient(assertion: string): string | undefined {
  const payload = assertion.split('.')[1]
  if (payload === undefined) return undefined
  try {
    const { sub } = JSON.parse(atob(payload.replaceAll('-', '+').replaceAll('_', '/'))) as {
      sub?: unknown
    }
    return typeof sub === 'string' && sub.length <= 128 ? sub : undefined
  } catch {
    return undefined
  }
}

/** What a client key may sign with: the registered key names it, the header is compared with it. */
export function assertionAlgorithms(jwk: JWK): string[] {
  if (jwk.kty === 'EC' && jwk.crv === 'P-256') return ['ES256']
  if (jwk.kty === 'OKP' && jwk.crv === 'Ed25519') return ['Ed25519', 'EdDSA']
  return []
}
