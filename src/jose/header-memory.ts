import { asciiText } from '../encoding/ascii.ts'
import { decodeBase64urlOctets } from '../encoding/base64url.ts'
import { utf8ForNow } from '../encoding/utf8.ts'
import type { ProtectedHeader } from './protected-header.ts'

/** Headers that were read, for those that differ from them in the ten digits of `iat` alone. */
export interface HeaderMemory {
  /** What the header of a JWS reads as, the first `length` characters of it; `octets` are the same. */
  find(compact: string, octets: Uint8Array, length: number): ProtectedHeader | undefined
  /** Keeps what a header was read as: its base64url, the JSON in it, and the reading. */
  keep(base64url: string, json: string, header: ProtectedHeader): void
}

interface Known {
  readonly length: number
  /** What stands before and after the groups of four characters that hold digits of `iat`. */
  readonly before: string
  readonly after: string
  /** The octets of these groups, and where among them the digits begin. */
  readonly group: Uint8Array
  readonly digitsAt: number
  readonly header: ProtectedHeader
}

/**
 * Of 2001 to 2286. Read headers have no other member of that name, and no value in which it could stand:
 * a quotation mark in a value would be escaped.
 */
const IAT = /"iat":([1-9]\d{9})[,}]/
const DIGITS = 10

/** The header itself, and `x5c` as it was read, which is most of it. */
const TEXTS = 2

/** A signer's headers are one text but for the second of signing. The newest are kept, of `maxCharacters` in all. */
export function createHeaderMemory(maxCharacters: number): HeaderMemory {
  const memory = new Map<string, Known>()
  let characters = 0

  function forget(name: string): void {
    const held = memory.get(name)
    if (!held) return
    memory.delete(name)
    characters -= TEXTS * held.length
  }
  return {
    find(compact, octets, length) {
      const held = memory.get(nameOf(compact, length))
      if (!held) return undefined
      const { before, after, header } = held
      const end = length - after.length
      // Slices are compared by words of memory, a prefix character by character.
      if (compact.slice(end, length) !== after || compact.slice(0, before.length) !== before)
        return undefined
      const group = decodeBase64urlOctets(octets, before.length, end)
      const iat = group && iatIn(group, held)
      return iat === undefined ? undefined : { ...header, iat }
    },
    keep(base64url, json, header) {
      const iat = IAT.exec(json)
      if (!iat) return
      const at = iat.index + '"iat":'.length
      const [from, to] = [Math.floor(at / 3), Math.ceil((at + DIGITS) / 3)]
      if (to * 3 > json.length) return
      // A text of its own: a part of a longer text would keep the whole document from being collected.
      const own = asciiText(utf8ForNow(base64url))
      const { length } = own
      const name = nameOf(own, length)
      forget(name)
      const [before, after] = [own.slice(0, from * 4), own.slice(to * 4)]
      const group = Uint8Array.from(json.slice(from * 3, to * 3), (one) => one.charCodeAt(0))
      memory.set(name, { length, before, after, group, digitsAt: at - from * 3, header })
      characters += TEXTS * length
      while (characters > maxCharacters) forget(memory.keys().next().value!)
    },
  }
}

/** Where to look: the length of a header, and what the last X.509 certificate of its path ends with. */
function nameOf(compact: string, length: number): string {
  return `${length} ${compact.slice(length - 32, length)}`
}

/** The digits, if everything else is what it was. */
function iatIn(group: Uint8Array, known: Known): number | undefined {
  if (group.length !== known.group.length) return undefined
  let iat = 0
  for (let i = 0; i < group.length; i++) {
    const octet = group[i]!
    const place = i - known.digitsAt
    if (place < 0 || place >= DIGITS) {
      if (octet !== known.group[i]) return undefined
    } else {
      if (octet < 0x30 || octet > 0x39 || (place === 0 && octet === 0x30)) return undefined
      iat = iat * 10 + octet - 0x30
    }
  }
  return iat
}
