import { afterAll, describe, expect, it } from 'vitest'
import { hexToOctets } from '../unit/x509/forgery.ts'
import { describeVectors } from './vector-suite.ts'
import { expectVerdict } from './verdict.ts'
import { startWorker } from './worker-client.ts'

interface Parameters {
  readonly files: Readonly<Record<string, { readonly name: string }>>
}

interface TestFile {
  readonly testGroups: readonly {
    readonly publicKeyDer: string
    readonly tests: readonly {
      readonly tcId: number
      readonly comment: string
      readonly msg: string
      readonly sig: string
      readonly result: 'valid' | 'invalid'
    }[]
  }[]
}

const LIMIT_MS = 20_000

describeVectors<Parameters>('wycheproof-raw', ({ parameters, json }) => {
  const worker = startWorker()
  afterAll(() => worker.close())
  const files = Object.entries(parameters.files).map(([file, { name }]) => {
    const { testGroups } = json(file) as TestFile
    const tests = testGroups.flatMap(({ publicKeyDer, tests }) =>
      tests.map((test) => ({ ...test, spki: hexToOctets(publicKeyDer) })),
    )
    return { file, name, tests }
  })

  it('has every case', () => {
    expect(files.flatMap(({ tests }) => tests)).toHaveLength(parameters.cases)
  })

  describe.each(files)('$file', ({ name, tests }) => {
    it.each(tests)('$tcId $comment', async ({ tcId, spki, sig, msg, result }) => {
      const input = { spki, name, sig: hexToOctets(sig), msg: hexToOctets(msg) }
      const verdict = await worker.call('verifyRaw', input, LIMIT_MS)
      expectVerdict('wycheproof-raw', String(tcId), verdict, result === 'valid')
    })
  })
})
