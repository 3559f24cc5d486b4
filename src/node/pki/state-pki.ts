import { generateKeyPair } from '../../crypto/suite.ts'
import type { Environment } from '../../jose/environment.ts'
import { earliest } from '../../x509/instants.ts'
import type { KeyPurpose } from '../../x509/profile.ts'
import { parseX509Certificate } from '../../x509/x509-certificate.ts'
import { issueCrl, issueX509Certificate } from './issue.ts'
import type { Issuer, Subject } from './issue.ts'
import { CA_TEMPLATES, LEAF_TEMPLATES, RESPONDER_TEMPLATE } from './key-templates.ts'

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

export interface CertificationAuthority extends CertifiedKey {
  readonly crl: Bytes
}

export interface IssuingBody {
  readonly partyId: string
  readonly name: string
  readonly code: string
}

/** The authority of a body, under which its seals are certified. */
export interface BodyAuthority extends IssuingBody {
  readonly ca: CertificationAuthority
}

export interface BodyPki extends BodyAuthority {
  readonly seal: CertifiedKey
}

/** A seal whose private key its body keeps. */
export type CertifiedSeal = Omit<CertifiedKey, 'pkcs8'>

/** A bare Ed25519 key pair: log and witness keys have no X.509 certificate. */
export interface BareKey {
  readonly pkcs8: Bytes
  /** 32 octets. */
  readonly publicKey: Bytes
}

/** Every key of one state (trust profile §1). */
export interface StatePki {
  readonly state: string
  readonly environment: Environment
  readonly ocspUrl: string | undefined
  readonly organization: string
  readonly root: CertificationAuthority
  readonly stateCa: CertificationAuthority
  readonly bodies: readonly BodyPki[]
  /** Bodies that keep their own keys; their seals are certified when they ask. */
  readonly selfSigning: readonly BodyAuthority[]
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
  readonly bodies: readonly (IssuingBody & { readonly custody?: 'node' | 'body' })[]
  readonly now: Date
  readonly sealAlgorithm: SealAlgorithm
  readonly validity?: Partial<ValidityDays>
  readonly environment?: Environment
  /** Where OCSP is asked about the keys that sign; absent: they are known by CRLs alone. */
  readonly ocspUrl?: string | undefined
}

/** What issuing below an authority needs to know beside the authority. */
export interface Issuance {
  readonly state: string
  readonly now: Date
  readonly sealAlgorithm: SealAlgorithm
  readonly validity: ValidityDays
  /** Every name in a training environment says so. */
  readonly environment?: Environment
  readonly ocspUrl?: string | undefined
}

