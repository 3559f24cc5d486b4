import { sha256, verifyX509Signature } from '../crypto/suite.ts'
import { encodeBase64, encodeBase64url } from '../encoding/base64url.ts'
import { isSameOctets } from '../encoding/octets.ts'
import { formatInstant } from '../encoding/time.ts'
import { ATTRIBUTE } from '../x509/distinguished-name.ts'
import { readX509, type X509Certificate } from '../x509/x509-certificate.ts'
import type { TrustList } from './trust-list.ts'
import type { TrustPin } from './trust-store.ts'

interface Withdrawable {
  /** Since when two persons do not believe the pinned root any more; for the time before it counts. */
  readonly withdrawnFrom?: string
}

/** A root of a state under which paths are validated. */
export interface PinnedAnchor extends Withdrawable {
  readonly state: string
  readonly certificate: X509Certificate
  /**
   * Absent where the root itself is pinned. Else the anchor stands at an instant only as far as one of
   * these is then valid below the pinned root that issued it (RFC 4210 §4.4).
   */
  readonly links?: readonly RootLink[]
}

/** A pinned root's X.509 certificate over name and key of another root of the state; it did sign it. */
export interface RootLink extends Withdrawable {
  readonly certificate: X509Certificate
  readonly by: X509Certificate
}

/** Whether a pinned root, or what it certified, is believed of an instant. */
export function isBelieved({ withdrawnFrom }: Withdrawable, at: Date): boolean {
  return withdrawnFrom === undefined || formatInstant(at) < withdrawnFrom
}

/** Whether the same roots, and the same certificates over roots, are believed of two instants. */
export function areSameBelieved(anchors: readonly PinnedAnchor[], a: Date, b: Date): boolean {
  return anchors
    .flatMap((anchor): Withdrawable[] => [anchor, ...(anchor.links ?? [])])
    .every((one) => isBelieved(one, a) === isBelieved(one, b))
}

/**
 * The roots of a list that count: those that are pinned, its own and the former ones among its CAs, and
 * those that one of them certifies; the list's own root first. Whether a link is valid at an instant is
 * for path validation; that the pinned root signed it is checked here.
 */
export async function anchorsOf(
  list: TrustList,
  pins: readonly TrustPin[],
): Promise<PinnedAnchor[]> {
  const { state } = list
  const { roots, listed, issuers } = await rootsOf(list, pins)
  const anchors = await Promise.all(
    roots.map(async ({ certificate, pin }): Promise<PinnedAnchor[]> => {
      if (pin) return [{ state, certificate, ...withdrawn(pin) }]
      if (!(await isSelfSigned(certificate))) return []
      const links = await linksTo(certificate, listed, issuers)
      return links.length > 0 ? [{ state, certificate, links }] : []
    }),
  )
  return anchors.flat()
}

/**
 * Of the roots of some lists those that are pinned themselves, each once: whoever signed the list, the
 * fingerprint of the root was told by another way.
 */
export async function pinnedRootsOf(
  lists: readonly TrustList[],
  pins: readonly TrustPin[],
): Promise<PinnedAnchor[]> {
  const found = new Map<string, PinnedAnchor>()
  for (const list of lists)
    for (const root of (await rootsOf(list, pins)).issuers) {
      const { state } = list
      found.set(`${state} ${encodeBase64(root.certificate.der)}`, { state, ...root })
    }
  return [...found.values()]
}

/** Links from other pinned roots to the list's own root, pinned itself or not. */
export async function linksToRoot(list: TrustList, pins: readonly TrustPin[]): Promise<RootLink[]> {
  const { roots, listed, issuers } = await rootsOf(list, pins)
  const own = readX509(list.root)
  const counts = own && roots.some(({ certificate }) => isSame(certificate, own))
  return counts ? linksTo(own, listed, issuers) : []
}

/**
 * Of each kind that a list may hope to have counted: former roots that are not pinned, and links to one
 * root. A state has two roots at a time, while one follows the other; whatever more a list names would
 * only cost signature verifications, their product.
 */
const MOST_COUNTED = 8

type PinnedRoot = Withdrawable & { readonly certificate: X509Certificate }

/**
 * The list's own root first, then the former ones; `issuers` are those that are pinned. A root of another
 * state is none of this one, whoever names it: it would take over what is signed under it.
 */
