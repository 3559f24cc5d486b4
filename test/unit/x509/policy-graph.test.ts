import { describe, expect, it } from 'vitest'
import { derElement, derInteger } from '../../../src/encoding/der-writer.ts'
import { ANY_POLICY, EXTENSION } from '../../../src/x509/oids.ts'
import { ANY_POLICY_INPUTS, PolicyProcessing } from '../../../src/x509/policy-graph.ts'
import type { PolicyInputs } from '../../../src/x509/policy-graph.ts'
import { parseX509Certificate } from '../../../src/x509/x509-certificate.ts'
import type { X509Certificate } from '../../../src/x509/x509-certificate.ts'
import { derName, derOid, extension, forge, policies } from './forgery.ts'

const [A, B, C] = ['1.2.3.1', '1.2.3.2', '1.2.3.3'] as const
const issuer = await forge({ subject: derName(['CN', 'Issuer']), extensions: [] })

interface Step {
  readonly policies?: readonly string[]
  readonly mappings?: readonly (readonly [issuer: string, subject: string])[]
  readonly requireExplicit?: number
  readonly inhibitMapping?: number
  readonly inhibitAny?: number
}

async function certificate(step: Step): Promise<X509Certificate> {
  const { mappings, requireExplicit, inhibitMapping, inhibitAny } = step
  const small = (tag: number, value: number | undefined) =>
    value === undefined ? [] : [derElement(tag, derInteger(BigInt(value)).slice(2))]
  const constraints = [...small(0x80, requireExplicit), ...small(0x81, inhibitMapping)]
  const pairs = mappings?.map((pair) => derElement(0x30, ...pair.map(derOid)))
  const extensions = [
    step.policies && policies(...step.policies),
    pairs && extension(EXTENSION.policyMappings, true, derElement(0x30, ...pairs)),
    constraints.length > 0 &&
      extension(EXTENSION.policyConstraints, true, derElement(0x30, ...constraints)),
    inhibitAny !== undefined &&
      extension(EXTENSION.inhibitAnyPolicy, true, derInteger(BigInt(inhibitAny))),
  ].filter((value) => value instanceof Uint8Array)
  const { certificate: der } = await forge({ subject: derName(['CN', 'x']), issuer, extensions })
  const parsed = parseX509Certificate(der)
  if ('malformed' in parsed) throw new Error(parsed.malformed)
  return parsed
}

/** Runs a path, authorities first and the leaf last, through the policy part of validation. */
async function verdict(
  steps: readonly Step[],
  inputs: Partial<PolicyInputs> = {},
): Promise<string> {
  const processing = new PolicyProcessing({ ...ANY_POLICY_INPUTS, ...inputs }, steps.length)
  for (const [index, step] of steps.entries()) {
    const parsed = await certificate(step)
    const isLeaf = index === steps.length - 1
    const verdicts = [
      processing.process(parsed, isLeaf),
      isLeaf ? processing.wrapUp(parsed) : processing.prepare(parsed),
    ]
    const refusal = verdicts.find((each) => each !== 'accepted')
    if (refusal) return refusal
  }
  return 'accepted'
}

const wants = (...initialPolicySet: string[]) => ({ initialPolicySet, explicit: true })

describe('certificate policies on the graph of RFC 9618', () => {
  it('without a demand a path needs none', async () => {
    expect(await verdict([{}, {}])).toBe('accepted')
    expect(await verdict([{ policies: [A] }, {}])).toBe('accepted')
  })

  it('a demand is met only where every certificate carries the policy', async () => {
    expect(await verdict([{ policies: [A] }, { policies: [A, B] }], wants(A))).toBe('accepted')
    expect(await verdict([{ policies: [A] }, { policies: [A, B] }], wants(B))).toBe(
      'policy-not-accepted',
    )
    expect(await verdict([{ policies: [A] }, { policies: [B] }], wants(A, B))).toBe(
      'policy-not-accepted',
    )
    expect(await verdict([{ policies: [A] }, {}], wants(A))).toBe('policy-not-accepted')
  })

  it('anyPolicy stands for what was demanded, until it is inhibited', async () => {
    const any = { policies: [ANY_POLICY] }
    expect(await verdict([any, { policies: [A] }], wants(A))).toBe('accepted')
    expect(await verdict([{ policies: [A] }, any], wants(A))).toBe('accepted')
    expect(await verdict([any, any], wants(A))).toBe('accepted')
    expect(await verdict([any, any], { ...wants(A), inhibitAny: true })).toBe('policy-not-accepted')
    expect(await verdict([{ policies: [A], inhibitAny: 0 }, any], wants(A))).toBe(
      'policy-not-accepted',
    )
    expect(await verdict([{ policies: [A], inhibitAny: 1 }, any], wants(A))).toBe('accepted')
  })

  it('a mapped policy counts as the policy of the anchor it came from', async () => {
    const mapping = { policies: [A], mappings: [[A, B]] } as const
    expect(await verdict([mapping, { policies: [B] }], wants(A))).toBe('accepted')
    expect(await verdict([mapping, { policies: [B] }], wants(B))).toBe('policy-not-accepted')
    expect(await verdict([mapping, { policies: [A] }], wants(A))).toBe('policy-not-accepted')
    const fromAny = { policies: [ANY_POLICY], mappings: [[A, B]] } as const
    expect(await verdict([fromAny, { policies: [B] }], wants(A))).toBe('accepted')
  })

  it('a mapping may be forbidden, and one of anyPolicy always is', async () => {
    const mapping = { policies: [A], mappings: [[A, B]] } as const
    const forbidden = { ...wants(A), inhibitMapping: true }
    expect(await verdict([mapping, { policies: [B] }], forbidden)).toBe('policy-not-accepted')
    const above = { policies: [A], inhibitMapping: 0 }
    expect(await verdict([above, mapping, { policies: [B] }], wants(A))).toBe('policy-not-accepted')
    const any = { policies: [A], mappings: [[A, ANY_POLICY]] } as const
    expect(await verdict([any, { policies: [B] }])).toBe('policy-mapping-not-allowed')
  })

  it('an authority may demand a policy of what comes below it', async () => {
    expect(await verdict([{ policies: [A], requireExplicit: 0 }, {}])).toBe('policy-not-accepted')
    expect(await verdict([{ policies: [A], requireExplicit: 1 }, {}])).toBe('policy-not-accepted')
    expect(await verdict([{ policies: [A], requireExplicit: 2 }, {}])).toBe('accepted')
    expect(await verdict([{ policies: [A], requireExplicit: 0 }, { policies: [A] }])).toBe(
      'accepted',
    )
    expect(await verdict([{ policies: [A] }, { policies: [C], requireExplicit: 0 }])).toBe(
      'policy-not-accepted',
    )
  })

  // A graph of paths instead of RFC 9618's would not end within any time limit.
  it('mappings of all to all stay cheap through many levels', async () => {
    const some = Array.from({ length: 12 }, (_, i) => `1.2.3.${i + 1}`)
    const mappings = some.flatMap((from) => some.map((to) => [from, to] as const))
    const step = { policies: some, mappings }
    expect(
      await verdict([...Array.from({ length: 20 }, () => step), { policies: [A] }], wants(A)),
    ).toBe('accepted')
  })

  it('more policies than anything real has are refused', async () => {
    const many = Array.from({ length: 300 }, (_, i) => `1.2.3.${i + 1}`)
    expect(await verdict([{ policies: many }])).toBe('policies-too-costly')
  })
})
