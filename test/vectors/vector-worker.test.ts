import { afterAll, describe, expect, it } from 'vitest'
import { runCase } from './run-case.ts'
import type { Case } from './suite.ts'
import { startVectorWorker } from './vector-worker.ts'

const worker = startVectorWorker()
afterAll(() => worker.close())

const nothing = {
  spki: new Uint8Array(),
  alg: 'ES256' as const,
  sig: new Uint8Array(),
  msg: new Uint8Array(),
}
const aCase = (changes: Partial<Case>): Case => ({
  id: 'own',
  call: 'verifyRaw',
  input: () => nothing,
  limitMs: 20_000,
  judge: () => undefined,
  ...changes,
})

describe('the worker of the vectors', () => {
  it('ends a call that hangs, and the next one runs in a new worker', async () => {
    await expect(worker.call('hang', undefined, 200)).rejects.toThrow('HANG')
    expect(await worker.call('verifyRaw', nothing, 20_000)).toMatchObject({ ok: false })
  })

  it('does not wait for a thread that has ended', async () => {
    await expect(worker.call('exit', undefined, 20_000)).rejects.toThrow('the thread ended with 3')
    expect(await worker.call('verifyRaw', nothing, 20_000)).toMatchObject({ ok: false })
  })
})

describe('a case of the vectors', () => {
  it('that never ends is killed and counts as a hang, whatever verdict was due', async () => {
    const started = performance.now()
    const result = await runCase('crl', aCase({ call: 'hang', limitMs: 200 }), worker)
    expect(result).toMatchObject({ result: 'failed', fault: 'hang' })
    expect(performance.now() - started).toBeLessThan(10_000)
    expect(await runCase('crl', aCase({}), worker)).toEqual({ result: 'passed' })
  })

  it('that throws fails, also where a rejection is due', async () => {
    const result = await runCase('crl', aCase({ input: () => undefined }), worker)
    expect(result).toMatchObject({ result: 'failed', fault: 'thrown' })
  })

  it('that is waived for a false reject is not waived for a hang or a false accept', async () => {
    const id = 'Section1ValidDSASignaturesTest4'
    const hanging = aCase({ id, call: 'hang', limitMs: 200 })
    expect(await runCase('pkits', hanging, worker)).toMatchObject({ fault: 'hang' })
    const fault = { fault: 'false accept', reason: 'accepted' } as const
    expect(await runCase('pkits', aCase({ id, judge: () => fault }), worker)).toMatchObject({
      result: 'failed',
      fault: 'false accept',
    })
    expect(await runCase('pkits', aCase({ id }), worker)).toMatchObject({
      result: 'failed',
      fault: 'wrong',
    })
  })
})