async function rootsOf(list: TrustList, pins: readonly TrustPin[]) {
  const { state } = list
  const pinned = new Map(
    pins.filter((pin) => pin.state === state).map((pin) => [pin.rootSha256, pin]),
  )
  const own = readX509(list.root)
  if (pinned.size === 0 || !own) return { roots: [], listed: [], issuers: [] }
  const listed = list.cas.flatMap((text) => readX509(text) ?? [])
  const former = listed.filter((ca) => isSelfMade(ca) && !isSame(ca, own))
  const roots = await Promise.all(
    [own, ...former]
      .filter((certificate) => isOf(state, certificate))
      .map(async (certificate) => ({
        certificate,
        pin: pinned.get(encodeBase64url(await sha256(certificate.der))),
      })),
  )
  const issuers = roots.flatMap(({ certificate, pin }): PinnedRoot[] =>
    pin ? [{ certificate, ...withdrawn(pin) }] : [],
  )
  const unpinned = roots.filter(({ pin }) => !pin).slice(0, MOST_COUNTED)
  const counted = roots.filter((root) => root.pin !== undefined || unpinned.includes(root))
  return { roots: counted, listed, issuers }
}

function withdrawn({ withdrawnFrom }: Withdrawable): Withdrawable {
  return withdrawnFrom === undefined ? {} : { withdrawnFrom }
}

/** The anchor that a list's own root is, if it counts. */
export function rootAnchor(
  list: TrustList,
  anchors: readonly PinnedAnchor[],
): PinnedAnchor | undefined {
  return anchors.find(({ certificate }) => encodeBase64(certificate.der) === list.root)
}

/** Links from one of `issuers` to a root. What constrains more than time leads nowhere: pin the root. */
async function linksTo(
  root: X509Certificate,
  listed: readonly X509Certificate[],
  issuers: readonly PinnedRoot[],
): Promise<RootLink[]> {
  const named = listed
    .filter(
      (link) =>
        !isSame(link, root) &&
        link.subject.key === root.subject.key &&
        isSameOctets(link.spki, root.spki) &&
        isUnconstrained(link),
    )
    .flatMap((certificate) =>
      issuers
        .filter(({ certificate: by }) => isIssuedBy(certificate, by) && isUnconstrained(by))
        .map(({ certificate: by, ...rest }): RootLink => ({ certificate, by, ...rest })),
    )
    .slice(0, MOST_COUNTED)
  const signed = await Promise.all(named.map(({ certificate, by }) => isSignedBy(certificate, by)))
  return named.filter((_, i) => signed[i])
}

/** Link and path below are validated apart, so that what the link forbids would bind nothing below it (P11). */
function isUnconstrained(certificate: X509Certificate): boolean {
  const { nameConstraints, extendedKeyUsage, policyConstraints, inhibitAnyPolicy } = certificate
  const limits = [nameConstraints, extendedKeyUsage, policyConstraints, inhibitAnyPolicy]
  return (
    limits.every((limit) => limit === undefined) &&
    certificate.basicConstraints?.pathLenConstraint === undefined
  )
}

function isIssuedBy(link: X509Certificate, root: X509Certificate): boolean {
  const [named, own] = [link.authorityKeyIdentifier?.keyIdentifier, root.subjectKeyIdentifier]
  return (
    link.issuer.key === root.subject.key &&
    named !== undefined &&
    own !== undefined &&
    isSameOctets(named, own)
  )
}

/** A root by its looks: a link between two roots of one name is self-issued as well, with another key. */
export function isSelfMade(certificate: X509Certificate): boolean {
  return certificate.basicConstraints?.cA === true && isIssuedBy(certificate, certificate)
}

async function isSelfSigned(root: X509Certificate): Promise<boolean> {
  return isSelfMade(root) && (await isSignedBy(root, root))
}

/** What cannot be verified here has not been: a root that it leads to is pinned, or counts for nothing. */
export async function isSignedBy(
  { signatureAlgorithm, signature, tbs }: X509Certificate,
  { key }: X509Certificate,
): Promise<boolean> {
  if (!key) return false
  return (await verifyX509Signature(signatureAlgorithm, key, signature, tbs)) === 'valid'
}

/** By its name, which is what its certificates and CRLs are found by. */
function isOf(state: string, { subject }: X509Certificate): boolean {
  const countries = subject.attributes.filter(({ type }) => type === ATTRIBUTE.country)
  return countries.length === 1 && countries[0]!.value === state
}

function isSame(a: X509Certificate, b: X509Certificate): boolean {
  return isSameOctets(a.der, b.der)
}
