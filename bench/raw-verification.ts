import { createHash, generateKeyPairSync, sign } from 'node:crypto'
import { once } from 'node:events'
import { Worker } from 'node:worker_threads'

export const RAW = 'raw ECDSA P-256 verification, two threads'

/** What the cores can do at best: node:crypto in so many threads that do nothing else. */
export interface RawVerification {
  /** Verifications per second over about `seconds`, all threads together. */
  rate(seconds: number): Promise<number>
  close(): Promise<void>
}

const THREAD = `
const { parentPort, workerData: { key, data, signature } } = require('node:worker_threads')
const { createPublicKey, verify } = require('node:crypto')
const publicKey = { key: createPublicKey(key), dsaEncoding: 'ieee-p1363' }
parentPort.on('message', (seconds) => {
  const started = performance.now()
  let n = 0
  while (performance.now() < started + seconds * 1000) for (let i = 0; i < 50; i++, n++)
    if (!verify('sha256', data, publicKey, signature)) throw new Error('not valid')
  parentPort.postMessage(n * 1000 / (performance.now() - started))
})`

export function rawVerification(threads = 2): RawVerification {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const data = createHash('sha512').update('reference').digest()
  const signature = sign('sha256', data, { key: privateKey, dsaEncoding: 'ieee-p1363' })
  const key = publicKey.export({ format: 'pem', type: 'spki' })
  const workerData = { key, data, signature }
  const workers = Array.from(
    { length: threads },
    () => new Worker(THREAD, { eval: true, workerData }),
  )
  return {
    async rate(seconds) {
      const rates = workers.map(async (worker) => {
        worker.postMessage(seconds)
        const [perSecond] = (await once(worker, 'message')) as [number]
        return perSecond
      })
      return (await Promise.all(rates)).reduce((sum, one) => sum + one, 0)
    },
    async close() {
      await Promise.all(workers.map((worker) => worker.terminate()))
    },
  }
}
