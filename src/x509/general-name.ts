import { asciiOf } from '../encoding/ascii.ts'
import { DerError } from '../encoding/der-error.ts'
import type { DerReader } from '../encoding/der.ts'
import { readName } from './distinguished-name.ts'
import type { DistinguishedName } from './distinguished-name.ts'

/** GeneralName (RFC 5280 §4.2.1.6). Forms without a rule of their own keep their encoding. */
export type GeneralName =
  | { readonly form: 'rfc822Name' | 'dNSName' | 'uniformResourceIdentifier'; readonly text: string }
  | { readonly form: 'directoryName'; readonly name: DistinguishedName }
  | { readonly form: 'iPAddress'; readonly octets: Uint8Array<ArrayBuffer> }
  | {
      readonly form: 'otherName' | 'x400Address' | 'ediPartyName' | 'registeredID'
      readonly der: Uint8Array<ArrayBuffer>
    }

export type NameForm = GeneralName['form']

/** Reads one GeneralName; context tags replace the types' own, except where the type is a CHOICE. */
export function readGeneralName(reader: DerReader): GeneralName {
  switch (reader.tag) {
    case 0xa0: {
      const otherName = reader.next(0xa0)
      const other = reader.inside(otherName)
      other.oid()
      other.next(0xa0)
      other.end()
      return { form: 'otherName', der: otherName.raw }
    }
    case 0x81:
      return { form: 'rfc822Name', text: readAscii(reader, 0x81) }
    case 0x82:
      return { form: 'dNSName', text: readAscii(reader, 0x82) }
    case 0xa3:
      return { form: 'x400Address', der: reader.next(0xa3).raw }
    case 0xa4: {
      const choice = reader.sequence(0xa4)
      const name = readName(choice)
      choice.end()
      return { form: 'directoryName', name }
    }
    case 0xa5:
      return { form: 'ediPartyName', der: reader.next(0xa5).raw }
    case 0x86:
      return { form: 'uniformResourceIdentifier', text: readAscii(reader, 0x86) }
    case 0x87:
      return { form: 'iPAddress', octets: reader.next(0x87).content }
    case 0x88: {
      const at = reader.next(0x88)
      reader.over(at.raw).oid(0x88)
      return { form: 'registeredID', der: at.raw }
    }
    default:
      throw new DerError('no such form of name')
  }
}

/** GeneralNames, never empty. */
export function readGeneralNames(reader: DerReader, tag?: number): GeneralName[] {
  return reader.sequenceOf(readGeneralName, tag)
}

/** One text per name: equal texts mean equal names. */
export function generalNameKey(name: GeneralName): string {
  switch (name.form) {
    case 'directoryName':
      return `directoryName ${name.name.key}`
    case 'rfc822Name':
    case 'dNSName':
    case 'uniformResourceIdentifier':
      return `${name.form} ${name.text}`
    case 'iPAddress':
      return `iPAddress ${name.octets.join('.')}`
    default:
      return `${name.form} ${name.der.join('.')}`
  }
}

function readAscii(reader: DerReader, tag: number): string {
  const text = asciiOf(reader.octetString(tag))
  if (text === undefined) throw new DerError('name is not ASCII')
  return text
}
