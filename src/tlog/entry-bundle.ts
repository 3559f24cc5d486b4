import type { Malformed } from '../encoding/der.ts'
import { TILE_WIDTH } from './tile.ts'

const MAX_ENTRY_BYTES = 0xffff

/**
 * Entries one after the other, each behind its length as uint16 (C2SP tlog-tiles, log entries).
 *
 * @throws {RangeError} too many entries for a bundle, none, or one that is too long
 */
export function encodeEntryBundle(entries: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  if (entries.length === 0 || entries.length > TILE_WIDTH)
    throw new RangeError(`A bundle has no ${entries.length} entries`)
  const bundle = new Uint8Array(entries.reduce((sum, { length }) => sum + 2 + length, 0))
  const view = new DataView(bundle.buffer)
  let at = 0
  for (const entry of entries) {
    if (entry.length > MAX_ENTRY_BYTES)
      throw new RangeError(`An entry of ${entry.length} bytes is too long for a bundle`)
    view.setUint16(at, entry.length)
    bundle.set(entry, at + 2)
    at += 2 + entry.length
  }
  return bundle
}

/** Takes a bundle of exactly `width` entries apart. */
export function parseEntryBundle(bundle: Uint8Array, width: number): Uint8Array[] | Malformed {
  const view = new DataView(bundle.buffer, bundle.byteOffset, bundle.byteLength)
  const entries: Uint8Array[] = []
  let at = 0
  while (at < bundle.length) {
    if (entries.length === width) return { malformed: `more than ${width} entries` }
    if (at + 2 > bundle.length) return { malformed: 'cut in a length' }
    const end = at + 2 + view.getUint16(at)
    if (end > bundle.length) return { malformed: `entry ${entries.length} is cut` }
    entries.push(bundle.slice(at + 2, end))
    at = end
  }
  if (entries.length < width) return { malformed: `${entries.length} entries instead of ${width}` }
  return entries
}
