import { randomBytes } from 'node:crypto'
import { encodeBase64url } from '../encoding/base64url.ts'

/** An epoch no earlier database of this node had. */
export function newEpoch(): string {
  return encodeBase64url(randomBytes(6))
}
