import { sha256Sync } from '../crypto/suite.ts'
import type { CrlSource } from './crl-source.ts'
import type { DistinguishedName } from './distinguished-name.ts'
import { octetsToHex } from '../encoding/octets.ts'
import type { PathResult, ValidPath } from './path-result.ts'
import { validateSealPath } from './profile.ts'
import type { SealPath } from './profile.ts'
import { parseX509Certificate } from './x509-certificate.ts'

/** `validateSealPath` with a bounded memory; same contract, same answers. */
export interface PathCache {
  validate(path: SealPath): Promise<PathResult>
}

interface Remembered {
  readonly answer: ValidPath
  readonly issuers: readonly DistinguishedName[]
  /** Identities of all lists of those issuers that were at hand. */
  readonly evidence: string
  /** The check; an earlier one might have found a list not yet issued. */
  readonly now: Date
}

/**
 * Remembers at most `maxEntries` valid answers, the least recently used leave first. An answer serves
 * again only while its certificates and lists hold at both instants and no list has come or gone.
 */
export function createPathCache(maxEntries = 4096): PathCache {
  const memory = new Map<string, Remembered>()
  return {
    async validate(path) {
      const key = cacheKey(path)
      const held = memory.get(key)
      if (held && isStillTrue(held, path)) {
        memory.delete(key)
        memory.set(key, held)
        return held.answer
      }
      // Taken before: a list that arrives meanwhile must make the next question a new one.
      const issuers = issuersOf(path)
      const evidence = evidenceOf(path.crls, issuers)
      const answer = await validateSealPath(path)
      const checkedAt = path.now ?? path.at
      if (answer.result !== 'valid' || checkedAt > answer.validUntil) return answer
      memory.delete(key)
      memory.set(key, { answer, issuers, evidence, now: checkedAt })
      if (memory.size > maxEntries) memory.delete(memory.keys().next().value!)
      return answer
    },
  }
}

function isStillTrue({ answer, issuers, evidence, now }: Remembered, path: SealPath): boolean {
  const { at } = path
  const checkedAt = path.now ?? at
  return (
    at >= answer.validFrom &&
    at <= answer.validUntil &&
    checkedAt >= now &&
    checkedAt <= answer.validUntil &&
    evidenceOf(path.crls, issuers) === evidence
  )
}

/** Everything that decides beside the instants and the evidence; each part with its length. */
function cacheKey({ x5c, anchor, purpose, revocationRequired }: SealPath): string {
  const parts = [anchor, ...x5c]
  const octets = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0))
  let at = 0
  for (const part of parts) {
    octets.set(part, at)
    at += part.length
  }
  const lengths = parts.map((part) => part.length).join(',')
  return `${purpose} ${revocationRequired} ${lengths} ${octetsToHex(sha256Sync(octets))}`
}

function issuersOf({ x5c }: SealPath): DistinguishedName[] {
  return x5c.flatMap((der) => {
    const certificate = parseX509Certificate(der)
    return 'malformed' in certificate ? [] : [certificate.issuer]
  })
}

function evidenceOf(crls: CrlSource, issuers: readonly DistinguishedName[]): string {
  return issuers
    .map((issuer) =>
      crls
        .find(issuer)
        .map(({ id }) => id)
        .sort()
        .join(','),
    )
    .join(' ')
}
