import { AUTHORITY_CHANGES, PURPOSE_CHANGES } from './catalogue-authorities.ts'
import { CRL_MUTATIONS } from './catalogue-crl.ts'
import { ENCODINGS, TIMES } from './catalogue-encodings.ts'
import { EXTENSION_CHANGES, SHAPES } from './catalogue-extensions.ts'
import { ISSUER_NAMES } from './catalogue-issuer-names.ts'
import { NAME_MUTATIONS } from './catalogue-name-constraints.ts'
import { POLICY_MUTATIONS } from './catalogue-policies.ts'
import { KEY_CHANGES, SIGNATURE_CHANGES } from './catalogue-signatures.ts'
import { type Mutation, nameOf } from './mutation.ts'

/** Every way in which a chain of the tests may differ from a conforming one. */
export const CATALOGUE: readonly Mutation[] = [
  ...ENCODINGS,
  ...SIGNATURE_CHANGES,
  ...TIMES,
  ...ISSUER_NAMES,
  ...EXTENSION_CHANGES,
  ...AUTHORITY_CHANGES,
  ...NAME_MUTATIONS,
  ...POLICY_MUTATIONS,
  ...PURPOSE_CHANGES,
  ...KEY_CHANGES,
  ...SHAPES,
  ...CRL_MUTATIONS,
]

/** Those that make sense only beside lists, or only without. */
export const needsLists = (mutation: Mutation): boolean => CRL_MUTATIONS.includes(mutation)

const names = CATALOGUE.map(nameOf)
const twice = names.find((name, i) => names.indexOf(name) !== i)
if (twice) throw new Error(`Two mutations are called ${twice}`)
