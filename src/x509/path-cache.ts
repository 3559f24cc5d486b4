import { isSameOctets } from '../encoding/octets.ts'
import { RecentMap } from '../encoding/recent-map.ts'
import type { DistinguishedName } from './distinguished-name.ts'
import { isBefore } from './instants.ts'
import { nameForOcsp, type NameForOcsp } from './ocsp-source.ts'
import type { InvalidPlain, PathResult, ValidPath } from './path-result.ts'
import { readSealPath, validateReadPath } from './profile.ts'
import type { SealPath } from './profile.ts'
import { parseX509Certificate, type X509Certificate } from './x509-certificate.ts'
import { createX5cMemory, octetsId, type X5cMemory } from './x5c-memory.ts'

/** `validateSealPath` with a bounded memory; same contract, same answers. */
export interface PathCache {
  validate(path: SealPath): Promise<PathResult>
  /**
   * Decodes an `x5c` whose texts are canonical base64, and computes its thumbprint; neither again for one
   * that led to a valid path. `claimed` is the header's `x5t#S256`, under which it is looked for.
   */
  readonly decode: X5cMemory['decode']
}

/** By what evidence about an X.509 certificate is found. */
type Named = { readonly issuer: Pick<DistinguishedName, 'key'> } & NameForOcsp

interface Remembered {
  readonly answer: ValidPath
  readonly certificates: readonly Named[]
  /** Identities of all lists of their issuers and OCSP responses about them that were at hand. */
  readonly evidence: readonly string[]
  /** The check; an earlier one might have found a list not yet issued. */
  readonly now: Date
}

/** Base64 of the `x5c` of some thousand seals. */
const MAX_X5C_CHARACTERS = 8 * 1024 * 1024
/** All that the remembered answers may have of `sizeOf`. */
const MAX_NAME_CHARACTERS = 8 * 1024 * 1024

/**
 * Remembers at most `maxEntries` valid answers, of those asked for lately. An answer serves
 * again only while its certificates and lists hold at both instants and no evidence has come or gone.
 * As many roots that a path does not lead to are remembered: that follows from their names alone.
 */
export function createPathCache(maxEntries = 4096): PathCache {
  const least = MAX_NAME_CHARACTERS / maxEntries
  const memory = new RecentMap<string, Remembered>(MAX_NAME_CHARACTERS, (remembered) =>
    Math.max(least, sizeOf(remembered)),
  )
  const astray = new RecentMap<string, InvalidPlain>(maxEntries)
  const x5cs = createX5cMemory(MAX_X5C_CHARACTERS)
  const readAnchor = pinnedAnchors()
  return {
    decode: x5cs.decode,
    async validate(path) {
      const anchor = readAnchor(path.anchor)
      const octets = `${anchor.id} ${x5cs.idOf(path.x5c)}`
      const key = `${path.purpose} ${path.revocationRequired} ${octets}`
      const held = memory.get(key)
      if (held && isStillTrue(held, path)) {
        x5cs.keep(path.x5c)
        return held.answer
      }
      const elsewhere = astray.get(octets)
      if (elsewhere) return elsewhere
      // Taken before: a list that arrives meanwhile must make the next question a new one.
      const parsed = readSealPath(path.x5c)
      const certificates = 'path' in parsed ? parsed.path.map(named) : []
      const evidence = evidenceOf(path, certificates)
      const answer = await validateReadPath(path, parsed, anchor.certificate)
      if (answer.result === 'invalid' && answer.code === 'no-anchor') astray.set(octets, answer)
      const checkedAt = path.now ?? path.at
      if (answer.result !== 'valid' || isBefore(answer.currentUntil, checkedAt)) return answer
      memory.set(key, { answer, certificates, evidence, now: checkedAt })
      x5cs.keep(path.x5c)
      return answer
    },
  }
}

/** Characters of what names the certificates, as long as their authorities like, and of `evidence`. */
function sizeOf({ certificates, evidence }: Remembered): number {
  let size = CHARACTERS_EACH * evidence.length
  for (const { issuer, serialNumber, issuerSki } of certificates)
    size += issuer.key.length + serialNumber.length + issuerSki.length
  return size
}

/** What a place in `evidence` takes; the identities themselves are those of the lists. */
const CHARACTERS_EACH = 8

function isStillTrue({ answer, certificates, evidence, now }: Remembered, path: SealPath): boolean {
  const { at } = path
  const checkedAt = path.now ?? at
  return (
    !isBefore(at, answer.validFrom) &&
    !isBefore(answer.validUntil, at) &&
    !isBefore(checkedAt, now) &&
    !isBefore(answer.currentUntil, checkedAt) &&
    isSameEvidence(evidence, evidenceOf(path, certificates))
  )
}

interface ReadAnchor {
  readonly id: string
  readonly octets: Uint8Array
  readonly certificate: ReturnType<typeof parseX509Certificate>
}

/** Reads each pinned root once: they are few, and asked for with every document. */
function pinnedAnchors(): (anchor: Uint8Array) => ReadAnchor {
  const known = new WeakMap<Uint8Array, ReadAnchor>()
  return (anchor) => {
    const held = known.get(anchor)
    if (held && isSameOctets(held.octets, anchor)) return held
    const octets = anchor.slice()
    const read = { id: octetsId([octets]), octets, certificate: parseX509Certificate(octets) }
    known.set(anchor, read)
    return read
  }
}

/** All that is needed of a remembered certificate: whoever remembers it whole remembers its DER. */
function named(certificate: X509Certificate): Named {
  return { issuer: { key: certificate.issuer.key }, ...nameForOcsp(certificate) }
}

/** In the order found, with a mark after each certificate; another order is other evidence. */
function evidenceOf({ crls, ocsp }: SealPath, certificates: readonly Named[]): string[] {
  const ids: string[] = []
  for (const certificate of certificates) {
    for (const { id } of crls.find(certificate.issuer)) ids.push(id)
    if (ocsp) for (const { id } of ocsp.find(certificate)) ids.push(id)
    ids.push('')
  }
  return ids
}

function isSameEvidence(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((id, i) => id === b[i])
}
