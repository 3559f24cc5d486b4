import { createPrivateKey, createPublicKey, type JsonWebKey } from 'node:crypto'
import type { JWK } from 'jose'
import { CliError } from './cli-error.ts'
import { readJson } from './input-files.ts'

/** Members of a private or secret JWK (RFC 7518 §6). */
const PRIVATE_MEMBERS = ['d', 'p', 'q', 'dp', 'dq', 'qi', 'oth', 'k'] as const

/** Reads a public key to register; a private one is refused, because it must never leave its owner. */
export async function readPublicJwk(file: string): Promise<Record<string, string>> {
  const jwk = await readJwk(file)
  if (PRIVATE_MEMBERS.some((member) => member in jwk))
    throw new CliError(
      'refused',
      `${file} holds a private key, which must not leave the client system: give its public part`,
    )
  try {
    createPublicKey({ key: jwk as JsonWebKey, format: 'jwk' })
  } catch {
    throw new CliError('usage', `${file}: the coordinates are no public key`)
  }
  return publicPartOf(jwk)
}

/** Reads the private key with which a client system asks for access. */
export async function readPrivateJwk(file: string): Promise<JWK> {
  const jwk = await readJwk(file)
  if (!('d' in jwk))
    throw new CliError('usage', `${file} holds a public key: the private one is needed to sign`)
  try {
    createPrivateKey({ key: jwk as JsonWebKey, format: 'jwk' })
  } catch {
    throw new CliError('usage', `${file}: it is no private key`)
  }
  return jwk
}

/** What makes the key, without hints such as `kid` that nothing here relies on. */
export function publicPartOf(jwk: Readonly<Record<string, unknown>>): Record<string, string> {
  const members = ['kty', 'crv', 'x', 'y'].filter((name) => typeof jwk[name] === 'string')
  return Object.fromEntries(members.map((name) => [name, jwk[name] as string]))
}

async function readJwk(file: string): Promise<Record<string, unknown>> {
  const jwk = await readJson(file)
  if (typeof jwk !== 'object' || jwk === null || !('kty' in jwk))
    throw new CliError('usage', `${file}: it is no JSON Web Key`)
  const { kty, crv } = jwk as { kty: unknown; crv?: unknown }
  const fits = (kty === 'EC' && crv === 'P-256') || (kty === 'OKP' && crv === 'Ed25519')
  const isSecret = kty === 'oct' || 'd' in jwk
  if (!fits && !isSecret)
    throw new CliError('usage', `${file}: client keys are of P-256 or Ed25519`)
  return jwk
}
