import type { CryptoSuite, PublicKey } from './crypto-suite.ts'
import { WEBCRYPTO } from './webcrypto.ts'

export type { PublicKey }

/**
 * Reads a SubjectPublicKeyInfo in strict DER; `undefined` for any key outside the suites. WebCrypto is
 * always one of them, and alone where nobody names others.
 */
export function parsePublicKey(
  spki: Uint8Array,
  others: readonly CryptoSuite[] = [],
): PublicKey | undefined {
  const key = WEBCRYPTO.readKey(spki)
  if (key || others.length === 0) return key
  for (const suite of others) {
    const read = suite.readKey(spki)
    if (read) return read
  }
  return undefined
}
