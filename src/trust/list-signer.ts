import { encodeBase64 } from '../encoding/base64url.ts'
import type { CrlSource } from '../x509/crl-source.ts'
import type { OcspSource } from '../x509/ocsp-source.ts'
import type { PathResult } from '../x509/path-result.ts'
import { validateSealPath } from '../x509/profile.ts'
import { anchorsOf, isBelieved, linksToRoot, type PinnedAnchor, rootAnchor } from './anchors.ts'
import type { TrustList } from './trust-list.ts'
import type { TrustPin } from './trust-store.ts'

interface Evidence {
  readonly pins: readonly TrustPin[]
  /** Of both kinds what counts for the state of the list is asked, and nothing else. */
  readonly crls: CrlSource
  readonly ocsp: OcspSource
  readonly now: Date
  /** When it signed, if that is known from elsewhere. */
  readonly at?: Date
  /** The version before the list, if that is still to be believed. */
  readonly previous?: TrustList | undefined
}

/** Why nobody who asks may have signed the list: its root is not believed, or whether it is cannot be told. */
interface RootNotBelieved {
  readonly refused: 'root-not-pinned' | 'cannot-tell'
  readonly detail: string
  /** Of `cannot-tell`: the path of who signed, as it is if the root is to be believed. */
  readonly path?: PathResult
}

/** The path of who signs as the list signer of a state, for a list or beside it, under a root that may. */
export async function validateListSigner(
  x5c: readonly Uint8Array[],
  list: TrustList,
  given: Evidence,
): Promise<PathResult | RootNotBelieved> {
  const { now, at = now, crls, ocsp } = given
  const known = { ...given, crls: crls.of(list.state), ocsp: ocsp.of(list.state) }
  const anchor = rootAnchor(list, await anchorsOf(list, known.pins))
  if (!anchor) return refuse('root-not-pinned', `its root is not the one pinned for ${list.state}`)
  if (!isBelieved(anchor, at))
    return refuse('root-not-pinned', `its root is not believed since ${anchor.withdrawnFrom!}`)
  const { roots, refusal } = await rootsForSigner(anchor, list, known)
  if (refusal?.refused === 'root-not-pinned') return refusal
  const path = await signerPath(x5c, roots, known)
  return refusal ? { ...refusal, path } : path
}

/**
 * Under which roots the list may be signed: its own, if it is pinned or a pinned one certifies it now,
 * and while the certificate of the former root lasts, that one. After it the former root signs no list,
 * and what it certifies anew is nothing: its key may be in other hands. So a new root is brought by the
 * root of the version before alone, and a former one signs by a certificate that was listed before. With a
 * refusal those roots that could sign it if what is open turns out well.
 */
async function rootsForSigner(
  anchor: PinnedAnchor,
  list: TrustList,
  { pins, crls, ocsp, now, at = now, previous }: Evidence,
): Promise<{ readonly roots: readonly Uint8Array[]; readonly refusal?: RootNotBelieved }> {
  const own = anchor.certificate.der
  const isExchanged = previous !== undefined && previous.root !== list.root
  const links = (await linksToRoot(list, pins)).filter(
    (link) => isBelieved(link, at) && (!isExchanged || encodeBase64(link.by.der) === previous.root),
  )
  const judged = await Promise.all(
    links.map(async ({ certificate, by }) => ({
      by,
      isListed: !previous || isExchanged || previous.cas.includes(encodeBase64(certificate.der)),
      path: await validateSealPath({
        x5c: [certificate.der],
        anchor: by.der,
        at,
        now,
        purpose: 'root-link',
        crls,
        ocsp,
        revocationRequired: true,
      }),
    })),
  )
  const rootsBy = (those: typeof judged) => [
    own,
    ...those.filter(({ isListed }) => isListed).map(({ by }) => by.der),
  ]
  const valid = judged.filter(({ path }) => path.result === 'valid')
  if (!anchor.links || valid.length > 0) return { roots: rootsBy(valid) }
  const open = judged.filter(({ path }) => path.result === 'unknown')
  return { roots: rootsBy(open), refusal: refusalOfRoot(open[0] ?? judged[0]) }
}

/** Why a root is not believed of which no link is valid: the one that is open, else any. */
function refusalOfRoot(link: { readonly path: PathResult } | undefined): RootNotBelieved {
  if (!link)
    return refuse('root-not-pinned', 'its root is not pinned, nor certified by the one before it')
  const { path } = link
  const why = path.result === 'valid' ? '' : `${path.code}: ${path.detail}`
  return path.result === 'unknown'
    ? refuse('cannot-tell', `the certificate over the new root: ${why}`)
    : refuse('root-not-pinned', `its root is not pinned, nor certified by the pinned one: ${why}`)
}

/** The path under the root to which it leads; of several failures the one that came furthest. */
async function signerPath(
  x5c: readonly Uint8Array[],
  roots: readonly Uint8Array[],
  { crls, ocsp, now, at = now }: Evidence,
): Promise<PathResult> {
  const paths = await Promise.all(
    roots.map((anchor) =>
      validateSealPath({
        x5c,
        anchor,
        at,
        now,
        purpose: 'trust-list-signer',
        crls,
        ocsp,
        revocationRequired: true,
      }),
    ),
  )
  const led = paths.filter((path) => path.result === 'valid' || path.code !== 'no-anchor')
  return (
    paths.find(({ result }) => result === 'valid') ??
    led.find(({ result }) => result === 'unknown') ??
    led[0] ??
    paths[0]!
  )
}

function refuse(refused: RootNotBelieved['refused'], detail: string): RootNotBelieved {
  return { refused, detail }
}
