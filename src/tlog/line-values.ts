import { decodeBase64 } from '../encoding/base64url.ts'
import { HASH_LENGTH, isTreeSize } from './merkle.ts'

/** A size or an index as the C2SP texts write it: decimal digits, no leading zeroes. */
export function parseDecimal(text: string): bigint | undefined {
  if (!/^(0|[1-9][0-9]{0,18})$/.test(text)) return undefined
  const value = BigInt(text)
  return isTreeSize(value) ? value : undefined
}

/** A hash as the C2SP texts write it: base64 with padding. */
export function parseHash(text: string): Uint8Array<ArrayBuffer> | undefined {
  const hash = decodeBase64(text)
  return hash?.length === HASH_LENGTH ? hash : undefined
}
