import { CRL_MUTATIONS } from './catalogue-crl.ts'
import { FORM_MUTATIONS } from './catalogue-form.ts'
import { NAME_MUTATIONS } from './catalogue-names.ts'
import { PATH_MUTATIONS } from './catalogue-path.ts'
import { type Mutation, nameOf } from './mutation.ts'

/** Every way in which a chain of the tests may differ from a conforming one. */
export const CATALOGUE: readonly Mutation[] = [
  ...FORM_MUTATIONS,
  ...PATH_MUTATIONS,
  ...NAME_MUTATIONS,
  ...CRL_MUTATIONS,
]

/** Those that make sense only beside lists, or only without. */
export const needsLists = (mutation: Mutation): boolean => CRL_MUTATIONS.includes(mutation)

const names = CATALOGUE.map(nameOf)
const twice = names.find((name, i) => names.indexOf(name) !== i)
if (twice) throw new Error(`Two mutations are called ${twice}`)
