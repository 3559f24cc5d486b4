import { decodeBase64url, encodeBase64url } from '../encoding/base64url.ts'
import { deflate, inflate } from './zlib.ts'

/** Statuses packed into bytes, the first in the lowest bits (draft-ietf-oauth-status-list-20 §4.1). */
export interface StatusList {
  readonly bits: StatusBits
  readonly bytes: Uint8Array
}

type StatusBits = (typeof STATUS_BITS)[number]
const STATUS_BITS = [1, 2, 4, 8] as const

/** The `status_list` member of a Status List Token (§4.2). */
export interface EncodedStatusList {
  readonly bits: number
  readonly lst: string
}

/** Status Types of the exchange (§7.1); 3 is application-specific and assigned to nothing. */
export const STATUS_TYPE = { valid: 0, invalid: 1, suspended: 2 } as const
export type StatusType = (typeof STATUS_TYPE)[keyof typeof STATUS_TYPE]

/** The most that is inflated: 2^20 entries of two bits. */
const MAX_BYTES = 256 * 1024

/** A list of so many two-bit entries; those not named are VALID. */
export function packStatusList(
  size: number,
  entries: Iterable<{ readonly idx: number; readonly status: StatusType }>,
): StatusList {
  const bytes = new Uint8Array(Math.ceil(size / 4))
  for (const { idx, status } of entries) {
    if (!Number.isInteger(idx) || idx < 0 || idx >= size)
      throw new Error(`Position ${idx} is outside of a list of ${size}`)
    bytes[idx >>> 2]! |= status << ((idx & 3) * 2)
  }
  return { bits: 2, bytes }
}

/** The status at an index; `undefined` for what is no index of the list. */
export function statusAt({ bits, bytes }: StatusList, index: number): number | undefined {
  const perByte = 8 / bits
  if (!Number.isInteger(index) || index < 0 || index >= bytes.length * perByte) return undefined
  const byte = bytes[Math.floor(index / perByte)]!
  return (byte >> ((index % perByte) * bits)) & ((1 << bits) - 1)
}

export async function encodeStatusList({ bits, bytes }: StatusList): Promise<EncodedStatusList> {
  return { bits, lst: encodeBase64url(await deflate(bytes)) }
}

/** Reads a `status_list` member; what is wrong with it is told in one clause. */
export async function decodeStatusList({
  bits,
  lst,
}: EncodedStatusList): Promise<StatusList | { malformed: string }> {
  const known = STATUS_BITS.find((permitted) => permitted === bits)
  if (!known) return { malformed: `bits is ${bits}` }
  const compressed = decodeBase64url(lst)
  if (!compressed) return { malformed: 'lst is not canonical base64url' }
  const bytes = await inflate(compressed, MAX_BYTES)
  return bytes
    ? { bits: known, bytes }
    : { malformed: 'lst is not one zlib stream of at most 256 KiB' }
}
