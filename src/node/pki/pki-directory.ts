import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { parseStrictJson } from '../../encoding/strict-json.ts'
import type { Issuer } from './issue.ts'
import { KeyFileError, readKeyFile } from './key-file.ts'
import { decodePem } from './pem.ts'
import { PkiManifest } from './pki-manifest.ts'
import type { ManifestBareKey, ManifestKey } from './pki-manifest.ts'
import type { CertifiedKey } from './state-pki.ts'

type Bytes = Uint8Array<ArrayBuffer>

/** A key as the directory holds it; the private part stays on the disk until asked for. */
export interface StoredKey extends ManifestKey {
  readonly certificate: Bytes
  readonly x5c: readonly Bytes[]
}

export interface PkiDirectory {
  readonly dir: string
  readonly manifest: PkiManifest
  readonly keys: readonly StoredKey[]
  /** Every authority's list, DER. */
  readonly crls: readonly Bytes[]
  /** X.509 certificates of one root over another, DER. */
  readonly links: readonly Bytes[]
}

/** Its name in the folder. */
export const MANIFEST = 'manifest.json'

/**
 * Reads the manifest, the X.509 certificates and the lists. Private keys are read by `loadKey` when needed, so
 * that a node works while the offline folder is away.
 */
export async function loadPkiDirectory(dir: string): Promise<PkiDirectory> {
  const manifest = PkiManifest.parse(parseStrictJson(await readFile(join(dir, MANIFEST))))
  const certificates = new Map<string, Bytes>()
  for (const { certificateFile } of manifest.keys)
    certificates.set(certificateFile, await readX509CertificateFile(join(dir, certificateFile)))
  const keys = manifest.keys.map((key) => ({
    ...key,
    certificate: getListed(certificates, key.certificateFile),
    x5c: key.chain.map((file) => getListed(certificates, file)),
  }))
  const lists = manifest.keys.flatMap(({ crlFile }) => crlFile ?? [])
  const crls = await Promise.all(
    lists.map(async (file) => new Uint8Array(await readFile(join(dir, file)))),
  )
  const links = await Promise.all(
    manifest.links.map((file) => readX509CertificateFile(join(dir, file))),
  )
  return { dir, manifest, keys, crls, links }
}

/**
 * The private key in unencrypted PKCS#8 DER.
 *
 * @throws {KeyFileError}
 */
export async function loadKey(
  { dir }: PkiDirectory,
  { keyFile }: ManifestKey | ManifestBareKey,
  passphrase: string,
): Promise<Bytes> {
  if (keyFile === undefined)
    throw new KeyFileError('not-readable', `Its owner keeps the private key: ${dir} has none`)
  return readKeyFile(join(dir, keyFile), passphrase)
}

/** An authority ready to issue: its X.509 certificate and private key. */
export async function loadIssuer(
  directory: PkiDirectory,
  key: StoredKey,
  passphrase: string,
): Promise<Issuer & CertifiedKey> {
  const { certificate, x5c } = key
  return { certificate, x5c, pkcs8: await loadKey(directory, key, passphrase) }
}

/** Keys that may sign OCSP responses in the name of an authority, the newest last. */
export function respondersOf({ keys }: PkiDirectory, ca: StoredKey): StoredKey[] {
  return keys.filter(
    ({ purpose, chain }) => purpose === 'ocsp-responder' && chain[1] === ca.certificateFile,
  )
}

/** The newest key of a purpose, of a party where it is one of a body. */
export function currentKey(
  { keys }: Pick<PkiDirectory, 'keys'>,
  purpose: ManifestKey['purpose'],
  partyId?: string,
): StoredKey | undefined {
  return keys.findLast((key) => key.purpose === purpose && key.partyId === partyId)
}

async function readX509CertificateFile(file: string): Promise<Bytes> {
  const [block] = decodePem(await readFile(file, 'utf8'))
  if (block?.label !== 'CERTIFICATE') throw new Error(`${file} holds no X.509 certificate`)
  return block.der
}

export function getListed<T>(map: ReadonlyMap<string, T>, name: string): T {
  const value = map.get(name)
  if (value === undefined)
    throw new Error(`The chain leads to ${name}, which the manifest does not list`)
  return value
}
