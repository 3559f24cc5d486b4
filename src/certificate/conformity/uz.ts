import { conformityType } from './conformity-type.ts'
import { ConformityUz } from './schema.ts'

/** Uzbek certificates and declarations of conformity (rules.md §7; format and codes are unknown there). */
export const CONFORMITY_UZ = conformityType('conformity.uz', ConformityUz)
