import { afterAll, describe, expect, it } from 'vitest'
import { startWorker } from './worker-client.ts'

const worker = startWorker()
afterAll(() => worker.close())

describe('the worker of the vectors', () => {
  it('ends a call that hangs, and the next one runs in a new worker', async () => {
    const nothing = {
      spki: new Uint8Array(),
      name: 'ECDSA',
      sig: new Uint8Array(),
      msg: new Uint8Array(),
    }
    await expect(worker.call('hang', undefined, 200)).rejects.toThrow('HANG')
    expect(await worker.call('verifyRaw', nothing, 20_000)).toMatchObject({ ok: false })
  })
})
