import { DerError } from '../encoding/der-error.ts'
import { TAG } from '../encoding/der.ts'
import type { DerReader } from '../encoding/der.ts'

/** An extension as encoded (RFC 5280 §4.2), without its value. */
export interface Extension {
  readonly oid: string
  readonly critical: boolean
}

/** By OID: what takes the DER of an extension's own type, the content of extnValue. */
export type ExtensionReaders<Into> = ReadonlyMap<string, (value: DerReader, into: Into) => void>

/**
 * Reads `Extensions` in its explicit context tag, or without one (CRL entries); absent is none. The values
 * of those that are `known` are read into what is found; where one stands more than once, the first.
 */
export function readExtensions<Into>(
  reader: DerReader,
  tag?: number,
  known?: { readonly readers: ExtensionReaders<Into>; readonly into: Into },
): Extension[] {
  if (reader.tag !== (tag ?? TAG.SEQUENCE)) return []
  const wrapper = tag === undefined ? reader : reader.sequence(tag)
  const extensions: Extension[] = []
  const items = wrapper.sequence()
  do {
    const extension = items.sequence()
    const oid = extension.oid()
    const critical = extension.defaultFalse()
    const value = extension.sequence(TAG.OCTET_STRING)
    extension.end()
    const read = known?.readers.get(oid)
    if (read && !extensions.some((before) => before.oid === oid))
      readValue(oid, value, read, known!.into)
    extensions.push({ oid, critical })
    if (extensions.length > MAX_EXTENSIONS) throw new DerError('too many extensions')
  } while (items.tag !== undefined)
  if (tag !== undefined) wrapper.end()
  return extensions
}

function readValue<Into>(
  oid: string,
  value: DerReader,
  read: (value: DerReader, into: Into) => void,
  into: Into,
): void {
  try {
    read(value, into)
    value.end()
  } catch (error) {
    throw error instanceof DerError ? new DerError(`extension ${oid}: ${error.message}`) : error
  }
}

/** Many times what any profile defines; bounds the work per certificate. */
const MAX_EXTENSIONS = 100
