import { thumbprint } from '../../crypto/suite.ts'
import { formatInstant } from '../../encoding/time.ts'
import { earliest } from '../../x509/instants.ts'
import type { KeyPurpose } from '../../x509/profile.ts'
import { parseX509Certificate, type X509Certificate } from '../../x509/x509-certificate.ts'
import { currentKey, loadIssuer, type PkiDirectory, type StoredKey } from './pki-directory.ts'
import { storeBareSuccessor, storeSuccessor, type Successor } from './pki-store.ts'
import { linkRoots } from './root-links.ts'
import {
  createAuthority,
  createBareKey,
  createLeaf,
  createSeal,
  DEFAULT_VALIDITY_DAYS,
  type Issuance,
  type ValidityDays,
} from './state-pki.ts'

/** What a new key can be made of. */
export const RENEWABLE_PURPOSES = [
  'document-seal',
  'body-ca',
  'state-ca',
  'root',
  'node',
  'status-signer',
  'registry-seal',
  'trust-list-signer',
  'log',
  'witness',
] as const
export type RenewablePurpose = (typeof RENEWABLE_PURPOSES)[number]

/** How long before it signs a key is public, unless the one before ends sooner. */
export const LEAD_DAYS = 30
/** How long the key before goes on afterwards: what it signed may still be on its way. */
export const OVERLAP_DAYS = 30

const DAY_MS = 86_400_000

/** Common names of the keys that are not a body's. */
const NAMES = {
  root: 'Root CA',
  'state-ca': 'State CA',
  'registry-seal': 'Registry Seal',
  'status-signer': 'Status Signer',
  node: 'Exchange Node',
  'trust-list-signer': 'Trust List Signer',
} as const

export interface Renewal {
  readonly purpose: RenewablePurpose
  /** Of a body's seal or authority. */
  readonly partyId?: string | undefined
  readonly now: Date
  /** From when on the new key signs; authorities, roots and list signers are at once. */
  readonly from?: Date | undefined
  readonly overlapDays?: number | undefined
  readonly sealAlgorithm: Issuance['sealAlgorithm']
  readonly validity?: Partial<ValidityDays>
}

export interface RenewedKey {
  readonly purpose: RenewablePurpose
  readonly partyId: string | undefined
  /** The thumbprint, or of a bare key the public key. */
  readonly id: string
  readonly file: string
  readonly from: string
  /** Until when the key before signs; of an authority, its own end. */
  readonly formerUntil: string
}

/** Why no key was made. */
export type RenewalObstacle =
  | 'unknown-body'
  | 'kept-by-its-body'
  | 'no-former-key'
  | 'former-ended'
  /** Between the end of the one before and its start nothing would sign. */
  | 'starts-too-late'
  /** Below it the key would never be valid. */
  | 'authority-ends'

/**
 * Makes the key that follows the current one of a purpose. The current one stays in the folder, with a
 * planned end where trust lists have one. Authorities and roots get a name of their own each, so that
 * whoever finds CRLs by name finds the right one.
 */
export async function renewKey(
  pki: PkiDirectory,
  renewal: Renewal,
  passphrase: string,
): Promise<RenewedKey | { readonly obstacle: RenewalObstacle }> {
  const { purpose, partyId, now } = renewal
  if (purpose === 'log' || purpose === 'witness')
    return renewBareKey(pki, purpose, renewal, passphrase)
  const body = pki.manifest.bodies.find((known) => known.partyId === partyId)
  if (isOfBody(purpose) && !body) return { obstacle: 'unknown-body' }
  const former = currentKey(pki, purpose, isOfBody(purpose) ? partyId : undefined)
  if (!former) return { obstacle: 'no-former-key' }
  if (purpose === 'document-seal' && former.keyFile === undefined)
    return { obstacle: 'kept-by-its-body' }
  const ended = x509Of(former).notAfter
  if (purpose === 'root' && ended < now) return { obstacle: 'former-ended' }
  const from = hasStart(purpose) ? (renewal.from ?? defaultStart(now, ended)) : now
  if (from > now && from > ended) return { obstacle: 'starts-too-late' }
  const above = authorityOf(pki, purpose, partyId)
  if (above && x509Of(above).notAfter <= from) return { obstacle: 'authority-ends' }
  const key = await makeKey(pki, renewal, { former, above, from, body }, passphrase)
  const until = hasStart(purpose) ? endOf(from, renewal, ended) : ended
  const successor: Successor = {
    ...key,
    purpose,
    partyId: former.partyId,
    ...(hasStart(purpose) && {
      former: { certificateFile: former.certificateFile, until: formatInstant(until) },
    }),
  }
  await storeSuccessor(pki, successor, passphrase)
  return {
    purpose,
    partyId: former.partyId,
    id: await thumbprint(key.key.certificate),
    file: `${key.name}.pem`,
    from: formatInstant(from),
    formerUntil: formatInstant(until),
  }
}

