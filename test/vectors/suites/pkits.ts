import { assertCount, expectVerdict, type Suite } from '../suite.ts'
import type { PathCase } from '../adapter.ts'

interface Parameters {
  readonly cases: number
  readonly at: string
  readonly revocation: boolean
  readonly issuanceRules: boolean
  readonly rsaMinBits: number
  readonly eku: readonly string[]
}

interface Subtest {
  readonly name: string
  readonly should_validate: boolean
  readonly certs: readonly string[]
  readonly crls: readonly string[]
  readonly initial_explicit_policy: boolean
  readonly initial_policy_mapping_inhibit: boolean
  readonly initial_inhibit_any_policy: boolean
  readonly initial_policy_set?: readonly string[]
}

/** NIST PKITS 1.0.1: path validation with CRLs and policies. */
export const pkits: Suite = {
  name: 'pkits',
  load({ json, octets }) {
    const parameters = json('suite.json') as Parameters
    const tests = json('tests.json') as readonly Subtest[]
    assertCount('cases', new Set(tests.map(({ name }) => name)).size, parameters.cases)
    return tests.map((test) => {
      const [anchor, ...path] = test.certs.map((name) => octets(`certs/${name}.crt`))
      const input: PathCase = {
        leaf: path.at(-1)!,
        intermediates: path.slice(0, -1),
        anchors: [anchor!],
        crls: parameters.revocation ? test.crls.map((name) => octets(`crls/${name}.crl`)) : [],
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
      }
      return {
        id: test.name,
        call: 'verifyPath',
        input,
        judge: expectVerdict(test.should_validate),
      }
    })
  },
}

function policyOid(name: string): string {
  if (name === 'anyPolicy') return '2.5.29.32.0'
  const number = /^NIST-test-policy-(\d+)$/.exec(name)?.[1]
  if (!number) throw new Error(`No policy ${name}`)
  return `2.16.840.1.101.3.2.1.48.${number}`
}
