import { generateKeyPair } from '../../crypto/suite.ts'
import type { KeyPurpose } from '../../x509/profile.ts'
import { issueCrl, issueX509Certificate } from './issue.ts'
import type { Issuer, Subject } from './issue.ts'
import { CA_TEMPLATES, LEAF_TEMPLATES } from './key-templates.ts'

type Bytes = Uint8Array<ArrayBuffer>

/** Algorithm of the end entities' keys; authorities always sign with ES256. */
type SealAlgorithm = 'ES256' | 'Ed25519'

/** A private key with its X.509 certificate and the path to the root. */
export interface CertifiedKey {
  /** Unencrypted PKCS#8 DER. */
  readonly pkcs8: Bytes
  readonly certificate: Bytes
  /** `x5c`: this X.509 certificate first, without the root; empty for the root itself. */
  readonly x5c: readonly Bytes[]
}

interface CertificationAuthority extends CertifiedKey {
  readonly crl: Bytes
}

export interface IssuingBody {
  readonly partyId: string
  readonly name: string
  readonly code: string
}

export interface BodyPki extends IssuingBody {
  readonly ca: CertificationAuthority
  readonly seal: CertifiedKey
}

/** A bare Ed25519 key pair: log and witness keys have no X.509 certificate. */
export interface BareKey {
  readonly pkcs8: Bytes
  /** 32 octets. */
  readonly publicKey: Bytes
}

/** Every key of one state (trust profile §1). */
export interface StatePki {
  readonly state: string
  readonly organization: string
  readonly root: CertificationAuthority
  readonly stateCa: CertificationAuthority
  readonly bodies: readonly BodyPki[]
  readonly registrySeal: CertifiedKey
  readonly statusSigner: CertifiedKey
  readonly node: CertifiedKey
  readonly trustListSigner: CertifiedKey
  readonly log: BareKey
  readonly witness: BareKey
}

/** Days from `now` until each kind of X.509 certificate or list ends. */
export interface ValidityDays {
  readonly root: number
  readonly ca: number
  readonly leaf: number
  readonly rootCrl: number
  readonly crl: number
}

export const DEFAULT_VALIDITY_DAYS: ValidityDays = {
  root: 20 * 365,
  ca: 10 * 365,
  leaf: 3 * 365,
  rootCrl: 90,
  crl: 30,
}

export interface StatePkiRequest {
  /** ISO 3166-1 alpha-2. */
  readonly state: string
  /** Organisation that runs the state's registry, named in every key that is not a body's. */
  readonly organization: string
  readonly bodies: readonly IssuingBody[]
  readonly now: Date
  readonly sealAlgorithm: SealAlgorithm
  readonly validity?: Partial<ValidityDays>
}

/** What issuing below an authority needs to know beside the authority. */
export interface Issuance {
  readonly state: string
  readonly now: Date
  readonly sealAlgorithm: SealAlgorithm
  readonly validity: ValidityDays
}

/** Makes a state's whole PKI: root, state CA, body CAs, seals, node keys and first CRLs. */
export async function createStatePki(request: StatePkiRequest): Promise<StatePki> {
  const { state, organization } = request
  const issuance = { ...request, validity: { ...DEFAULT_VALIDITY_DAYS, ...request.validity } }
  const named = (commonName: string) => ({ country: state, organization, commonName })
  const root = await createAuthority('root', named(`${state} Root CA`), undefined, issuance)
  const stateCa = await createAuthority('state-ca', named(`${state} State CA`), root, issuance)
  const leaf = (purpose: KeyPurpose, name: string, ca = stateCa) =>
    createLeaf(purpose, named(`${state} ${name}`), ca, issuance)
  const bodies: BodyPki[] = []
  for (const body of request.bodies) bodies.push(await createBodyPki(body, stateCa, issuance))
  return {
    state,
    organization,
    root,
    stateCa,
    bodies,
    registrySeal: await leaf('registry-seal', 'Registry Seal'),
    statusSigner: await leaf('status-signer', 'Status Signer'),
    node: await leaf('node', 'Exchange Node'),
    trustListSigner: await leaf('trust-list-signer', 'Trust List Signer', root),
    log: await createBareKey(),
    witness: await createBareKey(),
  }
}

/** A body's own authority and its first seal, below the state CA. */
export async function createBodyPki(
  body: IssuingBody,
  stateCa: CertifiedKey,
  issuance: Issuance,
): Promise<BodyPki> {
  const subject = { country: issuance.state, organization: body.name }
  const caSubject = { ...subject, commonName: `${body.partyId} CA` }
  const ca = await createAuthority('body-ca', caSubject, stateCa, issuance)
  return { ...body, ca, seal: await createSeal(body, ca, issuance) }
}

/** A seal of a body, below its authority; a body may have several one after the other. */
export function createSeal(
  body: IssuingBody,
  bodyCa: CertifiedKey,
  issuance: Issuance,
): Promise<CertifiedKey> {
  const { partyId, name, code } = body
  const commonName = `${partyId} Seal ${code}`
  const subject = { country: issuance.state, organization: name, commonName }
  return createLeaf('document-seal', subject, bodyCa, issuance)
}

/** An end entity of any purpose with a fresh key. */
async function createLeaf(
  purpose: KeyPurpose,
  subject: Subject,
  ca: CertifiedKey,
  issuance: Issuance,
): Promise<CertifiedKey> {
  const { pkcs8, spki } = await generateKeyPair(issuance.sealAlgorithm)
  const certificate = await issueX509Certificate({
    template: LEAF_TEMPLATES[purpose],
    subject,
    spki,
    issuer: ca,
    notBefore: issuance.now,
    notAfter: daysAfter(issuance.now, issuance.validity.leaf),
  })
  return { pkcs8, certificate, x5c: [certificate, ...ca.x5c] }
}

async function createBareKey(): Promise<BareKey> {
  const { pkcs8, spki } = await generateKeyPair('Ed25519')
  return { pkcs8, publicKey: spki.slice(-32) }
}

async function createAuthority(
  kind: keyof typeof CA_TEMPLATES,
  subject: Subject,
  parent: CertifiedKey | undefined,
  { now, validity }: Issuance,
): Promise<CertificationAuthority> {
  const { pkcs8, spki } = await generateKeyPair('ES256')
  const certificate = await issueX509Certificate({
    template: CA_TEMPLATES[kind],
    subject,
    spki,
    issuer: parent ?? { selfSigned: pkcs8 },
    notBefore: now,
    notAfter: daysAfter(now, parent ? validity.ca : validity.root),
  })
  const ca: Issuer = { certificate, pkcs8 }
  const nextUpdate = daysAfter(now, parent ? validity.crl : validity.rootCrl)
  const crl = await issueCrl({ ca, revoked: [], number: 1n, thisUpdate: now, nextUpdate })
  return { pkcs8, certificate, crl, x5c: parent ? [certificate, ...parent.x5c] : [] }
}

function daysAfter(date: Date, days: number): Date {
  return new Date(date.getTime() + days * 86_400_000)
}
