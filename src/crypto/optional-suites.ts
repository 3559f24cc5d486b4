import { BIGN } from './bign.ts'
import type { CryptoSuite } from './crypto-suite.ts'

/** Suites that an operator may switch on beside WebCrypto, by the name in the configuration. */
const OPTIONAL_SUITES = { bign: BIGN } as const satisfies Record<string, CryptoSuite>

export const OPTIONAL_SUITE_NAMES = ['bign'] as const satisfies (keyof typeof OPTIONAL_SUITES)[]

export function optionalSuites(
  names: readonly (typeof OPTIONAL_SUITE_NAMES)[number][],
): readonly CryptoSuite[] {
  return names.map((name) => OPTIONAL_SUITES[name])
}
