import { readFileSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { z } from 'zod'
import type { Policy } from '../certificate/policy.ts'
import type { WitnessSettings } from '../exchange/log/policy.ts'
import { NODE_SETTINGS, withDefaults, witnessSettings } from '../http/node-settings.ts'
import type { RequestLimits } from '../http/rate-limit-settings.ts'
import { JsonError, parseStrictJson } from '../encoding/strict-json.ts'
import { readFileAsPolicy } from './log-policy-file.ts'
import { contradictionsIn, unreadableIn } from './config-faults.ts'
import { readVariables, variablesOf } from './config-variables.ts'

const File = z.string().min(1)

/** What an operator configures, in a file, in the environment or in both. */
export const ConfigFile = z.strictObject({
  ...NODE_SETTINGS,
  listen: z.strictObject({
    host: z.string().min(1).default('127.0.0.1').meta({ description: 'address to listen on' }),
    port: z.int().min(0).max(65535).meta({ description: 'port to listen on' }),
  }),
  tls: z
    .strictObject({
      key: File.meta({ description: 'private key of the TLS server, PEM file' }),
      chain: File.meta({ description: 'its X.509 certificate with the intermediates, PEM file' }),
    })
    .optional(),
  database: File.meta({ description: 'SQLite file' }),
  validationThreads: z.int().min(0).max(64).default(0).meta({
    description: 'threads that answer calls with several validations, beside the one that serves',
  }),
  logPolicyFile: File.optional().meta({
    description:
      'C2SP tlog-policy that says which quorum of witnesses makes evidence complete; else one of another state',
  }),
  pki: File.meta({
    description: 'folder made by `certex pki`; its part `offline` is not needed to serve',
  }),
  passphraseFile: File.optional().meta({
    description: 'file with the passphrase of the private keys; or CERTEX_PASSPHRASE',
  }),
  peerCaFile: File.optional().meta({
    description: 'roots of the TLS servers of peers, PEM file, beside those of Node.js',
  }),
})

/** Where paths may stand; those of the file are relative to it, others to the current folder. */
const PATHS = [
  'database',
  'pki',
  'passphraseFile',
  'peerCaFile',
  'logPolicyFile',
  'tls.key',
  'tls.chain',
]

export const VARIABLES = variablesOf(ConfigFile)

/** The configuration without the passphrase, which only serving needs. */
export type NodeSettings = Omit<z.infer<typeof ConfigFile>, 'policy' | 'limits'> & {
  readonly policy: Policy
  readonly limits: RequestLimits
  readonly witnessing: WitnessSettings
}

export type NodeConfig = Omit<NodeSettings, 'passphraseFile'> & {
  readonly passphrase: string
}

type Environment = Readonly<Record<string, string | undefined>>

export class ConfigError extends Error {
  override name = 'ConfigError'
  /** What is wrong, one by one. */
  readonly faults: readonly string[]
  constructor(message: string, faults: readonly string[] = [message]) {
    super(message)
    this.faults = faults
  }
}

/**
 * Reads the configuration of a node with the passphrase of its keys; every file that it names to serve
 * is there.
 *
 * @throws {ConfigError} its message names everything that is wrong at once
 */
export function readConfig(file: string | undefined, environment: Environment): NodeConfig {
  const { settings, sound, faults } = gather(file, environment)
  if (!sound) throw wrong(file, faults)
  const passphrase = passphraseOf(environment, sound['passphraseFile'] as string | undefined)
  const all = [
    ...faults,
    ...unreadableIn(sound),
    ...('fault' in passphrase ? [passphrase.fault] : []),
  ]
  if (all.length > 0 || !settings || 'fault' in passphrase) throw wrong(file, all)
  const { passphraseFile: _read, ...config } = settings
  return { ...config, passphrase: passphrase.text }
}

/**
 * Reads the configuration of a node for work that needs none of its keys. The environment's word counts
 * before the file's.
 *
 * @throws {ConfigError}
 */
export function readSettings(file: string | undefined, environment: Environment): NodeSettings {
  const { settings, faults } = gather(file, environment)
  if (faults.length > 0 || !settings) throw wrong(file, faults)
  return settings
}

function wrong(file: string | undefined, faults: readonly string[]): ConfigError {
  const where = file ?? 'The configuration'
  const [only = ''] = faults
  const message =
    faults.length === 1
      ? `${where}: ${only}`
      : [`${where}:`, ...faults.map((fault) => `  ${fault}`)].join('\n')
  return new ConfigError(message, faults)
}

interface Gathered {
  readonly settings: NodeSettings | undefined
  /** Members that are right by themselves; undefined: nothing could be read. */
  readonly sound: Readonly<Record<string, unknown>> | undefined
  readonly faults: readonly string[]
}

function gather(file: string | undefined, environment: Environment): Gathered {
  const given = readVariables(VARIABLES, environment)
  const faults = [...given.faults]
  const raw = file === undefined ? {} : readFile(file)
  // Of what is not there at all, nothing more can be told.
  if (typeof raw === 'string')
    return { settings: undefined, sound: undefined, faults: [raw, ...faults] }
  if (file === undefined && given.values.size === 0) {
    const fault = 'nothing is configured: name a file with --config, or set CERTEX_… variables'
    return { settings: undefined, sound: undefined, faults: [fault, ...faults] }
  }
  const folder = file === undefined ? process.cwd() : dirname(resolve(file))
  for (const path of PATHS) moveInto(raw, path.split('.'), (text) => resolve(folder, text))
  for (const [{ path }, value] of given.values) {
    const isPath = PATHS.includes(path.join('.')) && typeof value === 'string' && value !== ''
    put(raw, path, isPath ? resolve(value) : value)
  }

  const sound = soundPartOf(raw)
  const parsed = ConfigFile.safeParse(raw)
  const nameOf = (path: readonly PropertyKey[]) =>
    [...given.values.keys()].find((variable) => variable.path.every((part, i) => part === path[i]))
      ?.name
  for (const { path, message } of parsed.error?.issues ?? [])
    faults.push(`${[nameOf(path), path.join('.')].find(Boolean) ?? '(whole)'}: ${message}`)
  faults.push(...contradictionsIn(sound))
  if (!parsed.success) return { settings: undefined, sound, faults }
  const { policy, limits, ...config } = parsed.data
  const logPolicy =
    config.logPolicyFile === undefined ? undefined : readFileAsPolicy(config.logPolicyFile)
  if (logPolicy && 'fault' in logPolicy) {
    faults.push(`logPolicyFile: ${logPolicy.fault}`)
    return { settings: undefined, sound, faults }
  }
  const witnessing = witnessSettings(config.witnesses, logPolicy, config.peers)
  return { settings: { ...config, ...withDefaults({ policy, limits }), witnessing }, sound, faults }
}

/** The members of the file, or what is wrong with it. */
function readFile(file: string): Record<string, unknown> | string {
  try {
    const json = parseStrictJson(readFileSync(file))
    if (typeof json === 'object' && json !== null && !Array.isArray(json))
      return json as Record<string, unknown>
    return 'it is no JSON object'
  } catch (error) {
    return error instanceof JsonError ? error.message : 'it cannot be read'
  }
}

function soundPartOf(raw: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const parts = Object.entries(ConfigFile.shape).flatMap(([name, schema]) => {
    const parsed = schema.safeParse(raw[name])
    return parsed.success && parsed.data !== undefined ? [[name, parsed.data] as const] : []
  })
  return Object.fromEntries(parts)
}

function put(target: Record<string, unknown>, path: readonly string[], value: unknown): void {
  const [name = '', ...rest] = path
  if (rest.length === 0) target[name] = value
  else {
    const inner = target[name]
    const group: Record<string, unknown> =
      typeof inner === 'object' && inner !== null ? { ...inner } : {}
    target[name] = group
    put(group, rest, value)
  }
}

function moveInto(
  target: Record<string, unknown>,
  path: readonly string[],
  move: (text: string) => string,
): void {
  const value = path.reduce<unknown>(
    (inner, name) => (inner as Record<string, unknown> | null | undefined)?.[name],
    target,
  )
  if (typeof value === 'string' && value !== '') put(target, path, move(value))
}

function passphraseOf(
  environment: Environment,
  file: string | undefined,
): { text: string } | { fault: string } {
  const given = environment['CERTEX_PASSPHRASE']
  if (given) return { text: given }
  if (file === undefined)
    return {
      fault:
        'passphraseFile: name a file with the passphrase of the keys, or set CERTEX_PASSPHRASE',
    }
  try {
    const text = readFileSync(file, 'utf8').trim()
    return text === '' ? { fault: `passphraseFile: ${file} is empty` } : { text }
  } catch {
    return { fault: `passphraseFile: ${file} cannot be read` }
  }
}
