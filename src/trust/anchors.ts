import { sha256, verifyX509Signature } from '../crypto/suite.ts'
import { decodeBase64, encodeBase64, encodeBase64url } from '../encoding/base64url.ts'
import { isSameOctets } from '../encoding/octets.ts'
import { ATTRIBUTE } from '../x509/distinguished-name.ts'
import { parseX509Certificate, type X509Certificate } from '../x509/x509-certificate.ts'
import type { TrustList } from './trust-list.ts'
import type { TrustPin } from './trust-store.ts'

/** A root of a state under which paths are validated. */
export interface PinnedAnchor {
  readonly state: string
  readonly certificate: X509Certificate
  /**
   * Absent where the root itself is pinned. Else the anchor stands at an instant only as far as one of
   * these is then valid below the pinned root that issued it (RFC 4210 §4.4).
   */
  readonly links?: readonly RootLink[]
}

/** A pinned root's X.509 certificate over name and key of another root of the state. */
export interface RootLink {
  readonly certificate: X509Certificate
  readonly by: X509Certificate
}

/**
 * The roots of a list that count: those that are pinned, its own and the former ones among its CAs, and
 * those that one of them certifies; the list's own root first. Links are found here, not yet validated.
 */
export async function anchorsOf(
  list: TrustList,
  pins: readonly TrustPin[],
): Promise<PinnedAnchor[]> {
  const { state } = list
  const { roots, listed, issuers } = await rootsOf(list, pins)
  const anchors = await Promise.all(
    roots.map(async ({ certificate, isPinned }): Promise<PinnedAnchor[]> => {
      if (isPinned) return [{ state, certificate }]
      if (!(await isSelfSigned(certificate))) return []
      const links = linksTo(certificate, listed, issuers)
      return links.length > 0 ? [{ state, certificate, links }] : []
    }),
  )
  return anchors.flat()
}

/** Links from other pinned roots to the list's own root, pinned itself or not. */
export async function linksToRoot(list: TrustList, pins: readonly TrustPin[]): Promise<RootLink[]> {
  const { roots, listed, issuers } = await rootsOf(list, pins)
  const own = roots[0]?.certificate
  return own ? linksTo(own, listed, issuers) : []
}

/** The list's own root first, then the former ones; `issuers` are those that are pinned. */
async function rootsOf(list: TrustList, pins: readonly TrustPin[]) {
  const { state } = list
  const pinned = new Set(pins.filter((pin) => pin.state === state).map((pin) => pin.rootSha256))
  const own = parse(list.root)
  if (pinned.size === 0 || !own) return { roots: [], listed: [], issuers: [] }
  const listed = list.cas.flatMap((text) => parse(text) ?? [])
  const former = listed.filter((ca) => isSelfMade(ca) && isOf(state, ca) && !isSame(ca, own))
  const roots = await Promise.all(
    [own, ...former].map(async (certificate) => ({
      certificate,
      isPinned: pinned.has(encodeBase64url(await sha256(certificate.der))),
    })),
  )
  const issuers = roots.filter(({ isPinned }) => isPinned).map(({ certificate }) => certificate)
  return { roots, listed, issuers }
}

/** The anchor that a list's own root is, if it counts. */
export function rootAnchor(
  list: TrustList,
  anchors: readonly PinnedAnchor[],
): PinnedAnchor | undefined {
  return anchors.find(({ certificate }) => encodeBase64(certificate.der) === list.root)
}

/** Links from one of `issuers` to a root. What constrains names or depth leads nowhere: pin the root. */
function linksTo(
  root: X509Certificate,
  listed: readonly X509Certificate[],
  issuers: readonly X509Certificate[],
): RootLink[] {
  return listed
    .filter(
      (link) =>
        !isSame(link, root) &&
        link.subject.key === root.subject.key &&
        isSameOctets(link.spki, root.spki) &&
        isUnconstrained(link),
    )
    .flatMap((certificate) =>
      issuers
        .filter((by) => isIssuedBy(certificate, by) && isUnconstrained(by))
        .map((by) => ({ certificate, by })),
    )
}

function isUnconstrained({ nameConstraints, basicConstraints }: X509Certificate): boolean {
  return nameConstraints === undefined && basicConstraints?.pathLenConstraint === undefined
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
  const { key, signatureAlgorithm, signature, tbs } = root
  if (!key || !isSelfMade(root)) return false
  return (await verifyX509Signature(signatureAlgorithm, key, signature, tbs)) === 'valid'
}

/** A list names former roots among its CAs; those of another state in it vouch for nothing. */
function isOf(state: string, { subject }: X509Certificate): boolean {
  const countries = subject.attributes.filter(({ type }) => type === ATTRIBUTE.country)
  return countries.length === 1 && countries[0]!.value === state
}

function isSame(a: X509Certificate, b: X509Certificate): boolean {
  return isSameOctets(a.der, b.der)
}

function parse(base64: string): X509Certificate | undefined {
  const certificate = parseX509Certificate(decodeBase64(base64) ?? new Uint8Array())
  return 'malformed' in certificate ? undefined : certificate
}
