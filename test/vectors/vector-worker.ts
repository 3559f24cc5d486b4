import { startWorker, type WorkerClient } from '../support/worker-client.ts'
import type { VectorCalls } from './worker.ts'

export type VectorWorker = WorkerClient<VectorCalls>

/** `native`: with what Node computes itself, as a node does; otherwise with WebCrypto alone, as on Workers. */
export function startVectorWorker(computing: 'native' | 'webcrypto' = 'native'): VectorWorker {
  return startWorker<VectorCalls>(new URL(`./worker.ts?${computing}`, import.meta.url))
}
