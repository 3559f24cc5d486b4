import 'reflect-metadata'
import {
  AuthorityKeyIdentifierExtension,
  BasicConstraintsExtension,
  CertificatePolicyExtension,
  ExtendedKeyUsageExtension,
  Extension,
  KeyUsageFlags,
  KeyUsagesExtension,
  Name,
  SubjectKeyIdentifierExtension,
  X509CertificateGenerator,
  X509CrlGenerator,
} from '@peculiar/x509'
import { importPrivateKey, jwsAlgorithmsOf, parsePublicKey, sha256 } from '../../crypto/suite.ts'
import { CRL_REASONS } from '../../x509/crl.ts'
import type { CrlReason } from '../../x509/crl.ts'
import { octetsToHex } from '../../encoding/octets.ts'
import { EXCHANGE_POLICY, EXTENSION } from '../../x509/oids.ts'
import type { DistinguishedName } from '../../x509/distinguished-name.ts'
import { parseX509Certificate } from '../../x509/x509-certificate.ts'
import type { X509Certificate } from '../../x509/x509-certificate.ts'
import { derElement, derInteger } from '../../encoding/der-writer.ts'
import { derGeneralizedTime, derCountryName } from './der-writer.ts'
import { CA_TEMPLATES, type KeyTemplate } from './key-templates.ts'

type Bytes = Uint8Array<ArrayBuffer>

export interface Subject {
  /** ISO 3166-1 alpha-2. */
  readonly country: string
  readonly organization: string
  readonly commonName: string
}

/** The authority that signs: its X.509 certificate and its private key in PKCS#8 DER. */
export interface Issuer {
  readonly certificate: Uint8Array
  readonly pkcs8: Uint8Array
}

export interface X509CertificateRequest {
  readonly template: KeyTemplate
  /** Or a name taken over as another certificate has it. */
  readonly subject: Subject | DistinguishedName
  /** SubjectPublicKeyInfo of the key to be certified. */
  readonly spki: Uint8Array
  /** An authority, or the private key of the subject itself for a root. */
  readonly issuer: Issuer | { readonly selfSigned: Uint8Array }
  readonly notBefore: Date
  readonly notAfter: Date
  /** Where OCSP is asked about it (RFC 5280 §4.2.2.1); absent: it is known by CRLs alone. */
  readonly ocspUrl?: string | undefined
}

/** Issues one X.509 certificate by the trust profile's table of keys (EXC-PKIX-1, P13). */
export async function issueX509Certificate(request: X509CertificateRequest): Promise<Bytes> {
  const { template, subject, spki } = request
  const authority = 'selfSigned' in request.issuer ? undefined : readAuthority(request.issuer)
  const pkcs8 = 'selfSigned' in request.issuer ? request.issuer.selfSigned : request.issuer.pkcs8
  const subjectName = 'der' in subject ? new Name(subject.der) : nameOf(subject)
  const keyIdentifier = await keyIdentifierOf(spki)
  const extensions: Extension[] = [
    new SubjectKeyIdentifierExtension(octetsToHex(keyIdentifier)),
    new AuthorityKeyIdentifierExtension(
      octetsToHex(authority?.subjectKeyIdentifier ?? keyIdentifier),
    ),
    new KeyUsagesExtension(keyUsageFlags(template), true),
  ]
  if (template.ca) extensions.push(new BasicConstraintsExtension(true, template.ca.pathLen, true))
  if (template.eku) extensions.push(new ExtendedKeyUsageExtension([template.eku]))
  if (authority) extensions.push(new CertificatePolicyExtension([EXCHANGE_POLICY]))
  if (template.ca?.constrainedToState && 'country' in subject) {
    const value = permittedState(subject.country)
    extensions.push(new Extension(EXTENSION.nameConstraints, true, value))
  }
  if (template.ocspNoCheck)
    extensions.push(new Extension(EXTENSION.ocspNoCheck, false, derElement(0x05)))
  if (request.ocspUrl !== undefined) {
    const value = ocspAccess(request.ocspUrl)
    extensions.push(new Extension(EXTENSION.authorityInfoAccess, false, value))
  }
  const issued = await X509CertificateGenerator.create({
    serialNumber: octetsToHex(randomSerialNumber()),
    subject: subjectName,
    issuer: authority ? new Name(authority.subject.der) : subjectName,
    notBefore: request.notBefore,
    notAfter: request.notAfter,
    publicKey: new Uint8Array(spki),
    ...(await signer(pkcs8, authority?.spki ?? spki)),
    extensions,
  })
  return new Uint8Array(issued.rawData)
}

/** One root's X.509 certificate over name and key of another (RFC 4210 §4.4). */
export function certifyRoot(
  issuer: Issuer,
  { subject, spki }: Pick<X509Certificate, 'subject' | 'spki'>,
  validity: { readonly notBefore: Date; readonly notAfter: Date },
): Promise<Bytes> {
  const { notBefore, notAfter } = validity
  return issueX509Certificate({
    template: CA_TEMPLATES.root,
    subject,
    spki,
    issuer,
    notBefore,
    notAfter,
  })
}

export interface Revocation {
  /** As `X509Certificate.serialNumber` gives it. */
  readonly serialNumber: string
  readonly revokedAt: Date
  readonly reason: CrlReason
  readonly invalidityDate?: Date
}

