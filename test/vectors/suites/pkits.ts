import * as z from 'zod'
import type { PathCase } from '../adapter.ts'
import {
  assertCount,
  caseOf,
  expectVerdict,
  parameters,
  readEach,
  readJson,
  type Suite,
} from '../suite.ts'
import { PATH_PARAMETERS } from './path-parameters.ts'

const Parameters = parameters('pkits', PATH_PARAMETERS)

const Subtest = z.object({
  name: z.string(),
  should_validate: z.boolean(),
  /** Trust anchor first, leaf last. */
  certs: z.array(z.string()).min(2),
  crls: z.array(z.string()),
  initial_explicit_policy: z.boolean(),
  initial_policy_mapping_inhibit: z.boolean(),
  initial_inhibit_any_policy: z.boolean(),
  /** Absent: any policy. */
  initial_policy_set: z.array(z.string()).default(['anyPolicy']),
})

/** NIST PKITS 1.0.1: path validation with CRLs and policies. */
export const pkits: Suite = {
  name: 'pkits',
  load(folder) {
    const { cases, at, revocation, ...inputs } = readJson(folder, 'suite.json', Parameters)
    const tests = readJson(folder, 'tests.json', z.array(z.unknown()))
    assertCount('cases', tests.length, cases)
    const inputOf = (test: z.infer<typeof Subtest>): PathCase => {
      const [anchor, ...path] = test.certs.map((name) => folder.octets(`certs/${name}.crt`))
      const { eku, maxDepth, issuanceRules, rsaMinBits } = inputs
      return {
        leaf: path.at(-1)!,
        intermediates: path.slice(0, -1),
        anchors: [anchor!],
        crls: revocation ? test.crls.map((name) => folder.octets(`crls/${name}.crl`)) : [],
        at: new Date(at),
        eku,
        ...(maxDepth !== undefined && { maxDepth }),
        policy: {
          initialPolicySet: test.initial_policy_set.map(policyOid),
          explicit: test.initial_explicit_policy,
          inhibitMapping: test.initial_policy_mapping_inhibit,
          inhibitAny: test.initial_inhibit_any_policy,
        },
        issuanceRules,
        rsaMinBits,
      }
    }
    return readEach(tests, Subtest, (member) => member['name']).map((read) =>
      caseOf(read, (test) => ({
        call: 'verifyPath',
        input: () => inputOf(test),
        judge: expectVerdict(test.should_validate),
      })),
    )
  },
}

function policyOid(name: string): string {
  if (name === 'anyPolicy') return '2.5.29.32.0'
  const number = /^NIST-test-policy-(\d+)$/.exec(name)?.[1]
  if (!number) throw new Error(`No policy ${name}`)
  return `2.16.840.1.101.3.2.1.48.${number}`
}
