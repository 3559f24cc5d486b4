import { KeyObject, verify } from 'node:crypto'
import type { VerifyEcdsaNow } from '../crypto/webcrypto.ts'

/** ECDSA by OpenSSL in this thread: a document costs less than the way to another thread and back. */
export const nativeEcdsa: VerifyEcdsaNow = (hash, key, signature, data) =>
  verify(hash, data, { key: KeyObject.from(key), dsaEncoding: 'ieee-p1363' }, signature)
