import { createHash, generateKeyPairSync, sign } from 'node:crypto'
import { Worker } from 'node:worker_threads'
import { dayAt } from '../src/certificate/day.ts'
import { demoCertificate } from '../src/cli/demo/documents.ts'
import { validateCertificate } from '../src/exchange/validate.ts'
import { startTwoNodes } from '../test/support/two-nodes.ts'
import type { Row } from './row.ts'
import { rate } from './rate.ts'

/** Full validation of documents in process, against bare ECDSA P-256 verification on both cores. */
export async function benchValidation(): Promise<Row[]> {
  const raw = await rawVerifications(2, 4)
  const nodes = await startTwoNodes()
  try {
    const chamber = await nodes.BY.client('issuer', 'BY.CCI')
    const today = dayAt(new Date(), 180)
    const documents: string[] = []
    for (let n = 1; n <= 50; n++) {
      const certificate = await demoCertificate('origin-ct1-tractors', today, n)
      const { body } = await chamber.post('/v1/certificates', { certificate })
      documents.push((body as { document: string }).document)
    }
    const validate = validateCertificate(nodes.BY.running.deps)
    const task = async (n: number) => {
      const report = await validate({ subject: { document: documents[n % documents.length]! } })
      if (report.answer !== 'usable') throw new Error(report.reasons.join())
    }
    const reference = 'raw ECDSA P-256 verification, two threads'
    return [
      {
        what: 'validate a document, one by one',
        perSecond: await rate(1, 3, task),
        reference,
        referencePerSecond: raw,
      },
      {
        what: 'validate a document, 32 in flight',
        perSecond: await rate(32, 4, task),
        reference,
        referencePerSecond: raw,
      },
    ]
  } finally {
    await nodes.close()
  }
}

/** Verifications per second of node:crypto in so many threads. */
async function rawVerifications(threads: number, seconds: number): Promise<number> {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const data = createHash('sha512').update('reference').digest()
  const signature = sign('sha256', data, { key: privateKey, dsaEncoding: 'ieee-p1363' })
  const workerData = {
    key: publicKey.export({ format: 'pem', type: 'spki' }),
    data,
    signature,
    seconds,
  }
  const code = `
    const { parentPort, workerData: { key, data, signature, seconds } } = require('node:worker_threads')
    const { createPublicKey, verify } = require('node:crypto')
    const publicKey = { key: createPublicKey(key), dsaEncoding: 'ieee-p1363' }
    const end = Date.now() + seconds * 1000
    let n = 0
    while (Date.now() < end) for (let i = 0; i < 100; i++, n++)
      if (!verify('sha256', data, publicKey, signature)) throw new Error('not valid')
    parentPort.postMessage(n / seconds)`
  const rates = await Promise.all(
    Array.from(
      { length: threads },
      () =>
        new Promise<number>((resolve, reject) => {
          const worker = new Worker(code, { eval: true, workerData })
          worker.once('message', resolve)
          worker.once('error', reject)
        }),
    ),
  )
  return rates.reduce((sum, one) => sum + one, 0)
}
