import { parentPort } from 'node:worker_threads'
import { adoptEcdsaP256 } from '../../src/crypto/suite.ts'
import { nativeEcdsa } from '../../src/node/native-ecdsa.ts'
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
}
export type Calls = typeof calls

interface Request {
  readonly call: keyof Calls
  readonly input: never
}

async function answer({ call, input }: Request): Promise<void> {
  try {
    parentPort!.postMessage({ value: await calls[call](input) })
  } catch (error) {
    // The vectors' rule: a throw is a failure, also where rejection is expected.
    parentPort!.postMessage({ thrown: String(error) })
  }
}

if (new URL(import.meta.url).search === '?native') await adoptEcdsaP256(nativeEcdsa)
parentPort!.on('message', (request: Request) => void answer(request))
// Tells the client that every module is loaded.
parentPort!.postMessage('ready')
