import type { Suite } from './suite.ts'
import { crl } from './suites/crl.ts'
import { jades } from './suites/jades.ts'
import { joseCookbook } from './suites/jose-cookbook.ts'
import { merkle } from './suites/merkle.ts'
import { pkits } from './suites/pkits.ts'
import { tokenStatusList } from './suites/token-status-list.ts'
import { wycheproofJws } from './suites/wycheproof-jws.ts'
import { wycheproofRaw } from './suites/wycheproof-raw.ts'
import { x509Limbo } from './suites/x509-limbo.ts'

/** Every suite of vectors that the project answers to. */
export const SUITES: readonly Suite[] = [
  pkits,
  x509Limbo,
  crl,
  wycheproofJws,
  wycheproofRaw,
  joseCookbook,
  jades,
  merkle,
  tokenStatusList,
]
