import { decodeBase64url } from '../encoding/base64url.ts'
import {
  type BareKey,
  sealOfKey,
  type OpenedKeys,
  openWorkingKeys,
  WORKING_PURPOSES,
  type WorkingKey,
  type WorkingPurpose,
} from '../exchange/working-keys.ts'
import type { Seal } from '../jose/sign.ts'
import {
  loadKey,
  loadPkiDirectory,
  type PkiDirectory,
  type StoredKey,
} from './pki/pki-directory.ts'
import type { ManifestBareKey } from './pki/pki-manifest.ts'

export interface Keyring extends OpenedKeys {
  readonly pki: PkiDirectory
}

/** Opens the keys that a node works with; the offline ones are not touched. */
export async function openKeyring(dir: string, passphrase: string): Promise<Keyring> {
  const pki = await loadPkiDirectory(dir)
  const keys = await Promise.all(
    workingKeysOf(pki).map(async (stored) => ({
      ...(await privateKeyOf(pki, stored, passphrase)),
      purpose: stored.purpose,
    })),
  )
  const bareKeys = await Promise.all(
    pki.manifest.bareKeys.map(async (stored) => ({
      purpose: stored.purpose,
      ...(await bareKeyOf(pki, stored, passphrase)),
    })),
  )
  try {
    return { pki, ...(await openWorkingKeys(pki.manifest.state, keys, bareKeys)) }
  } catch (cause) {
    throw new Error(`${dir}: ${(cause as Error).message}`, { cause })
  }
}

/** A stored key whose private part is in the folder. */
type HeldKey = StoredKey & { readonly purpose: WorkingPurpose; readonly keyFile: string }

/** The keys of a folder that its node works with; those that bodies keep themselves are not here. */
export function workingKeysOf(pki: PkiDirectory): HeldKey[] {
  const purposes: readonly string[] = WORKING_PURPOSES
  return pki.keys.filter(
    (key): key is HeldKey => key.keyFile !== undefined && purposes.includes(key.purpose),
  )
}

/** A log or witness key of the folder. */
export async function bareKeyOf(
  pki: PkiDirectory,
  stored: ManifestBareKey,
  passphrase: string,
): Promise<BareKey> {
  const pkcs8 = await loadKey(pki, stored, passphrase)
  return { pkcs8, publicKey: decodeBase64url(stored.publicKey)! }
}

/** A key of the PKI folder as something that signs documents. */
export async function openSeal(
  pki: PkiDirectory,
  stored: StoredKey,
  passphrase: string,
): Promise<Seal> {
  return sealOfKey(await privateKeyOf(pki, stored, passphrase))
}

export async function privateKeyOf(
  pki: PkiDirectory,
  stored: StoredKey,
  passphrase: string,
): Promise<WorkingKey> {
  const pkcs8 = await loadKey(pki, stored, passphrase)
  return { pkcs8, path: stored.x5c, environment: pki.manifest.environment }
}
