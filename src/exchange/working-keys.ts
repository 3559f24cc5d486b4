import { jwsAlgorithmsOf, signingKey, type SigningKey, thumbprint } from '../crypto/suite.ts'
import { encodeBase64 } from '../encoding/base64url.ts'
import type { Environment } from '../jose/environment.ts'
import type { Seal } from '../jose/sign.ts'
import type { KeyPurpose } from '../x509/profile.ts'
import type { NoteSigner } from '../tlog/note-signature.ts'
import { formatVerifierKey, type SignatureType, verifierKey } from '../tlog/verifier-key.ts'
import { parseX509Certificate } from '../x509/x509-certificate.ts'

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

/** The purposes of bare Ed25519 keys: checkpoints of the own log, cosignatures of others'. */
export const BARE_PURPOSES = ['log', 'witness'] as const
export type BarePurpose = (typeof BARE_PURPOSES)[number]

/** A bare Ed25519 key, as a folder or a secret holds it. */
export interface BareKey {
  /** Unencrypted PKCS#8 (RFC 8410). */
  readonly pkcs8: Uint8Array
  /** 32 octets. */
  readonly publicKey: Uint8Array
}

/** The name of the log or witness of a state, in notes; that of a log is its origin. */
export function noteKeyName(state: string, purpose: BarePurpose): string {
  return `exchange.${state.toLowerCase()}/${purpose}/1`
}

/** Whose name the name of a log or witness bears, if it bears that of a state. */
export function stateOfNoteKey(name: string): string | undefined {
  return /^exchange\.([a-z]{2})\//.exec(name)?.[1]?.toUpperCase()
}

/** A bare key as trust lists name it (C2SP signed-note): a log's is of type 0x01, a witness's of 0x04. */
export function noteKeyText(
  state: string,
  purpose: BarePurpose,
  publicKey: Uint8Array,
): { readonly origin: string; readonly key: string } {
  const origin = noteKeyName(state, purpose)
  const type = purpose === 'log' ? 'ed25519' : 'cosignature/v1'
  return { origin, key: formatVerifierKey(verifierKey(origin, type, publicKey)) }
}

/** The key that signs HTTP messages, and its name in them. */
export interface NodeKey {
  readonly key: SigningKey
  readonly keyid: string
}

/**
 * What a node can sign with, the older keys of each kind first; no key of it can be read out again.
 * Which of several signs is for `signingKeys` to say.
 */
export interface OpenedKeys {
  readonly registryParty: string
  /** Seals of bodies in the node's custody. */
  readonly bodies: readonly Seal[]
  readonly registrySeals: readonly Seal[]
  readonly statusSigners: readonly Seal[]
  readonly nodeKeys: readonly Seal[]
  readonly logSigners: readonly NoteSigner<'ed25519'>[]
  readonly witnessSigners: readonly NoteSigner<'cosignature/v1'>[]
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
  bareKeys: readonly (BareKey & { readonly purpose: BarePurpose })[],
): Promise<OpenedKeys> {
  const sealsFor = async (purpose: WorkingPurpose) => {
    const of = keys.filter((known) => known.purpose === purpose)
    if (of.length === 0 && purpose !== 'document-seal')
      throw new Error(`There is no ${purpose} key`)
    return Promise.all(of.map(sealOfKey))
  }
  const noteSigners = async <T extends SignatureType>(
    purpose: BarePurpose,
    type: T,
  ): Promise<NoteSigner<T>[]> => {
    const of = bareKeys.filter((known) => known.purpose === purpose)
    if (of.length === 0) throw new Error(`There is no ${purpose} key`)
    return Promise.all(
      of.map(async ({ pkcs8, publicKey }) => {
        const { sign } = await signingKey(pkcs8, 'Ed25519')
        return { key: verifierKey(noteKeyName(state, purpose), type, publicKey), sign }
      }),
    )
  }
  return {
    registryParty: registryParty(state),
    bodies: await sealsFor('document-seal'),
    registrySeals: await sealsFor('registry-seal'),
    statusSigners: await sealsFor('status-signer'),
    nodeKeys: await sealsFor('node'),
    logSigners: await noteSigners('log', 'ed25519'),
    witnessSigners: await noteSigners('witness', 'cosignature/v1'),
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
