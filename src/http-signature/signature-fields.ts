import {
  type Dictionary,
  type InnerList,
  isInnerList,
  parseDictionary,
  serializeDictionary,
} from 'structured-headers'
import { LABEL } from './components.ts'

const MAX_FIELD_CHARACTERS = 2048

export interface SignatureFields {
  /** Covered components and signature parameters. */
  input: InnerList
  signature: Uint8Array
}

/** Reads Signature-Input and Signature with the one label of the profile (RFC 9421 §4.1, §4.2). */
export function readSignatureFields(
  headers: Headers,
): SignatureFields | 'signature-missing' | 'signature-malformed' {
  const inputField = headers.get('signature-input')
  const signatureField = headers.get('signature')
  if (inputField === null || signatureField === null) return 'signature-missing'
  const input = readOnlyMember(inputField)
  const signature = readOnlyMember(signatureField)
  if (!input || !isInnerList(input)) return 'signature-malformed'
  if (!signature || isInnerList(signature)) return 'signature-malformed'
  const [bytes, parameters] = signature
  if (!(bytes instanceof ArrayBuffer) || parameters.size > 0) return 'signature-malformed'
  return { input, signature: new Uint8Array(bytes) }
}

/**
 * The member `exc` of a dictionary that has no other. The field must be canonical (RFC 9651 §4.1): the
 * parser keeps the last of two equal keys and lenient base64 silently, but neither survives the way back.
 */
function readOnlyMember(field: string) {
  if (field.length > MAX_FIELD_CHARACTERS) return undefined
  let dictionary: Dictionary
  try {
    dictionary = parseDictionary(field)
    if (serializeDictionary(dictionary) !== field) return undefined
  } catch {
    return undefined
  }
  return dictionary.size === 1 ? dictionary.get(LABEL) : undefined
}
