import { z } from 'zod'
import { decodeBase64 } from '../encoding/base64url.ts'
import {
  BARE_PURPOSES,
  type BareKey,
  type BarePurpose,
  WORKING_PURPOSES,
  type WorkingKey,
  type WorkingPurpose,
} from '../exchange/working-keys.ts'
import { readLogPolicy, type WitnessSettings } from '../exchange/log/policy.ts'
import { NODE_SETTINGS, withDefaults, witnessSettings } from '../http/node-settings.ts'
import { ENVIRONMENTS } from '../jose/environment.ts'
import type { D1Binding } from '../storage/dialect/d1.ts'

/** What wrangler.toml and `wrangler secret` give: the database, variables and keys. */
export interface Bindings {
  readonly DB?: D1Binding
  readonly [name: string]: unknown
}

/** Names every variable that is wrong, never what it holds. */
export class BindingError extends Error {
  override name = 'BindingError'
}

const Settings = z.strictObject({ ...NODE_SETTINGS, logPolicy: z.string().optional() })

/** Variables by the member of the settings; a list or an object is written as JSON or as a table. */
const VARIABLES = {
  state: 'CERTEX_STATE',
  environment: 'CERTEX_ENVIRONMENT',
  publicUrl: 'CERTEX_PUBLIC_URL',
  peers: 'CERTEX_PEERS',
  witnesses: 'CERTEX_WITNESSES',
  publicLog: 'CERTEX_PUBLIC_LOG',
  /** The text of a C2SP tlog-policy. */
  logPolicy: 'CERTEX_LOG_POLICY',
  allowHttpPeers: 'CERTEX_ALLOW_HTTP_PEERS',
  suites: 'CERTEX_SUITES',
  policy: 'CERTEX_POLICY',
  limits: 'CERTEX_LIMITS',
} as const satisfies Record<keyof typeof Settings.shape, string>

export type WorkerSettings = Omit<z.infer<typeof Settings>, 'policy' | 'limits' | 'logPolicy'> &
  ReturnType<typeof withDefaults> & { readonly witnessing: WitnessSettings }

/** @throws {BindingError} */
export function readSettings(bindings: Bindings): WorkerSettings {
  const given: Record<string, unknown> = {}
  for (const [member, variable] of Object.entries(VARIABLES)) {
    const value = bindings[variable]
    if (value === undefined) continue
    const isText = ['state', 'environment', 'publicUrl', 'logPolicy'].includes(member)
    given[member] = !isText && typeof value === 'string' ? fromJson(variable, value) : value
  }
  const parsed = Settings.safeParse(given)
  if (!parsed.success) throw new BindingError(parsed.error.issues.map(told).join('; '))
  const { policy, limits, logPolicy: text, ...settings } = parsed.data
  const logPolicy = text === undefined ? undefined : readLogPolicy(new TextEncoder().encode(text))
  if (logPolicy && 'malformed' in logPolicy)
    throw new BindingError(`${VARIABLES.logPolicy}: ${logPolicy.malformed}`)
  const witnessing = witnessSettings(settings.witnesses, logPolicy, settings.peers)
  return { ...settings, ...withDefaults({ policy, limits }), witnessing }
}

function told({ path: [member, ...path], message }: z.core.$ZodIssue): string {
  const variable = VARIABLES[member as keyof typeof VARIABLES] ?? 'variables'
  return `${[variable, ...path].join('.')}: ${message}`
}

const Base64 = z.string().transform((text, context) => {
  const octets = decodeBase64(text)
  if (octets && octets.length > 0) return octets
  context.addIssue({ code: 'custom', message: 'no base64' })
  return z.NEVER
})

/** One key, as `certex pki export-secrets` writes it. */
const KeySecret = z.strictObject({
  state: z.string(),
  environment: z.enum(ENVIRONMENTS),
  purpose: z.enum(WORKING_PURPOSES),
  pkcs8: Base64,
  x5c: z.array(Base64).min(1).max(8),
})

/** A log or witness key. */
const BareKeySecret = z.strictObject({
  state: z.string(),
  environment: z.enum(ENVIRONMENTS),
  purpose: z.enum(BARE_PURPOSES),
  pkcs8: Base64,
  publicKey: Base64,
})

const KEY_SECRET = /^CERTEX_KEY_/

/** Keys by how they are named: with an X.509 certificate, or bare. */
export interface KeySecrets {
  readonly keys: (WorkingKey & { readonly purpose: WorkingPurpose })[]
  readonly bareKeys: (BareKey & { readonly purpose: BarePurpose })[]
}

/**
 * The keys among the secrets, one secret each: a secret holds 5 KB at most.
 *
 * @throws {BindingError}
 */
export function readKeys(bindings: Bindings, { state, environment }: WorkerSettings): KeySecrets {
  const names = Object.keys(bindings).filter((name) => KEY_SECRET.test(name))
  const secrets: KeySecrets = { keys: [], bareKeys: [] }
  for (const name of names.toSorted()) {
    const parsed = z
      .union([KeySecret, BareKeySecret])
      .safeParse(fromJson(name, String(bindings[name])))
    if (!parsed.success) throw new BindingError(`${name} is no key that certex has exported`)
    const key = parsed.data
    if (key.state !== state || key.environment !== environment)
      throw new BindingError(
        `${name} is a key of ${key.state} (${key.environment}), not of ${state} (${environment})`,
      )
    if ('x5c' in key) secrets.keys.push({ ...key, path: key.x5c })
    else secrets.bareKeys.push(key)
  }
  return secrets
}

function fromJson(name: string, text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    // The error of the engine quotes what it read, which may be a key.
    throw new BindingError(`${name}: no JSON`)
  }
}
