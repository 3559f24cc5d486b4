import { DerError } from '../encoding/der-error.ts'
import { TAG } from '../encoding/der.ts'
import type { DerReader } from '../encoding/der.ts'
import { asciiOf } from '../encoding/ascii.ts'
import { isSameOctets, octetsToHex } from '../encoding/octets.ts'

interface NameAttribute {
  readonly type: string
  readonly value: string
}

/** A distinguished name (RFC 5280 §4.1.2.4) with the form in which it is compared (§7.1). */
export interface DistinguishedName {
  readonly der: Uint8Array<ArrayBuffer>
  /** Every attribute in the order encoded. */
  readonly attributes: readonly NameAttribute[]
  /**
   * One normalized text per RDN, joined by commas; values are quoted or hexadecimal, so that equal texts mean
   * equal names and a prefix that ends at a comma means a subtree. Empty: no RDN at all.
   */
  readonly key: string
}

export const ATTRIBUTE = {
  commonName: '2.5.4.3',
  country: '2.5.4.6',
  organization: '2.5.4.10',
  organizationalUnit: '2.5.4.11',
  emailAddress: '1.2.840.113549.1.9.1',
} as const

const SHORT_NAMES = new Map<string, string>([
  ['2.5.4.3', 'CN'],
  ['2.5.4.6', 'C'],
  ['2.5.4.7', 'L'],
  ['2.5.4.8', 'ST'],
  ['2.5.4.10', 'O'],
  ['2.5.4.11', 'OU'],
  ['2.5.4.5', 'serialNumber'],
  ['0.9.2342.19200300.100.1.25', 'DC'],
  [ATTRIBUTE.emailAddress, 'emailAddress'],
])

/** Reads a Name; where its octets are those of `like`, what was read there. */
export function readName(reader: DerReader, like?: DistinguishedName): DistinguishedName {
  const name = reader.next(TAG.SEQUENCE)
  const der = name.raw
  // Its octets remain those of where it stands: they keep alive what they were cut out of.
  if (like && isSameOctets(der, like.der)) return { ...like, der }
  const attributes: NameAttribute[] = []
  let key = ''
  const sets = reader.inside(name)
  while (sets.tag !== undefined) {
    const keys = sets.sequenceOf((set) => {
      const pair = set.sequence()
      const type = pair.oid()
      const { text, key } = readValue(pair)
      pair.end()
      attributes.push({ type, value: text })
      return `${type}=${key}`
    }, TAG.SET)
    const rdn = keys.length === 1 ? keys[0]! : keys.sort().join('+')
    key = key === '' ? rdn : `${key},${rdn}`
  }
  return { der, attributes, key }
}

/** Whether two names are equal by RFC 5280 §7.1. */
export function isSameName(a: DistinguishedName, b: DistinguishedName): boolean {
  return a.key === b.key
}

/** Whether `name` lies in the subtree below `base` (RFC 5280 §4.2.1.10), `base` included. */
export function isWithinName(name: DistinguishedName, base: DistinguishedName): boolean {
  if (base.key === '' || name.key === base.key) return true
  return name.key[base.key.length] === ',' && name.key.startsWith(base.key)
}

/** Names come from strangers; a report or a log line does not grow with them. */
const MAX_PRINTED = 200

/** For people and logs only; two different names may print alike. */
export function formatName(name: DistinguishedName): string {
  const text = name.attributes
    .map(({ type, value }) => `${SHORT_NAMES.get(type) ?? type}=${value}`)
    .join(', ')
  // Not a slice, which would keep the whole text as long as what is said here.
  return text.length > MAX_PRINTED ? [...text.slice(0, MAX_PRINTED), '…'].join('') : text
}

/** ASCII that prints, space included. */
const PLAIN = /^[\x20-\x7e]*$/
const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** The value's text, and its key: folded text for string types, the raw bytes for anything else. */
function readValue(pair: DerReader): { text: string; key: string } {
  const value = pair.any()
  const text = decodeText(value.tag, value.content)
  if (text !== undefined) return { text, key: JSON.stringify(fold(text)) }
  const hex = `#${octetsToHex(value.raw)}`
  return { text: hex, key: hex }
}

function decodeText(tag: number, content: Uint8Array): string | undefined {
  switch (tag) {
    case TAG.UTF8_STRING:
      try {
        return utf8.decode(content)
      } catch {
        throw new DerError('name is not UTF-8')
      }
    case TAG.PRINTABLE_STRING:
    case TAG.IA5_STRING: {
      const text = asciiOf(content)
      if (text === undefined) throw new DerError('name is not ASCII')
      return text
    }
    case TAG.TELETEX_STRING:
      return latin1(content)
    case TAG.BMP_STRING:
      return wide(content, 2)
    case TAG.UNIVERSAL_STRING:
      return wide(content, 4)
    default:
      return undefined
  }
}

function latin1(content: Uint8Array): string {
  let text = ''
  for (const octet of content) text += String.fromCharCode(octet)
  return text
}

function wide(content: Uint8Array, octets: 2 | 4): string {
  if (content.length % octets !== 0) throw new DerError('name is cut inside a character')
  let text = ''
  for (let i = 0; i < content.length; i += octets) {
    let code = 0
    for (let j = 0; j < octets; j++) code = code * 256 + content[i + j]!
    if (code > 0x10ffff) throw new DerError('name has no such character')
    text += String.fromCodePoint(code)
  }
  return text
}

/** RFC 4518 §2 as far as it decides equality: mapping to nothing, NFKC, case, inner and outer space. */
function fold(text: string): string {
  // Of plain ASCII all steps but case and space leave everything as it is.
  if (PLAIN.test(text)) return text.toLowerCase().replace(/ {2,}/g, ' ').trim()
  return text
    .replace(/[\u00ad\u180b-\u180d\u200b-\u200f\u2060\ufe00-\ufe0f\ufeff]/gu, '')
    .normalize('NFKC')
    .toLowerCase()
    .replaceAll('ß', 'ss')
    .replaceAll('ς', 'σ')
    .normalize('NFKC')
    .replace(/\s+/gu, ' ')
    .trim()
}
