import { adoptEcdsaP256 } from '../../src/crypto/suite.ts'
import { nativeEcdsa } from '../../src/node/native-ecdsa.ts'
import { answerCalls } from '../support/worker-thread.ts'
import {
  checkJades,
  crlStatus,
  statusAt,
  verifyConsistency,
  verifyInclusion,
  verifyPath,
  verifyRaw,
} from './adapter.ts'
import { verifyJws } from './jws-verifier.ts'

/** Proves that a call that never ends is ended. */
function hang(): Promise<never> {
  for (;;);
}

/** Proves that a thread that ends is not waited for. */
function exit(): never {
  process.exit(3)
}

const calls = {
  checkJades,
  crlStatus,
  statusAt,
  verifyConsistency,
  verifyInclusion,
  verifyJws,
  verifyPath,
  verifyRaw,
  hang,
  exit,
}
export type VectorCalls = typeof calls

if (new URL(import.meta.url).search === '?native') await adoptEcdsaP256(nativeEcdsa)
answerCalls(calls)
