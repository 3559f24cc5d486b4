import { derElement, derInteger } from '../../src/encoding/der-writer.ts'
import { ANY_POLICY, EXCHANGE_POLICY, EXTENSION } from '../../src/x509/oids.ts'
import { derOid, extension, hexToOctets, policies } from '../unit/x509/forgery.ts'
import { type Bytes, type ChainSpec, empty, ROLES, STRICT_POLICY } from './chain.ts'
import { changed, extend, type Mutation, inEach, inChain } from './mutation.ts'

const hex = hexToOctets
const BELOW = ['state', 'body', 'seal'] as const
const CAS = ['state', 'body'] as const

const mapping = (...pairs: [string, string][]) =>
  extension(
    EXTENSION.policyMappings,
    true,
    derElement(0x30, ...pairs.map(([a, b]) => derElement(0x30, derOid(a), derOid(b)))),
  )
const constraints = (require: bigint | undefined, inhibit: bigint | undefined, critical = true) => {
  const number = (tag: number, value: bigint | undefined) =>
    value === undefined ? empty : derElement(tag, derInteger(value).subarray(2))
  return extension(
    EXTENSION.policyConstraints,
    critical,
    derElement(0x30, number(0x80, require), number(0x81, inhibit)),
  )
}
const inhibitAny = (skip: bigint, critical = true) =>
  extension(EXTENSION.inhibitAnyPolicy, critical, derInteger(skip))
const OTHER = '1.2.3.4'

const POLICY_CHANGES = {
  'policies absent': extend({ pol: undefined }),
  'another policy': extend({ pol: policies(OTHER) }),
  'another policy as well': extend({ pol: policies(OTHER, EXCHANGE_POLICY) }),
  'any policy': extend({ pol: policies(ANY_POLICY) }),
  'any policy as well': extend({ pol: policies(EXCHANGE_POLICY, ANY_POLICY) }),
  'policy twice': extend({ pol: policies(EXCHANGE_POLICY, EXCHANGE_POLICY) }),
  'policies empty': extend({
    pol: extension(EXTENSION.certificatePolicies, false, hex('3000')),
  }),
  'policies critical': extend({
    pol: extension(
      EXTENSION.certificatePolicies,
      true,
      derElement(0x30, derElement(0x30, derOid(EXCHANGE_POLICY))),
    ),
  }),
  'policy required at once': extend({ pc: constraints(0n, undefined) }),
  'policy required and mapping inhibited': extend({ pc: constraints(0n, 0n) }),
  'policy constraints not critical': extend({ pc: constraints(0n, undefined, false) }),
  'policy constraints empty': extend({ pc: constraints(undefined, undefined) }),
  'any policy inhibited': extend({ ia: inhibitAny(0n) }),
  'any policy inhibited, not critical': extend({ ia: inhibitAny(0n, false) }),
} as const

/** With every policy input open, so that the certificates decide. */
const open = (mutation: Mutation): Mutation => ({
  ...mutation,
  name: `${mutation.name}, policy asked for only`,
  apply: (chain, random) => ({
    ...mutation.apply(chain, random),
    policy: { ...STRICT_POLICY, inhibitAny: false, inhibitMapping: false },
  }),
})
const anything = (mutation: Mutation): Mutation => ({
  ...mutation,
  name: `${mutation.name}, no policy asked for`,
  apply: (chain, random) => ({
    ...mutation.apply(chain, random),
    policy: {
      initialPolicySet: [ANY_POLICY],
      explicit: false,
      inhibitAny: false,
      inhibitMapping: false,
    },
  }),
})

/** P10: policies, mapped, constrained, inhibited. */
export const POLICY_MUTATIONS: readonly Mutation[] = [
  ...inEach(ROLES, 'P10', POLICY_CHANGES),
  ...[
    ...inEach(ROLES, 'P10', POLICY_CHANGES),
    ...inEach(CAS, 'P10', {
      'policy mapped, and nothing below has it': extend({
        pm: mapping([EXCHANGE_POLICY, OTHER]),
      }),
      'policy mapped to itself': extend({ pm: mapping([EXCHANGE_POLICY, EXCHANGE_POLICY]) }),
      'policy mapped from any': extend({ pm: mapping([ANY_POLICY, OTHER]) }),
      'policy mapped to any': extend({ pm: mapping([EXCHANGE_POLICY, ANY_POLICY]) }),
      'another policy mapped to the own': extend({ pm: mapping([OTHER, EXCHANGE_POLICY]) }),
      'mapping inhibited': extend({ pc: constraints(undefined, 0n) }),
    }),
    ...inChain('P10', {
      'policy mapped by the body, and the seal has the other': (chain, random) =>
        mapped(chain, random, {}),
      'policy mapped though the state inhibits it': (chain, random) =>
        mapped(chain, random, { pc: constraints(undefined, 0n) }),
      'policy mapped though the root inhibits it': (chain, random) =>
        mapped(chain, random, {}, { pc: constraints(undefined, 0n) }),
      'any policy of the state though the root inhibits it': (chain, random) =>
        changed(
          changed(chain, 'root', extend({ ia: inhibitAny(0n) }), random),
          'state',
          POLICY_CHANGES['any policy'],
          random,
        ),
      'any policy of the body though the state inhibits it': (chain, random) =>
        changed(
          changed(chain, 'state', extend({ ia: inhibitAny(0n) }), random),
          'body',
          POLICY_CHANGES['any policy'],
          random,
        ),
      'any policy all the way': (chain, random) =>
        BELOW.reduce(
          (all, role) => changed(all, role, POLICY_CHANGES['any policy'], random),
          chain,
        ),
    }),
  ].flatMap((mutation) => [open(mutation), anything(mutation)]),
]

function mapped(
  chain: ChainSpec,
  random: Parameters<Mutation['apply']>[1],
  ofState: Record<string, Bytes>,
  ofRoot: Record<string, Bytes> = {},
): ChainSpec {
  const below = changed(chain, 'seal', extend({ pol: policies(OTHER) }), random)
  const body = extend({ pm: mapping([EXCHANGE_POLICY, OTHER]) })
  const state = changed(changed(below, 'body', body, random), 'state', extend(ofState), random)
  return changed(state, 'root', extend(ofRoot), random)
}