type CertifiedPurpose = Exclude<RenewablePurpose, 'log' | 'witness'>

/** The key with its name, and for a root its links with the one before. */
async function makeKey(
  pki: PkiDirectory,
  renewal: Renewal & { readonly purpose: RenewablePurpose },
  {
    former,
    above,
    from,
    body,
  }: {
    former: StoredKey
    above: StoredKey | undefined
    from: Date
    body: PkiDirectory['manifest']['bodies'][number] | undefined
  },
  passphrase: string,
): Promise<Pick<Successor, 'name' | 'key' | 'links'>> {
  const { state, environment, organization, ocspUrl } = pki.manifest
  const purpose = renewal.purpose as CertifiedPurpose
  const { sealAlgorithm, validity } = renewal
  const issuance: Issuance = {
    state,
    environment,
    ocspUrl,
    sealAlgorithm,
    now: from,
    validity: { ...DEFAULT_VALIDITY_DAYS, ...validity },
  }
  const of = pki.keys.filter((key) => key.purpose === purpose && key.partyId === former.partyId)
  const number = of.length + 1
  const issuer = () => loadIssuer(pki, above!, passphrase)
  switch (purpose) {
    case 'root': {
      const commonName = `${state} ${NAMES.root} ${number}`
      const subject = { country: state, organization, commonName }
      const key = await createAuthority('root', subject, undefined, issuance)
      const old = await loadIssuer(pki, former, passphrase)
      const name = `root-${number}`
      return { name, key, links: await linkRoots({ old, name, issued: key, now: from }) }
    }
    case 'state-ca': {
      const commonName = `${state} ${NAMES['state-ca']} ${number}`
      const subject = { country: state, organization, commonName }
      const key = await createAuthority('state-ca', subject, await issuer(), issuance)
      return { name: `state-ca-${number}`, key }
    }
    case 'body-ca': {
      const { partyId, name } = body!
      const commonName = `${partyId} CA ${number}`
      const subject = { country: state, organization: name, commonName }
      const key = await createAuthority('body-ca', subject, await issuer(), issuance)
      return { name: `${partyId}.ca-${number}`, key }
    }
    case 'document-seal': {
      const key = await createSeal(body!, await issuer(), issuance)
      return { name: `${body!.partyId}.seal-${number}`, key }
    }
    default: {
      const commonName = `${state} ${NAMES[purpose]}`
      const subject = { country: state, organization, commonName }
      const key = await createLeaf(purpose satisfies KeyPurpose, subject, await issuer(), issuance)
      return { name: `${purpose}-${number}`, key }
    }
  }
}

async function renewBareKey(
  pki: PkiDirectory,
  purpose: 'log' | 'witness',
  renewal: Renewal,
  passphrase: string,
): Promise<RenewedKey> {
  const { now } = renewal
  const from = renewal.from ?? new Date(now.getTime() + LEAD_DAYS * DAY_MS)
  const times = {
    from: formatInstant(from),
    formerUntil: formatInstant(endOf(from, renewal, undefined)),
  }
  const added = await storeBareSuccessor(pki, purpose, await createBareKey(), times, passphrase)
  const { publicKey, keyFile } = added
  return { purpose, partyId: undefined, id: publicKey, file: keyFile, ...times }
}

/** The current authority that certifies keys of this purpose. */
function authorityOf(
  pki: PkiDirectory,
  purpose: CertifiedPurpose,
  partyId: string | undefined,
): StoredKey | undefined {
  switch (purpose) {
    case 'root':
      return undefined
    case 'state-ca':
    case 'trust-list-signer':
      return currentKey(pki, 'root')
    case 'document-seal':
      return currentKey(pki, 'body-ca', partyId)
    case 'body-ca':
    case 'node':
    case 'registry-seal':
    case 'status-signer':
      return currentKey(pki, 'state-ca')
  }
}

function isOfBody(purpose: RenewablePurpose): boolean {
  return purpose === 'document-seal' || purpose === 'body-ca'
}

/** Keys whose period of use stands in the trust list; the others are known by their path. */
function hasStart(purpose: RenewablePurpose): boolean {
  return !['root', 'state-ca', 'body-ca', 'trust-list-signer'].includes(purpose)
}

function defaultStart(now: Date, formerEnds: Date): Date {
  const planned = new Date(now.getTime() + LEAD_DAYS * DAY_MS)
  return planned < formerEnds ? planned : now
}

function endOf(
  from: Date,
  { overlapDays = OVERLAP_DAYS }: Renewal,
  notAfter: Date | undefined,
): Date {
  const planned = new Date(from.getTime() + overlapDays * DAY_MS)
  return notAfter ? earliest([planned, notAfter]) : planned
}

function x509Of({ certificate, certificateFile }: StoredKey): X509Certificate {
  const parsed = parseX509Certificate(certificate)
  if ('malformed' in parsed) throw new Error(`${certificateFile}: ${parsed.malformed}`)
  return parsed
}
