import { derElement } from '../../encoding/der-writer.ts'

type Bytes = Uint8Array<ArrayBuffer>

/** GeneralizedTime in whole seconds, as RFC 5280 §4.1.2.5.2 wants it. */
export function derGeneralizedTime(date: Date): Bytes {
  const text = date.toISOString().replace(/\.\d+/, '').replace(/[-:T]/g, '')
  return derElement(0x18, new TextEncoder().encode(text))
}

/** A distinguished name of one RDN, the country (X.520 §6.3.1). */
export function derCountryName(country: string): Bytes {
  const type = new Uint8Array([0x06, 0x03, 0x55, 0x04, 0x06])
  const value = derElement(0x13, new TextEncoder().encode(country))
  return derElement(0x30, derElement(0x31, derElement(0x30, type, value)))
}