export interface CrlRequest {
  readonly ca: Issuer
  readonly revoked: readonly Revocation[]
  /** Greater than that of every list this authority has issued before (RFC 5280 §5.2.3). */
  readonly number: bigint
  readonly thisUpdate: Date
  readonly nextUpdate: Date
}

/** Issues a full CRL over everything the authority has issued (RFC 5280 §5.1). */
export async function issueCrl(request: CrlRequest): Promise<Bytes> {
  const authority = readAuthority(request.ca)
  const { signingKey, signingAlgorithm } = await signer(request.ca.pkcs8, authority.spki)
  const crl = await X509CrlGenerator.create({
    issuer: new Name(authority.subject.der),
    thisUpdate: request.thisUpdate,
    nextUpdate: request.nextUpdate,
    signingKey,
    signingAlgorithm,
    extensions: [
      new AuthorityKeyIdentifierExtension(octetsToHex(authority.subjectKeyIdentifier)),
      new Extension(EXTENSION.crlNumber, false, derInteger(request.number)),
      // Nothing ever leaves these lists: documents are checked long after their seals have expired.
      new Extension(EXTENSION.expiredCertsOnCrl, false, derGeneralizedTime(authority.notBefore)),
    ],
    entries: request.revoked.map(({ serialNumber, revokedAt, reason, invalidityDate }) => ({
      serialNumber,
      revocationDate: revokedAt,
      extensions: entryExtensions(reason, invalidityDate),
    })),
  })
  return new Uint8Array(crl.rawData)
}

function entryExtensions(reason: CrlReason, invalidityDate: Date | undefined): Extension[] {
  const value = derElement(0x0a, new Uint8Array([CRL_REASONS[reason]]))
  // RFC 5280 §5.3.1 would rather leave out `unspecified`, but the library then writes an empty list
  // of extensions, which is not DER.
  const extensions = [new Extension(EXTENSION.reasonCode, false, value)]
  if (invalidityDate)
    extensions.push(
      new Extension(EXTENSION.invalidityDate, false, derGeneralizedTime(invalidityDate)),
    )
  return extensions
}

function readAuthority(issuer: Issuer): X509Certificate & { subjectKeyIdentifier: Bytes } {
  const authority = parseX509Certificate(issuer.certificate)
  if ('malformed' in authority) throw new Error(`The issuer's certificate: ${authority.malformed}`)
  const { subjectKeyIdentifier } = authority
  if (!subjectKeyIdentifier) throw new Error("The issuer's X.509 certificate has no key identifier")
  return { ...authority, subjectKeyIdentifier }
}

async function signer(pkcs8: Uint8Array, spki: Uint8Array) {
  const key = parsePublicKey(spki)
  const alg = key && jwsAlgorithmsOf(key)[0]
  if (!alg) throw new Error("The issuer's key is outside the suite")
  const signingKey = await importPrivateKey(pkcs8, alg)
  const hash = alg === 'ES384' ? 'SHA-384' : 'SHA-256'
  return { signingKey, signingAlgorithm: { name: signingKey.algorithm.name, hash } }
}

/** The leftmost 160 bits of the SHA-256 of the key (RFC 7093 §2, method 1). */
async function keyIdentifierOf(spki: Uint8Array): Promise<Bytes> {
  const key = parsePublicKey(spki)
  if (!key || key.type === 'other') throw new Error('The key to be certified is outside the suite')
  const bits = { 'P-256': 65, 'P-384': 97, Ed25519: 32, RSA: 0 }[key.type]
  return (await sha256(key.spki.subarray(-bits))).slice(0, 20)
}

/** 127 random bits, never zero and never negative (RFC 5280 §4.1.2.2). */
function randomSerialNumber(): Bytes {
  const serial = crypto.getRandomValues(new Uint8Array(16))
  serial[0] = (serial[0]! & 0x7f) | 0x40
  return serial
}

function keyUsageFlags(template: KeyTemplate): KeyUsageFlags {
  return template.keyUsage.reduce<number>((flags, usage) => flags | KeyUsageFlags[usage], 0)
}

/** authorityInfoAccess with one responder. */
function ocspAccess(url: string): Bytes {
  const location = derElement(0x86, new TextEncoder().encode(url))
  return derElement(0x30, derElement(0x30, ID_AD_OCSP, location))
}

/** id-ad-ocsp, 1.3.6.1.5.5.7.48.1, as an OBJECT IDENTIFIER, whole. */
const ID_AD_OCSP = new Uint8Array([0x06, 8, 0x2b, 6, 1, 5, 5, 7, 0x30, 1])

/** Subtree of all names whose first RDN is the state's country. */
function permittedState(country: string): Bytes {
  const subtree = derElement(0x30, derElement(0xa4, derCountryName(country)))
  return derElement(0x30, derElement(0xa0, subtree))
}

function nameOf({ country, organization, commonName }: Subject): Name {
  // Values as typed objects: as plain strings quotes and backslashes would be taken for escapes.
  return new Name([
    { C: [{ printableString: country }] },
    { O: [{ utf8String: organization }] },
    { CN: [{ utf8String: commonName }] },
  ])
}
