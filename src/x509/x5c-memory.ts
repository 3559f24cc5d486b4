import { sha256Sync, thumbprint } from '../crypto/suite.ts'
import { decodeBase64 } from '../encoding/base64url.ts'
import { octetsToHex } from '../encoding/octets.ts'
import { RecentMap } from '../encoding/recent-map.ts'

/** The certification path of a header, decoded. */
export interface DecodedX5c {
  /** DER, leaf first. */
  readonly ders: readonly Uint8Array[]
  /** `x5t#S256` of the leaf as computed, whatever a header claims. */
  readonly thumbprint: string
}

interface Known extends DecodedX5c {
  readonly texts: readonly string[]
  /** Names these octets and no others. */
  readonly id: string
}

/** Decoded paths of seals that were found valid, by the very texts they were decoded from. */
export interface X5cMemory {
  /** `claimed` is only where to look: what is found has the very same texts. */
  decode(texts: readonly string[], claimed: string): DecodedX5c | Promise<DecodedX5c>
  /** Keeps what `decode` gave, now that it led to a valid path: strangers displace nothing. */
  keep(ders: readonly Uint8Array[]): void
  /** A name of these octets; computed unless `decode` gave them and they are kept. */
  idOf(ders: readonly Uint8Array[]): string
}

/** Keeps at most `maxCharacters` of base64 (and the octets they decode to), of what was asked for lately. */
export function createX5cMemory(maxCharacters: number): X5cMemory {
  const byThumbprint = new RecentMap<string, Known>(maxCharacters, ({ texts }) => lengthOf(texts))
  const decoded = new WeakMap<readonly Uint8Array[], Omit<Known, 'id'>>()
  const ids = new WeakMap<readonly Uint8Array[], string>()

  return {
    decode(texts, claimed) {
      const known = byThumbprint.get(claimed)
      return known && isSameTexts(known.texts, texts) ? known : decodeNew(texts)
    },
    keep(ders) {
      const found = decoded.get(ders)
      if (!found || ids.has(ders)) return
      const known = { ...found, id: octetsId(ders) }
      ids.set(ders, known.id)
      byThumbprint.set(known.thumbprint, known)
    },
    idOf: (ders) => ids.get(ders) ?? octetsId(ders),
  }

  async function decodeNew(texts: readonly string[]): Promise<DecodedX5c> {
    const ders = Object.freeze(texts.map((text) => decodeBase64(text)!))
    const found = { ders, thumbprint: await thumbprint(ders[0]!), texts }
    decoded.set(ders, found)
    return found
  }
}

/** Room for all but the longest paths, until the digest is computed. */
const room = new Uint8Array(16 * 1024)

/** SHA-256 over all octets, beside the length of each part. */
export function octetsId(parts: readonly Uint8Array[]): string {
  const length = parts.reduce((sum, part) => sum + part.length, 0)
  const octets = length <= room.length ? room.subarray(0, length) : new Uint8Array(length)
  let at = 0
  for (const part of parts) {
    octets.set(part, at)
    at += part.length
  }
  return `${parts.map((part) => part.length).join(',')} ${octetsToHex(sha256Sync(octets))}`
}

function isSameTexts(a: readonly string[], b: readonly string[]): boolean {
  if (a.length !== b.length) return false
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false
  return true
}

function lengthOf(texts: readonly string[]): number {
  return texts.reduce((sum, text) => sum + text.length, 0)
}
