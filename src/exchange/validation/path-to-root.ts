import { isBelieved, type PinnedAnchor, type RootLink } from '../../trust/anchors.ts'
import type { Trust } from '../../trust/trust.ts'
import { earliest, latest } from '../../x509/instants.ts'
import type { PathCache } from '../../x509/path-cache.ts'
import {
  type InvalidValidity,
  type PathResult,
  unknown,
  type UnknownPath,
  type ValidPath,
} from '../../x509/path-result.ts'
import type { KeyPurpose, SealPath } from '../../x509/profile.ts'

/**
 * Validates against every pinned root; the one that the path leads to decides. A root that only bears the
 * same name, as another state might give its own, must not speak for it.
 */
export async function validatePath(
  x5c: readonly Uint8Array[],
  context: {
    trust: Trust
    paths: PathCache
    purpose: KeyPurpose
    at: Date
    now: Date
    revocationRequired?: boolean
  },
): Promise<{ state: string; path: PathResult }> {
  const { trust, paths, purpose, at, now, revocationRequired = true } = context
  let best: { state: string; path: PathResult } = { state: '', path: NO_ANCHORS }
  // Who is pinned decides before who was only certified by one that is.
  const [pinned, linked] = [trust.anchors.filter(isPinned), trust.anchors.filter(isLinked)]
  for (const believed of [...pinned, ...linked]) {
    const { state, certificate, links } = believed
    if (!isBelieved(believed, at)) continue
    const anchor = certificate.der
    const evidence = { at, now, crls: trust.crls.of(state), ocsp: trust.ocsp.of(state) }
    const question = { x5c, anchor, purpose, revocationRequired, ...evidence }
    let path = await paths.validate(question)
    if (path.result === 'valid') path = untilWithdrawn(path, believed)
    if (path.result === 'valid' && links) {
      const { key } = path
      path = await throughLinks(path, links, paths, evidence)
      if (path.result !== 'valid') {
        // Counted from the seal, as everything above it is; the key is the seal's.
        const index = path.index + x5c.length
        path = 'key' in path ? { ...path, index, key } : { ...path, index }
      }
    }
    if (path.result === 'valid') return { state, path }
    if (best.path === NO_ANCHORS || nearness(path) > nearness(best.path)) best = { state, path }
  }
  return best
}

const isLinked = ({ links }: PinnedAnchor) => links !== undefined
const isPinned = (anchor: PinnedAnchor) => !isLinked(anchor)

/** What is signed from the instant of a withdrawal on does not count. */
function untilWithdrawn(path: ValidPath, { withdrawnFrom }: PinnedAnchor | RootLink): ValidPath {
  if (withdrawnFrom === undefined) return path
  const last = new Date(Date.parse(withdrawnFrom) - 1)
  return { ...path, validUntil: earliest([path.validUntil, last]) }
}

/** A path to a root that is not pinned itself, with the path from there to one that is. */
async function throughLinks(
  path: ValidPath,
  links: readonly RootLink[],
  paths: PathCache,
  evidence: Pick<SealPath, 'at' | 'now' | 'crls' | 'ocsp'>,
): Promise<PathResult> {
  let failure: NotValidPath | undefined
  for (const link of links) {
    if (!isBelieved(link, evidence.at)) continue
    const { certificate, by } = link
    // A new root that certifies the old one speaks of the time before it as well.
    const isBefore = evidence.at < by.notBefore
    const upper = await paths.validate({
      x5c: [certificate.der],
      anchor: by.der,
      purpose: 'root-link',
      revocationRequired: true,
      ...evidence,
      ...(isBefore && { at: by.notBefore }),
    })
    if (upper.result === 'valid')
      return untilWithdrawn(
        {
          ...path,
          validFrom: isBefore ? path.validFrom : latest([path.validFrom, upper.validFrom]),
          validUntil: earliest([path.validUntil, isBefore ? by.notBefore : upper.validUntil]),
          currentUntil: earliest([path.currentUntil, upper.currentUntil]),
        },
        link,
      )
    const found = isOutOfTime(upper) ? linkOutOfTime(upper) : upper
    if (!failure || weightOfLink(found) > weightOfLink(failure)) failure = found
  }
  return failure ?? NO_ANCHORS
}

function isOutOfTime(path: PathResult): path is InvalidValidity {
  return path.result === 'invalid' && (path.code === 'expired' || path.code === 'not-yet-valid')
}

/** Whoever pins the root needs no link to it: what has no link at an instant is open, it has not failed. */
function linkOutOfTime({ index, detail, key, revokes }: InvalidValidity): UnknownPath {
  const open = unknown('root-link-out-of-time', index, detail)
  return { ...open, ...(key && { key }), ...(revokes && { revokes }) }
}

/**
 * Which link decides where none is valid. One that is open may yet be good; but where all that is open is the
 * time of one, a pinned root that has revoked another has said the last word on the key.
 */
function weightOfLink(path: NotValidPath): number {
  return path.code === 'root-link-out-of-time' ? 2.5 : nearness(path)
}

type NotValidPath = Exclude<PathResult, ValidPath>

/** How much it says for a root that a path which is not valid under it came so far. */
function nearness(path: PathResult): number {
  if (path.result !== 'invalid') return 4
  // Its signatures hold: of roots that bear one name it is this one's.
  if ('key' in path) return 3
  if (path.code === 'no-anchor') return 0
  return path.code === 'signature-invalid' ? 1 : 2
}

const NO_ANCHORS: PathResult = {
  result: 'invalid',
  code: 'no-anchor',
  rule: 'P2',
  index: 0,
  detail: 'no root is at hand that is pinned and believed',
}
