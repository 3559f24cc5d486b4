import { sha256Sync, thumbprint } from '../crypto/suite.ts'
import { decodeBase64 } from '../encoding/base64url.ts'
import { octetsToHex } from '../encoding/octets.ts'

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

/** Keeps at most `maxCharacters` of base64 (and the octets they decode to); the least recent leave first. */
export function createX5cMemory(maxCharacters: number): X5cMemory {
  const byThumbprint = new Map<string, Known>()
  const decoded = new WeakMap<readonly Uint8Array[], Omit<Known, 'id'>>()
  const ids = new WeakMap<readonly Uint8Array[], string>()
  let characters = 0

  function forget(known: Known): void {
    byThumbprint.delete(known.thumbprint)
    characters -= lengthOf(known.texts)
  }
  return {
    decode(texts, claimed) {
      const known = byThumbprint.get(claimed)
      if (!known || !isSameTexts(known.texts, texts)) return decodeNew(texts)
      byThumbprint.delete(claimed)
      byThumbprint.set(claimed, known)
      return known
    },
    keep(ders) {
      const found = decoded.get(ders)
      if (!found || ids.has(ders)) return
      const known = { ...found, id: octetsId(ders) }
      ids.set(ders, known.id)
      const before = byThumbprint.get(known.thumbprint)
      if (before) forget(before)
      byThumbprint.set(known.thumbprint, known)
      characters += lengthOf(known.texts)
      while (characters > maxCharacters) forget(byThumbprint.values().next().value!)
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

/** SHA-256 over all octets, beside the length of each part. */
export function octetsId(parts: readonly Uint8Array[]): string {
  const octets = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0))
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
