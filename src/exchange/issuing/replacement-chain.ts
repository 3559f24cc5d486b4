import type { CertificateStore, StoredCertificate } from '../certificate-store.ts'

/** A certificate of a chain of replacements, by its digest; it need not have come here. */
export interface ChainLink {
  readonly sha256: string
  readonly certificate: StoredCertificate | undefined
}

/** What stands before and after a certificate in a chain of replacements, nearest first. */
export interface ReplacementChain {
  readonly replaces: readonly ChainLink[]
  readonly replacedBy: readonly ChainLink[]
}

/** How far a chain is followed in each direction; a hostile issuer can make it a circle. */
const MAX_LINKS = 20

/** The neighbours of several certificates, one statement for each direction. */
export async function replacementNeighbours(
  store: CertificateStore,
  certificates: readonly StoredCertificate[],
): Promise<(certificate: StoredCertificate) => ReplacementChain> {
  const [successors, predecessors] = await Promise.all([
    store.findByDigests(certificates.flatMap(({ replacedBy }) => replacedBy ?? [])),
    store.findReplacedBy(certificates.map(({ sha256 }) => sha256)),
  ])
  const after = new Map(successors.map((stored) => [stored.sha256, stored]))
  const before = new Map(predecessors.map((stored) => [stored.replacedBy!, stored]))
  return ({ sha256, replacedBy }) => ({
    replaces: [before.get(sha256)].flatMap((stored) => (stored ? [linkOf(stored)] : [])),
    replacedBy:
      replacedBy === undefined ? [] : [{ sha256: replacedBy, certificate: after.get(replacedBy) }],
  })
}

/** The whole chain around a document, up to 20 links in each direction; it need not stand here itself. */
export async function replacementChain(
  store: CertificateStore,
  certificate: Pick<StoredCertificate, 'sha256' | 'replacedBy'>,
): Promise<ReplacementChain> {
  const [replaces, replacedBy] = await Promise.all([
    follow(certificate, async ({ sha256 }) => {
      const [stored] = await store.findReplacedBy([sha256])
      return stored && linkOf(stored)
    }),
    follow(certificate, async ({ replacedBy: next }) =>
      next === undefined
        ? undefined
        : { sha256: next, certificate: await store.findByDigest(next) },
    ),
  ])
  return { replaces, replacedBy }
}

async function follow(
  from: Pick<StoredCertificate, 'sha256' | 'replacedBy'>,
  next: (
    certificate: Pick<StoredCertificate, 'sha256' | 'replacedBy'>,
  ) => Promise<ChainLink | undefined>,
): Promise<ChainLink[]> {
  const links: ChainLink[] = []
  const visited = new Set([from.sha256])
  let at: typeof from | undefined = from
  while (at && links.length < MAX_LINKS) {
    const link: ChainLink | undefined = await next(at)
    if (!link || visited.has(link.sha256)) break
    visited.add(link.sha256)
    links.push(link)
    at = link.certificate
  }
  return links
}

function linkOf(certificate: StoredCertificate): ChainLink {
  return { sha256: certificate.sha256, certificate }
}
