import { generateKeyPair, signingKey } from '../../../src/crypto/suite.ts'
import type { NoteSigner } from '../../../src/tlog/note-signature.ts'
import { verifierKey, type SignatureType } from '../../../src/tlog/verifier-key.ts'

/** A fresh key under a name. */
export async function makeSigner<T extends SignatureType>(
  name: string,
  type: T,
): Promise<NoteSigner<T>> {
  const { pkcs8, spki } = await generateKeyPair('Ed25519')
  const { sign } = await signingKey(pkcs8, 'Ed25519')
  return { key: verifierKey(name, type, spki.slice(-32)), sign }
}

export function utf8(text: string): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(text)
}
