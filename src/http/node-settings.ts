import { z } from 'zod'
import { DEFAULT_POLICY } from '../certificate/default-policy.ts'
import { Policy } from '../certificate/policy.ts'
import { OPTIONAL_SUITE_NAMES } from '../crypto/optional-suites.ts'
import type { WitnessSettings } from '../exchange/log/policy.ts'
import { ENVIRONMENTS } from '../jose/environment.ts'
import { type LogPolicy, NO_QUORUM } from '../tlog/policy.ts'
import { parseVerifierKey } from '../tlog/verifier-key.ts'
import { LimitsSetting, type RequestLimits, requestLimits } from './rate-limit-settings.ts'

const State = z.string().regex(/^[A-Z]{2}$/, 'two capital letters, ISO 3166-1 alpha-2')
const Url = z
  .url({ protocol: /^https?$/, error: 'an http or https URL' })
  .refine((url) => !url.endsWith('/'), 'no slash at the end')
  .refine((url) => !/^https?:\/\/[^/]*@/.test(url), 'no name and no password in a URL')

const PolicySetting = Policy.partial()

/** A witness that no trust list names. */
const WitnessSetting = z.strictObject({
  // Not like the names that policies from trust lists have: those begin with a state.
  name: z
    .string()
    .regex(/^[a-z0-9][a-z0-9._-]{0,62}$/, 'small letters, digits, dots, dashes')
    .refine((name) => name !== NO_QUORUM, `not ${NO_QUORUM}`),
  key: z.string().refine((text) => !('malformed' in parseVerifierKey(text, 'cosignature/v1')), {
    error: 'a C2SP verifier key of type 04, <name>+<id>+<key>',
  }),
  url: Url,
})

/** What an operator configures of a node, wherever it runs; members of a schema. */
export const NODE_SETTINGS = {
  state: State.meta({ description: 'state that the node serves, ISO 3166-1 alpha-2' }),
  environment: z.enum(ENVIRONMENTS).default('production').meta({
    description: '`production` or `training`: own roots and database, every document marked',
  }),
  publicUrl: Url.meta({
    description: 'address under which others reach the node; never read from headers',
  }),
  peers: z
    .array(z.strictObject({ state: State, url: Url, pull: z.boolean().optional() }))
    .max(250)
    .default([])
    .meta({
      description:
        'where the trust list of each peer is fetched the first time; with `"pull": true` the feed of a peer that cannot push to us is followed all the time',
    }),
  witnesses: z.array(WitnessSetting).max(16).default([]).meta({
    description:
      'further witnesses of the own log, beside those of the trust lists: name, C2SP verifier key, URL above `add-checkpoint`',
  }),
  publicLog: z.boolean().default(false).meta({
    description:
      '`true`: everybody may read the log (`/log`), not peers, authority and auditors alone',
  }),
  allowHttpPeers: z.boolean().default(false).meta({
    description: '`true`: peers may be reached over plain http; for one machine and tests',
  }),
  suites: z.array(z.enum(OPTIONAL_SUITE_NAMES)).max(OPTIONAL_SUITE_NAMES.length).default([]).meta({
    description:
      'algorithms beside those of the exchange in which this node verifies national signatures: `bign`',
  }),
  policy: PolicySetting.optional().meta({
    description: 'replaces parts of the default policy: `src/certificate/policy.ts`',
  }),
  limits: LimitsSetting.optional().meta({
    description: 'replaces parts of the default limits: `src/http/rate-limit-settings.ts`',
  }),
}

/** The witnesses as they are asked, and the policy that says which of them are needed. */
export function witnessSettings(
  given: readonly z.infer<typeof WitnessSetting>[],
  policy: LogPolicy | undefined,
  peers: readonly { readonly state: string }[],
): WitnessSettings {
  const further = given.flatMap(({ name, key: text, url }) => {
    const key = parseVerifierKey(text, 'cosignature/v1')
    return 'malformed' in key ? [] : [{ name, key, url }]
  })
  return { further, policy, peers: peers.map(({ state }) => state) }
}

/** Policy and limits with what the operator left as it is. */
export function withDefaults(given: {
  policy?: z.infer<typeof PolicySetting> | undefined
  limits?: z.infer<typeof LimitsSetting> | undefined
}): { policy: Policy; limits: RequestLimits } {
  return {
    policy: Policy.parse({ ...DEFAULT_POLICY, ...given.policy }),
    limits: requestLimits(given.limits),
  }
}
