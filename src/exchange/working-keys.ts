import { jwsAlgorithmsOf, signingKey, type SigningKey, thumbprint } from '../crypto/suite.ts'
import { encodeBase64 } from '../encoding/base64url.ts'
import type { Environment } from '../jose/environment.ts'
import type { Seal } from '../jose/sign.ts'
import type { KeyPurpose } from '../x509/profile.ts'
import { parseX509Certificate } from '../x509/x509-certificate.ts'
import type { Seals } from './seals.ts'

/** Keys that a node works with; those of authorities and of the list signer stay off it. */
export const WORKING_PURPOSES = [
  'document-seal',
  'registry-seal',
  'status-signer',
  'node',
] as const satisfies readonly KeyPurpose[]
export type WorkingPurpose = (typeof WORKING_PURPOSES)[number]

/** A private key with its X.509 path, as a folder or a secret holds it. */
export interface WorkingKey {
  /** Unencrypted PKCS#8 (RFC 5958). */
  readonly pkcs8: Uint8Array
  /** DER, end entity first, without the trust anchor. */
  readonly path: readonly Uint8Array[]
  readonly environment: Environment
}

/** What a node signs with; no key of it can be read out again. */
export interface OpenedKeys {
  readonly seals: Seals
  readonly nodeKey: { readonly key: SigningKey; readonly keyid: string }
}

/** PartyId of the key that signs receipts: the registry of a state. */
export function registryParty(state: string): string {
  return `${state}.REGISTRY`
}

/**
 * Makes the keys ready to sign.
 *
 * @throws {Error} one is missing, or signs nothing here
 */
export async function openWorkingKeys(
  state: string,
  keys: readonly (WorkingKey & { readonly purpose: WorkingPurpose })[],
): Promise<OpenedKeys> {
  const only = (purpose: WorkingPurpose) => {
    const key = keys.find((known) => known.purpose === purpose)
    if (!key) throw new Error(`There is no ${purpose} key`)
    return sealOfKey(key)
  }
  const node = await only('node')
  const bodies = keys.filter(({ purpose }) => purpose === 'document-seal')
  return {
    seals: {
      bodies: await Promise.all(bodies.map(sealOfKey)),
      registry: await only('registry-seal'),
      registryParty: registryParty(state),
      statusSigner: await only('status-signer'),
    },
    nodeKey: { key: node.key, keyid: node.x5tS256 },
  }
}

/** @throws {Error} the key signs nothing here */
export async function sealOfKey({ pkcs8, path, environment }: WorkingKey): Promise<Seal> {
  const [leaf = new Uint8Array()] = path
  const certificate = parseX509Certificate(leaf)
  const alg =
    'malformed' in certificate ? undefined : certificate.key && jwsAlgorithmsOf(certificate.key)[0]
  if (!alg) throw new Error('The X.509 certificate of a key is none that signs here')
  return {
    key: await signingKey(pkcs8, alg),
    x5tS256: await thumbprint(leaf),
    path,
    x5c: path.map(encodeBase64),
    environment,
  }
}
