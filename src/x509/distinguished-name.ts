import { DerError, TAG } from '../encoding/der.ts'
import type { DerReader } from '../encoding/der.ts'
import { octetsToHex } from '../encoding/octets.ts'

interface NameAttribute {
  readonly type: string
  readonly value: string
}

/** A distinguished name (RFC 5280 §4.1.2.4) with the form in which it is compared (§7.1). */
export interface DistinguishedName {
  readonly der: Uint8Array<ArrayBuffer>
  /** Every attribute in the order encoded. */
  readonly attributes: readonly NameAttribute[]
  /** One normalized text per RDN: equal texts mean equal RDNs, a prefix means a subtree. */
  readonly rdns: readonly string[]
  /** `rdns` as one text, usable as a key. */
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

export function readName(reader: DerReader): DistinguishedName {
  const { raw, content } = reader.next(TAG.SEQUENCE)
  const attributes: NameAttribute[] = []
  const rdns: string[] = []
  const sets = reader.over(content)
  while (sets.tag !== undefined) {
    const keys = sets.sequenceOf((set) => {
      const pair = set.sequence()
      const type = pair.oid()
      const { text, key } = readValue(pair)
      pair.end()
      attributes.push({ type, value: text })
      return `${type}=${key}`
    }, TAG.SET)
    rdns.push(keys.sort().join('+'))
  }
  return { der: raw, attributes, rdns, key: rdns.join(',') }
}

/** Whether two names are equal by RFC 5280 §7.1. */
export function isSameName(a: DistinguishedName, b: DistinguishedName): boolean {
  return a.key === b.key
}

/** Whether `name` lies in the subtree below `base` (RFC 5280 §4.2.1.10), `base` included. */
export function isWithinName(name: DistinguishedName, base: DistinguishedName): boolean {
  return base.rdns.length <= name.rdns.length && base.rdns.every((rdn, i) => rdn === name.rdns[i])
}

/** Names come from strangers; a report or a log line does not grow with them. */
const MAX_PRINTED = 200

/** For people and logs only; two different names may print alike. */
export function formatName(name: DistinguishedName): string {
  const text = name.attributes
    .map(({ type, value }) => `${SHORT_NAMES.get(type) ?? type}=${value}`)
    .join(', ')
  return text.length > MAX_PRINTED ? `${text.slice(0, MAX_PRINTED)}…` : text
}

const ASCII = /^[\x00-\x7f]*$/
/** ASCII that prints, space included. */
const PLAIN = /^[\x20-\x7e]*$/
const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** The value's text, and its key: folded text for string types, the raw bytes for anything else. */
function readValue(pair: DerReader): { text: string; key: string } {
  const { tag, content, raw } = pair.any()
  const text = decodeText(tag, content)
  if (text !== undefined) return { text, key: JSON.stringify(fold(text)) }
  const hex = `#${octetsToHex(raw)}`
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
      const text = latin1(content)
      if (!ASCII.test(text)) throw new DerError('name is not ASCII')
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

export function latin1(content: Uint8Array): string {
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
