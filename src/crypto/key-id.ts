import { encodeBase64url } from '../encoding/base64url.ts'
import type { PublicKey } from './crypto-suite.ts'

const ids = new WeakMap<PublicKey, string>()

/** A name of the key and of no other: its SubjectPublicKeyInfo, base64url. */
export function keyId(key: PublicKey): string {
  let id = ids.get(key)
  if (id === undefined) ids.set(key, (id = encodeBase64url(key.spki)))
  return id
}
