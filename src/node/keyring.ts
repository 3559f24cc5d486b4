import { signingKey, thumbprint } from '../crypto/suite.ts'
import { encodeBase64 } from '../encoding/base64url.ts'
import type { Seals } from '../exchange/seals.ts'
import type { NodeDependencies } from '../http/dependencies.ts'
import type { Seal } from '../jose/sign.ts'
import { parseX509Certificate } from '../x509/x509-certificate.ts'
import { jwsAlgorithmsOf } from '../crypto/suite.ts'
import {
  loadKey,
  loadPkiDirectory,
  type PkiDirectory,
  type StoredKey,
} from './pki/pki-directory.ts'

export interface Keyring {
  readonly pki: PkiDirectory
  readonly seals: Seals
  readonly nodeKey: NodeDependencies['nodeKey']
}

/** PartyId of the key that signs receipts: the registry of a state. */
export function registryParty(state: string): string {
  return `${state}.REGISTRY`
}

/** Opens the keys that a node works with; the offline ones are not touched. */
export async function openKeyring(dir: string, passphrase: string): Promise<Keyring> {
  const pki = await loadPkiDirectory(dir)
  const open = (key: StoredKey) => openSeal(pki, key, passphrase)
  const only = (purpose: StoredKey['purpose']) => {
    const key = pki.keys.find((stored) => stored.purpose === purpose)
    if (!key) throw new Error(`${dir} holds no ${purpose} key`)
    return open(key)
  }
  const node = await only('node')
  return {
    pki,
    seals: {
      bodies: await Promise.all(
        pki.keys.filter(({ purpose }) => purpose === 'document-seal').map(open),
      ),
      registry: await only('registry-seal'),
      registryParty: registryParty(pki.manifest.state),
      statusSigner: await only('status-signer'),
    },
    nodeKey: { key: node.key, keyid: node.x5tS256 },
  }
}

/** A key of the PKI folder as something that signs documents. */
export async function openSeal(
  pki: PkiDirectory,
  stored: StoredKey,
  passphrase: string,
): Promise<Seal> {
  const certificate = parseX509Certificate(stored.certificate)
  const alg =
    'malformed' in certificate ? undefined : certificate.key && jwsAlgorithmsOf(certificate.key)[0]
  if (!alg) throw new Error(`The key of ${stored.certificateFile} signs nothing here`)
  return {
    key: await signingKey(await loadKey(pki, stored, passphrase), alg),
    x5tS256: await thumbprint(stored.certificate),
    path: stored.x5c,
    x5c: stored.x5c.map(encodeBase64),
  }
}
