import { DerError } from '../encoding/der.ts'
import type { DerReader } from '../encoding/der.ts'

/** An extension as encoded (RFC 5280 §4.2). */
export interface Extension {
  readonly oid: string
  readonly critical: boolean
  /** Content of extnValue: the DER of the extension's own type. */
  readonly value: Uint8Array<ArrayBuffer>
}

/** Reads `Extensions` in its explicit context tag, or without one (CRL entries); absent is none. */
export function readExtensions(reader: DerReader, tag?: number): Extension[] {
  if (reader.tag !== (tag ?? 0x30)) return []
  const wrapper = tag === undefined ? reader : reader.sequence(tag)
  const extensions = wrapper.sequenceOf((item) => {
    const extension = item.sequence()
    const oid = extension.oid()
    const critical = extension.defaultFalse()
    const value = extension.octetString()
    extension.end()
    return { oid, critical, value }
  })
  if (tag !== undefined) wrapper.end()
  if (extensions.length > MAX_EXTENSIONS) throw new DerError('too many extensions')
  return extensions
}

/** Many times what any profile defines; bounds the work per certificate. */
const MAX_EXTENSIONS = 100
