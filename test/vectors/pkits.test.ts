import { afterAll, describe, expect, it } from 'vitest'
import { describeVectors } from './vector-suite.ts'
import { expectVerdict } from './verdict.ts'
import { startWorker } from './worker-client.ts'

interface Parameters {
  readonly at: string
  readonly issuanceRules: boolean
  readonly rsaMinBits: number
  readonly eku: readonly string[]
}

interface Subtest {
  readonly suite: string
  readonly name: string
  readonly should_validate: boolean
  readonly certs: readonly string[]
  readonly crls: readonly string[]
  readonly initial_explicit_policy: boolean
  readonly initial_policy_mapping_inhibit: boolean
  readonly initial_inhibit_any_policy: boolean
  readonly initial_policy_set?: readonly string[]
}

const LIMIT_MS = 20_000

describeVectors<Parameters>('pkits', ({ parameters, json, octets }) => {
  const tests = json('tests.json') as readonly Subtest[]
  const worker = startWorker()
  afterAll(() => worker.close())

  it('has every subtest', () => {
    expect(tests).toHaveLength(parameters.cases)
    expect(new Set(tests.map(({ name }) => name)).size).toBe(parameters.cases)
  })

  describe.each([...new Set(tests.map(({ suite }) => suite))])('%s', (section) => {
    it.each(tests.filter(({ suite }) => suite === section))('$name', async (test) => {
      const [anchor, ...path] = test.certs.map((name) => octets(`certs/${name}.crt`))
      const verdict = await worker.call(
        'verifyPath',
        {
          leaf: path.at(-1)!,
          intermediates: path.slice(0, -1),
          anchors: [anchor!],
          crls: test.crls.map((name) => octets(`crls/${name}.crl`)),
          at: new Date(parameters.at),
          eku: parameters.eku,
          policy: {
            initialPolicySet: (test.initial_policy_set ?? ['anyPolicy']).map(policyOid),
            explicit: test.initial_explicit_policy,
            inhibitMapping: test.initial_policy_mapping_inhibit,
            inhibitAny: test.initial_inhibit_any_policy,
          },
          issuanceRules: parameters.issuanceRules,
          rsaMinBits: parameters.rsaMinBits,
        },
        LIMIT_MS,
      )
      expectVerdict('pkits', test.name, verdict, test.should_validate)
    })
  })
})

function policyOid(name: string): string {
  if (name === 'anyPolicy') return '2.5.29.32.0'
  const number = /^NIST-test-policy-(\d+)$/.exec(name)?.[1]
  if (!number) throw new Error(`No policy ${name}`)
  return `2.16.840.1.101.3.2.1.48.${number}`
}
