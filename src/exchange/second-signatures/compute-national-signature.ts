import type { CryptoSuite } from '../../crypto/crypto-suite.ts'
import { parsePublicKey } from '../../crypto/suite.ts'
import { decodeBase64, decodeBase64url } from '../../encoding/base64url.ts'
import { derElement } from '../../encoding/der-writer.ts'
import { nationalBytes, type SecondSignature } from './second-signature.ts'

/**
 * Computes a national signature where its container is a bare value of an algorithm that a suite of this
 * node knows and the body that attached it has stated the key. Undefined: there is nothing to compute it
 * with, or no answer that counts.
 */
export async function computeHere(
  suites: readonly CryptoSuite[],
  signature: SecondSignature,
  certificate: string,
): Promise<{ verdict: 'valid' | 'invalid'; suite: string } | undefined> {
  const spki = signature.key === undefined ? undefined : decodeBase64(signature.key)
  const key = spki && parsePublicKey(spki, suites)
  if (!key?.suite.sigOids.includes(signature.container)) return undefined
  const algorithm = derElement(0x30, derOid(signature.container))
  const signed =
    signature.over === 'document'
      ? new TextEncoder().encode(certificate)
      : decodeBase64url(certificate.split('.')[1] ?? '')
  if (!signed) return undefined
  const verdict = await key.suite.verify(key, algorithm, signed, nationalBytes(signature))
  return verdict === 'valid' || verdict === 'invalid' ? { verdict, suite: key.suite.id } : undefined
}

type Computed = Awaited<ReturnType<typeof computeHere>>

/** Of each set of suites the answers for the last second signatures, by digest: bytes that never change. */
const remembered = new WeakMap<readonly CryptoSuite[], Map<string, NonNullable<Computed>>>()
const MAX_REMEMBERED = 5000

/** `computeHere`, once for each second signature of a certificate of the log; what did not count is asked again. */
export async function computeOnce(
  suites: readonly CryptoSuite[],
  { sha256, signature }: { readonly sha256: string; readonly signature: SecondSignature },
  certificate: string,
): Promise<Computed> {
  const answers = remembered.get(suites) ?? new Map<string, NonNullable<Computed>>()
  remembered.set(suites, answers)
  const known = answers.get(sha256)
  if (known) return known
  const computed = await computeHere(suites, signature, certificate)
  if (!computed) return undefined
  answers.set(sha256, computed)
  if (answers.size > MAX_REMEMBERED) answers.delete(answers.keys().next().value!)
  return computed
}

/** An OBJECT IDENTIFIER (X.690 §8.19). */
function derOid(text: string): Uint8Array {
  const [first = 0n, second = 0n, ...rest] = text.split('.').map(BigInt)
  return derElement(0x06, Uint8Array.from([first * 40n + second, ...rest].flatMap(base128)))
}

function base128(arc: bigint): number[] {
  const digits = [Number(arc & 0x7fn)]
  for (let left = arc >> 7n; left > 0n; left >>= 7n) digits.unshift(Number(left & 0x7fn) | 0x80)
  return digits
}
