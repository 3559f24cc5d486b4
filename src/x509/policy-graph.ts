import { ANY_POLICY } from './oids.ts'
import type { X509Certificate } from './x509-certificate.ts'

/** Inputs of RFC 5280 §6.1.1 (c), (e)–(g). */
export interface PolicyInputs {
  readonly initialPolicySet: readonly string[]
  readonly explicit: boolean
  readonly inhibitMapping: boolean
  readonly inhibitAny: boolean
}

/** No demand: any policy, none required. */
export const ANY_POLICY_INPUTS: PolicyInputs = {
  initialPolicySet: [ANY_POLICY],
  explicit: false,
  inhibitMapping: false,
  inhibitAny: false,
}

/**
 * A node of the deepest level of the policy graph (RFC 9618 §3.1). Instead of its edges it keeps the
 * policies of the anchor's domain from which it descends, the only thing the result asks of them:
 * so the state never grows beyond one level.
 */
interface PolicyNode {
  readonly expected: readonly string[]
  readonly origins: readonly string[]
}

type Level = ReadonlyMap<string, PolicyNode>

export type PolicyVerdict =
  'accepted' | 'policy-not-accepted' | 'policy-mapping-not-allowed' | 'policies-too-costly'

/** More policies than this in one certificate name nothing real; the work is quadratic in them. */
const MAX_POLICIES = 256

/** The policy part of path validation, fed the certificates from the anchor's side to the leaf. */
export class PolicyProcessing {
  readonly #inputs: PolicyInputs
  /** Every level but the deepest has served its purpose; `undefined` is the NULL graph. */
  #level: Level | undefined = new Map([
    [ANY_POLICY, { expected: [ANY_POLICY], origins: [ANY_POLICY] }],
  ])
  #explicitPolicy: number
  #inhibitAnyPolicy: number
  #policyMapping: number

  constructor(inputs: PolicyInputs, pathLength: number) {
    this.#inputs = inputs
    this.#explicitPolicy = inputs.explicit ? 0 : pathLength + 1
    this.#inhibitAnyPolicy = inputs.inhibitAny ? 0 : pathLength + 1
    this.#policyMapping = inputs.inhibitMapping ? 0 : pathLength + 1
  }

  /** RFC 5280 §6.1.3 (d)–(f) as replaced by RFC 9618 §5.1. */
  process(certificate: X509Certificate, isLeaf: boolean): PolicyVerdict {
    const { certificatePolicies, policyMappings } = certificate
    if ((certificatePolicies?.length ?? 0) + (policyMappings?.length ?? 0) > MAX_POLICIES)
      return 'policies-too-costly'
    const mayUseAny = this.#inhibitAnyPolicy > 0 || (!isLeaf && certificate.isSelfIssued)
    this.#level =
      certificatePolicies && this.#level
        ? nextLevel(this.#level, certificatePolicies, mayUseAny)
        : undefined
    return this.#explicitPolicy > 0 || this.#level ? 'accepted' : 'policy-not-accepted'
  }

  /** RFC 5280 §6.1.4 (a), (b), (h)–(j) as replaced by RFC 9618 §5.2. */
  prepare(certificate: X509Certificate): PolicyVerdict {
    const { policyMappings = [], policyConstraints, inhibitAnyPolicy } = certificate
    if (
      policyMappings.some(({ issuer, subject }) => issuer === ANY_POLICY || subject === ANY_POLICY)
    )
      return 'policy-mapping-not-allowed'
    if (this.#level && policyMappings.length > 0)
      this.#level = mapLevel(this.#level, policyMappings, this.#policyMapping > 0)
    if (!certificate.isSelfIssued) {
      this.#explicitPolicy = Math.max(0, this.#explicitPolicy - 1)
      this.#policyMapping = Math.max(0, this.#policyMapping - 1)
      this.#inhibitAnyPolicy = Math.max(0, this.#inhibitAnyPolicy - 1)
    }
    this.#explicitPolicy = lower(this.#explicitPolicy, policyConstraints?.requireExplicitPolicy)
    this.#policyMapping = lower(this.#policyMapping, policyConstraints?.inhibitPolicyMapping)
    this.#inhibitAnyPolicy = lower(this.#inhibitAnyPolicy, inhibitAnyPolicy)
    return 'accepted'
  }

  /** RFC 5280 §6.1.5 (a), (b), (g) as replaced by RFC 9618 §5.3. */
  wrapUp(leaf: X509Certificate): PolicyVerdict {
    const explicit = Math.max(0, this.#explicitPolicy - 1)
    const isExplicit = explicit === 0 || leaf.policyConstraints?.requireExplicitPolicy === 0
    return !isExplicit || this.#isAnyForUser() ? 'accepted' : 'policy-not-accepted'
  }

  /** Whether the user-constrained-policy-set has a policy. */
  #isAnyForUser(): boolean {
    const { initialPolicySet } = this.#inputs
    if (!this.#level || initialPolicySet.length === 0) return false
    const wantsAny = initialPolicySet.includes(ANY_POLICY)
    for (const { origins } of this.#level.values())
      for (const origin of origins)
        if (wantsAny || origin === ANY_POLICY || initialPolicySet.includes(origin)) return true
    return false
  }
}

function nextLevel(
  parents: Level,
  policies: readonly string[],
  mayUseAny: boolean,
): Level | undefined {
  const expecting = new Map<string, PolicyNode[]>()
  for (const node of parents.values())
    for (const policy of node.expected) {
      const nodes = expecting.get(policy)
      if (nodes) nodes.push(node)
      else expecting.set(policy, [node])
    }
  const level = new Map<string, PolicyNode>()
  for (const policy of policies) {
    if (policy === ANY_POLICY) continue
    const from = expecting.get(policy)
    if (from) level.set(policy, { expected: [policy], origins: originsOf(from) })
    else if (parents.has(ANY_POLICY)) level.set(policy, { expected: [policy], origins: [policy] })
  }
  if (mayUseAny && policies.includes(ANY_POLICY))
    for (const [policy, from] of expecting)
      if (!level.has(policy)) level.set(policy, { expected: [policy], origins: originsOf(from) })
  return level.size > 0 ? level : undefined
}

function originsOf(nodes: readonly PolicyNode[]): readonly string[] {
  if (nodes.length === 1) return nodes[0]!.origins
  return [...new Set(nodes.flatMap(({ origins }) => origins))]
}

function mapLevel(
  level: Level,
  mappings: readonly { issuer: string; subject: string }[],
  isAllowed: boolean,
): Level | undefined {
  const mapped = new Map(level)
  const subjects = new Map<string, Set<string>>()
  for (const { issuer, subject } of mappings)
    subjects.set(issuer, (subjects.get(issuer) ?? new Set()).add(subject))
  for (const [policy, mappedTo] of subjects) {
    const expected = [...mappedTo]
    const node = level.get(policy)
    if (!isAllowed) mapped.delete(policy)
    else if (node) mapped.set(policy, { ...node, expected })
    else if (level.has(ANY_POLICY)) mapped.set(policy, { expected, origins: [policy] })
  }
  return mapped.size > 0 ? mapped : undefined
}

function lower(counter: number, limit: number | undefined): number {
  return limit === undefined ? counter : Math.min(counter, limit)
}
