import { mkdir, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { thumbprint } from '../../crypto/suite.ts'
import { encodeBase64url } from '../../encoding/base64url.ts'
import { octetsToHex } from '../../encoding/octets.ts'
import { parseX509Certificate } from '../../x509/x509-certificate.ts'
import { writeKeyFile } from './key-file.ts'
import { encodePem } from './pem.ts'
import {
  getListed,
  MANIFEST,
  type PkiDirectory,
  respondersOf,
  type StoredKey,
} from './pki-directory.ts'
import { PkiManifest } from './pki-manifest.ts'
import type { ManifestBareKey, ManifestKey } from './pki-manifest.ts'
import type { BareKey, BodyAuthority, CertifiedKey, CertifiedSeal, StatePki } from './state-pki.ts'

type Bytes = Uint8Array<ArrayBuffer>

/** Subfolder of the authorities' and the list signer's keys, which an operator takes off the node. */
const OFFLINE = 'offline'
/** Lays a state's PKI on disk: X.509 certificates as PEM, CRLs as DER, every private key encrypted. */
export async function writePkiDirectory(
  dir: string,
  pki: StatePki,
  passphrase: string,
): Promise<void> {
  for (const folder of [dir, join(dir, OFFLINE), join(dir, 'crls')])
    await mkdir(folder, { recursive: true, mode: 0o700 })
  const manifest: PkiManifest = {
    version: 1,
    state: pki.state,
    environment: pki.environment,
    organization: pki.organization,
    ...(pki.ocspUrl !== undefined && { ocspUrl: pki.ocspUrl }),
    bodies: [],
    keys: [],
    links: [],
    bareKeys: [],
  }
  const place: Place = { dir, manifest, passphrase, files: new Map() }
  await placeKey(place, 'root', 'root', pki.root)
  await placeKey(place, 'state-ca', 'state-ca', pki.stateCa)
  await placeKey(place, 'registry-seal', 'registry-seal', pki.registrySeal)
  await placeKey(place, 'status-signer', 'status-signer', pki.statusSigner)
  await placeKey(place, 'node', 'node', pki.node)
  await placeKey(place, 'trust-list-signer', 'trust-list-signer', pki.trustListSigner)
  await placeBareKey(place, 'log', pki.log)
  await placeBareKey(place, 'witness', pki.witness)
  for (const body of [...pki.bodies, ...pki.selfSigning]) await placeBody(place, body)
  await writeManifest(dir, manifest)
}

/** Replaces an authority's list; readers see the old one or the new one. */
export async function storeCrl(
  { dir }: PkiDirectory,
  ca: StoredKey,
  crl: Uint8Array,
): Promise<void> {
  if (!ca.crlFile) throw new Error(`${ca.certificateFile} is no authority`)
  await replaceFile(join(dir, ca.crlFile), crl)
}

/** Adds a body made by `createBodyPki`, or its authority alone. */
export async function storeBody(
  directory: PkiDirectory,
  body: PlacedBody,
  passphrase: string,
): Promise<void> {
  const place = await placeIn(directory, passphrase)
  await placeBody(place, body)
  await writeManifest(place.dir, place.manifest)
}

/** Adds a further seal of a body, made by `createSeal` or, over the body's own key, by `certifySeal`. */
export async function storeSeal(
  directory: PkiDirectory,
  partyId: string,
  seal: PlacedKey,
  passphrase: string,
): Promise<void> {
  const place = await placeIn(directory, passphrase)
  await placeSeal(place, partyId, seal)
  await writeManifest(place.dir, place.manifest)
}

/** Adds the key of a trust service, certified by `certifyTrustService`. */
export async function storeAttestationKey(
  directory: PkiDirectory,
  partyId: string,
  key: CertifiedSeal,
  passphrase: string,
): Promise<void> {
  const place = await placeIn(directory, passphrase)
  const isOwn = (known: ManifestKey) => known.partyId === partyId && known.purpose === 'attestation'
  const number = place.manifest.keys.filter(isOwn).length + 1
  await placeKey(place, 'attestation', `${partyId}.attestation-${number}`, key, partyId)
  await writeManifest(place.dir, place.manifest)
}

/** Adds a key made by `createResponder`, beside earlier ones of the same authority. */
export async function storeResponder(
  directory: PkiDirectory,
  ca: StoredKey,
  responder: CertifiedKey,
  passphrase: string,
): Promise<void> {
  const place = await placeIn(directory, passphrase)
  const of = respondersOf(directory, ca)
  const name = `${ca.certificateFile.replace(/\.pem$/, '')}.ocsp-${of.length + 1}`
  await placeKey(place, 'ocsp-responder', name, responder, ca.partyId)
  await writeManifest(place.dir, place.manifest)
}

/** A key that follows another, and when that one ends. */
export interface Successor {
  readonly purpose: ManifestKey['purpose']
  readonly partyId?: string | undefined
  /** Name of its files, not taken yet. */
  readonly name: string
  readonly key: CertifiedKey & { readonly crl?: Bytes }
  readonly former?: { readonly certificateFile: string; readonly until: string }
  /** X.509 certificates between the former root and this one, by the names of their files. */
  readonly links?: readonly { readonly file: string; readonly certificate: Bytes }[]
}

/** Adds a key beside those that it follows; they stay, with their private keys. */
export async function storeSuccessor(
  directory: PkiDirectory,
  { purpose, partyId, name, key, former, links = [] }: Successor,
  passphrase: string,
): Promise<void> {
  const place = await placeIn(directory, passphrase)
  const { dir, manifest } = place
  await placeKey(place, purpose, name, key, partyId)
  for (const { file, certificate } of links) {
    await writeFile(join(dir, file), encodePem('CERTIFICATE', certificate), { flag: 'wx' })
    manifest.links.push(file)
  }
  for (const stored of manifest.keys)
    if (stored.certificateFile === former?.certificateFile) stored.until = former.until
  await writeManifest(dir, manifest)
}

/** Adds a log or witness key beside those that it follows, which end at `formerUntil` or sooner. */
export async function storeBareSuccessor(
  directory: PkiDirectory,
  purpose: ManifestBareKey['purpose'],
  key: BareKey,
  times: { readonly from: string; readonly formerUntil: string },
  passphrase: string,
): Promise<ManifestBareKey> {
  const { dir, manifest, ...rest } = await placeIn(directory, passphrase)
  const former = manifest.bareKeys.filter((stored) => stored.purpose === purpose)
  for (const stored of former)
    if (stored.until === undefined || stored.until > times.formerUntil)
      stored.until = times.formerUntil
  await placeBareKey({ dir, manifest, ...rest }, purpose, key, `${purpose}-${former.length + 1}`)
  const added = manifest.bareKeys.at(-1)!
  added.from = times.from
  await writeManifest(dir, manifest)
  return added
}

interface Place {
  readonly dir: string
  readonly manifest: PkiManifest
  readonly passphrase: string
  /** Files of the X.509 certificates placed so far, by their thumbprint. */
  readonly files: Map<string, string>
}

/** A place beside what the directory holds; its manifest is a copy, written when all is placed. */
async function placeIn(directory: PkiDirectory, passphrase: string): Promise<Place> {
  const files = new Map<string, string>()
  for (const { certificate, certificateFile } of directory.keys)
    files.set(await thumbprint(certificate), certificateFile)
  return { dir: directory.dir, manifest: structuredClone(directory.manifest), passphrase, files }
}

/** A key that may have stayed with its owner. */
type PlacedKey = CertifiedSeal & Partial<Pick<CertifiedKey, 'pkcs8'>>
type PlacedBody = BodyAuthority & { readonly seal?: PlacedKey }

async function placeBody(
  place: Place,
  { partyId, name, code, ca, seal }: PlacedBody,
): Promise<void> {
  place.manifest.bodies.push({ partyId, name, code })
  await placeKey(place, 'body-ca', `${partyId}.ca`, ca, partyId)
  if (seal) await placeSeal(place, partyId, seal)
}

async function placeSeal(place: Place, partyId: string, seal: PlacedKey): Promise<void> {
  const isSeal = (key: ManifestKey) => key.partyId === partyId && key.purpose === 'document-seal'
  const number = place.manifest.keys.filter(isSeal).length + 1
  await placeKey(place, 'document-seal', `${partyId}.seal-${number}`, seal, partyId)
}

async function placeKey(
  { dir, manifest, passphrase, files }: Place,
  purpose: ManifestKey['purpose'],
  name: string,
  key: PlacedKey & { readonly crl?: Bytes },
  partyId?: string,
): Promise<void> {
  const { certificate, crl, pkcs8 } = key
  const certificateFile = `${name}.pem`
  const isOffline = crl !== undefined || purpose === 'trust-list-signer'
  const keyFile = isOffline ? `${OFFLINE}/${name}.key.pem` : `${name}.key.pem`
  if (pkcs8) await writeKeyFile(join(dir, keyFile), pkcs8, passphrase)
  await writeFile(join(dir, certificateFile), encodePem('CERTIFICATE', certificate), { flag: 'wx' })
  files.set(await thumbprint(certificate), certificateFile)
  const chain = await Promise.all(
    key.x5c.map(async (der) => getListed(files, await thumbprint(der))),
  )
  const crlFile = crl && `crls/${keyIdentifierOf(certificate)}.crl`
  if (crl && crlFile) await writeFile(join(dir, crlFile), crl, { flag: 'wx' })
  manifest.keys.push({
    purpose,
    ...(partyId && { partyId }),
    certificateFile,
    ...(pkcs8 && { keyFile }),
    chain,
    ...(crlFile && { crlFile }),
  })
}

async function placeBareKey(
  { dir, manifest, passphrase }: Place,
  purpose: ManifestBareKey['purpose'],
  key: BareKey,
  name: string = purpose,
): Promise<void> {
  const keyFile = `${name}.key.pem`
  await writeKeyFile(join(dir, keyFile), key.pkcs8, passphrase)
  manifest.bareKeys.push({ purpose, keyFile, publicKey: encodeBase64url(key.publicKey) })
}

function writeManifest(dir: string, manifest: PkiManifest): Promise<void> {
  const text = `${JSON.stringify(PkiManifest.parse(manifest), undefined, 2)}\n`
  return replaceFile(join(dir, MANIFEST), text)
}

/** Replaces a file in one step: a crash leaves the old one. */
async function replaceFile(file: string, content: string | Uint8Array): Promise<void> {
  const next = `${file}.next`
  await writeFile(next, content)
  await rename(next, file)
}

function keyIdentifierOf(der: Uint8Array): string {
  const certificate = parseX509Certificate(der)
  if ('malformed' in certificate || !certificate.subjectKeyIdentifier)
    throw new Error('The X.509 certificate of an authority has no key identifier')
  return octetsToHex(certificate.subjectKeyIdentifier)
}
