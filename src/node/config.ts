import { readFileSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { z } from 'zod'
import { DEFAULT_POLICY } from '../certificate/default-policy.ts'
import { Policy } from '../certificate/policy.ts'
import { ENVIRONMENTS } from '../exchange/environment.ts'
import { JsonError, parseStrictJson } from '../encoding/strict-json.ts'

const State = z.string().regex(/^[A-Z]{2}$/, 'two capital letters, ISO 3166-1 alpha-2')
const Url = z
  .url({ protocol: /^https?$/, error: 'an http or https URL' })
  .refine((url) => !url.endsWith('/'), 'no slash at the end')

/** What an operator configures; paths are relative to the file. */
const ConfigFile = z.strictObject({
  state: State,
  /** A training environment has its own roots, and marks every document. */
  environment: z.enum(ENVIRONMENTS).default('production'),
  /** Under which others reach the node; never read from headers. */
  publicUrl: Url,
  listen: z.strictObject({
    host: z.string().default('127.0.0.1'),
    port: z.int().min(0).max(65535),
  }),
  /** SQLite file. */
  database: z.string().min(1),
  /** Folder made by `certex pki`; its `offline` part is not needed to serve. */
  pki: z.string().min(1),
  /** File with the passphrase of the private keys; CERTEX_PASSPHRASE takes its place. */
  passphraseFile: z.string().min(1).optional(),
  /** Where the trust list of each peer is fetched the first time. */
  peers: z.array(z.strictObject({ state: State, url: Url })).max(250),
  /** Replaces parts of the default policy. */
  policy: Policy.partial().optional(),
})

/** The configuration without the passphrase, which only serving needs. */
export type NodeSettings = Omit<z.infer<typeof ConfigFile>, 'policy'> & {
  readonly policy: Policy
}

export type NodeConfig = Omit<NodeSettings, 'passphraseFile'> & {
  readonly passphrase: string
}

export class ConfigError extends Error {
  override name = 'ConfigError'
}

/**
 * Reads the configuration of a node with the passphrase of its keys.
 *
 * @throws {ConfigError} its message names everything that is wrong at once
 */
export function readConfig(file: string, environment: NodeJS.ProcessEnv): NodeConfig {
  const { passphraseFile, ...settings } = readSettings(file)
  return { ...settings, passphrase: passphraseOf(environment, passphraseFile) }
}

/**
 * Reads the configuration of a node for work that needs none of its keys.
 *
 * @throws {ConfigError}
 */
export function readSettings(file: string): NodeSettings {
  let json: unknown
  try {
    json = parseStrictJson(readFileSync(file))
  } catch (cause) {
    const why = cause instanceof JsonError ? cause.message : 'it cannot be read'
    throw new ConfigError(`${file}: ${why}`, { cause })
  }
  const parsed = ConfigFile.safeParse(json)
  if (!parsed.success)
    throw new ConfigError(
      [
        `${file}:`,
        ...parsed.error.issues.map(
          ({ path, message }) => `  ${path.join('.') || '(whole)'}: ${message}`,
        ),
      ].join('\n'),
    )
  const { policy, passphraseFile, ...config } = parsed.data
  const folder = dirname(resolve(file))
  return {
    ...config,
    database: resolve(folder, config.database),
    pki: resolve(folder, config.pki),
    policy: Policy.parse({ ...DEFAULT_POLICY, ...policy }),
    ...(passphraseFile && { passphraseFile: resolve(folder, passphraseFile) }),
  }
}

function passphraseOf(environment: NodeJS.ProcessEnv, file: string | undefined): string {
  const given = environment['CERTEX_PASSPHRASE']
  if (given) return given
  if (!file)
    throw new ConfigError(
      'Give the passphrase of the keys: CERTEX_PASSPHRASE, or passphraseFile in the configuration',
    )
  try {
    return readFileSync(file, 'utf8').trim()
  } catch (cause) {
    throw new ConfigError(`${file}: the passphrase file cannot be read`, { cause })
  }
}
