import { conformityType } from './conformity-type.ts'
import { ConformityEaeu } from './schema.ts'

/** Certificates and declarations of conformity of the Eurasian Economic Union (rules.md §7). */
export const CONFORMITY_EAEU = conformityType('conformity.eaeu', ConformityEaeu)