/** Makes a state's whole PKI: root, state CA, body CAs, seals, node keys and first CRLs. */
export async function createStatePki(request: StatePkiRequest): Promise<StatePki> {
  const { state, organization, environment = 'production' } = request
  const issuance = { ...request, validity: { ...DEFAULT_VALIDITY_DAYS, ...request.validity } }
  const named = (commonName: string) => ({ country: state, organization, commonName })
  const root = await createAuthority('root', named(`${state} Root CA`), undefined, issuance)
  const stateCa = await createAuthority('state-ca', named(`${state} State CA`), root, issuance)
  const leaf = (purpose: KeyPurpose, name: string, ca = stateCa) =>
    createLeaf(purpose, named(`${state} ${name}`), ca, issuance)
  const bodies: BodyPki[] = []
  const selfSigning: BodyAuthority[] = []
  for (const { custody, ...body } of request.bodies)
    if (custody === 'body') selfSigning.push(await createBodyAuthority(body, stateCa, issuance))
    else bodies.push(await createBodyPki(body, stateCa, issuance))
  return {
    state,
    environment,
    ocspUrl: request.ocspUrl,
    organization,
    root,
    stateCa,
    bodies,
    selfSigning,
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
  const authority = await createBodyAuthority(body, stateCa, issuance)
  return { ...authority, seal: await createSeal(body, authority.ca, issuance) }
}

/** The authority alone, for a body that makes its seal's key itself. */
export async function createBodyAuthority(
  body: IssuingBody,
  stateCa: CertifiedKey,
  issuance: Issuance,
): Promise<BodyAuthority> {
  const subject = { country: issuance.state, organization: body.name }
  const caSubject = { ...subject, commonName: `${body.partyId} CA` }
  return { ...body, ca: await createAuthority('body-ca', caSubject, stateCa, issuance) }
}

/** A seal of a body, below its authority; a body may have several one after the other. */
export function createSeal(
  body: IssuingBody,
  bodyCa: CertifiedKey,
  issuance: Issuance,
): Promise<CertifiedKey> {
  return createLeaf('document-seal', sealSubject(body, issuance), bodyCa, issuance)
}

/** A seal over a key that its body made and keeps. */
export function certifySeal(
  body: IssuingBody,
  bodyCa: CertifiedKey,
  spki: Uint8Array,
  issuance: Issuance,
): Promise<CertifiedSeal> {
  return certify('document-seal', sealSubject(body, issuance), { spki, ca: bodyCa }, issuance)
}

/** A trust service that attests national signatures; its key is its own. */
export interface TrustService {
  readonly partyId: string
  readonly name: string
}

/** The key of a trust service, below the state CA. */
export function certifyTrustService(
  { partyId, name }: TrustService,
  stateCa: CertifiedKey,
  spki: Uint8Array,
  issuance: Issuance,
): Promise<CertifiedSeal> {
  const subject = {
    country: issuance.state,
    organization: name,
    commonName: `${partyId} Attestation`,
  }
  return certify('attestation', subject, { spki, ca: stateCa }, issuance)
}

function sealSubject({ partyId, name, code }: IssuingBody, { state }: Issuance): Subject {
  return { country: state, organization: name, commonName: `${partyId} Seal ${code}` }
}

/** An end entity of any purpose with a fresh key. */
export async function createLeaf(
  purpose: KeyPurpose,
  subject: Subject,
  ca: CertifiedKey,
  issuance: Issuance,
): Promise<CertifiedKey> {
  const { pkcs8, spki } = await generateKeyPair(issuance.sealAlgorithm)
  return { pkcs8, ...(await certify(purpose, subject, { spki, ca }, issuance)) }
}

async function certify(
  purpose: KeyPurpose,
  subject: Subject,
  { spki, ca }: { spki: Uint8Array; ca: CertifiedKey },
  issuance: Issuance,
): Promise<CertifiedSeal> {
  const certificate = await issueX509Certificate({
    template: LEAF_TEMPLATES[purpose],
    subject: subjectIn(issuance, subject),
    spki,
    issuer: ca,
    notBefore: issuance.now,
    notAfter: notAfterBelow(ca, issuance.now, issuance.validity.leaf),
    ocspUrl: ca.x5c.length > 0 ? issuance.ocspUrl : undefined,
  })
  return { certificate, x5c: [certificate, ...ca.x5c] }
}

/** A key that signs OCSP responses in the name of an authority, for a year. */
export async function createResponder(
  ca: CertifiedKey,
  issuance: Pick<Issuance, 'state' | 'now' | 'environment'> & {
    organization: string
    name: string
  },
): Promise<CertifiedKey> {
  const { state, now, organization, name } = issuance
  const { pkcs8, spki } = await generateKeyPair('ES256')
  const subject = { country: state, organization, commonName: `${name} OCSP Responder` }
  const certificate = await issueX509Certificate({
    template: RESPONDER_TEMPLATE,
    subject: subjectIn(issuance, subject),
    spki,
    issuer: ca,
    notBefore: now,
    notAfter: daysAfter(now, RESPONDER_DAYS),
  })
  return { pkcs8, certificate, x5c: [certificate, ...ca.x5c] }
}

/** Its own revocation is never asked about, so that it must end soon. */
const RESPONDER_DAYS = 365

export async function createBareKey(): Promise<BareKey> {
  const { pkcs8, spki } = await generateKeyPair('Ed25519')
  return { pkcs8, publicKey: spki.slice(-32) }
}

/** An authority with a fresh key and its first CRL; a root without `parent`. */
export async function createAuthority(
  kind: keyof typeof CA_TEMPLATES,
  subject: Subject,
  parent: CertifiedKey | undefined,
  issuance: Issuance,
): Promise<CertificationAuthority> {
  const { now, validity } = issuance
  const { pkcs8, spki } = await generateKeyPair('ES256')
  const certificate = await issueX509Certificate({
    template: CA_TEMPLATES[kind],
    subject: subjectIn(issuance, subject),
    spki,
    issuer: parent ?? { selfSigned: pkcs8 },
    notBefore: now,
    notAfter: parent ? notAfterBelow(parent, now, validity.ca) : daysAfter(now, validity.root),
  })
  const ca: Issuer = { certificate, pkcs8 }
  const nextUpdate = daysAfter(now, parent ? validity.crl : validity.rootCrl)
  const crl = await issueCrl({ ca, revoked: [], number: 1n, thisUpdate: now, nextUpdate })
  return { pkcs8, certificate, crl, x5c: parent ? [certificate, ...parent.x5c] : [] }
}

function subjectIn({ environment }: Pick<Issuance, 'environment'>, subject: Subject): Subject {
  if (environment !== 'training') return subject
  return { ...subject, commonName: `${subject.commonName} (TRAINING)` }
}

/** Nothing outlives its issuer: the path would end with it all the same, and nobody would be told. */
function notAfterBelow(ca: CertifiedKey, from: Date, days: number): Date {
  const issuer = parseX509Certificate(ca.certificate)
  if ('malformed' in issuer) throw new Error(`The issuer's certificate: ${issuer.malformed}`)
  return earliest([daysAfter(from, days), issuer.notAfter])
}

function daysAfter(date: Date, days: number): Date {
  return new Date(date.getTime() + days * 86_400_000)
}
