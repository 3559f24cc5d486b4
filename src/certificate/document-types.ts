import { CONFORMITY_EAEU } from './conformity/eaeu.ts'
import { CONFORMITY_UZ } from './conformity/uz.ts'
import type { DocumentType } from './document-type.ts'
import { ORIGIN_CT1 } from './origin-ct1/origin-ct1.ts'

/** Every kind of certificate that this node can read, one line each. */
export const DOCUMENT_TYPES: readonly DocumentType[] = [ORIGIN_CT1, CONFORMITY_EAEU, CONFORMITY_UZ]

const BY_SCHEMA = new Map(DOCUMENT_TYPES.map((type) => [type.schemaId, type]))
const BY_NAME = new Map(DOCUMENT_TYPES.map((type) => [type.type as string, type]))

/** The type behind a payload's `schema` member; undefined: kept, answered "not readable". */
export function documentTypeOf(schemaId: string): DocumentType | undefined {
  return BY_SCHEMA.get(schemaId)
}

/** The type with this name, as it stands in identities and URLs. */
export function documentTypeNamed(type: string): DocumentType | undefined {
  return BY_NAME.get(type)
}
