import { KeyObject, verify } from 'node:crypto'
import type { VerifyEcdsaNow } from '../crypto/webcrypto.ts'

const keys = new WeakMap<CryptoKey, KeyObject>()

/** ECDSA by OpenSSL in this thread: a document costs less than the way to another thread and back. */
export const nativeEcdsa: VerifyEcdsaNow = (hash, key, signature, data) => {
  let native = keys.get(key)
  if (!native) keys.set(key, (native = KeyObject.from(key)))
  return verify(hash, data, { key: native, dsaEncoding: 'ieee-p1363' }, signature)
}
