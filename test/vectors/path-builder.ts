import { isSameName } from '../../src/x509/distinguished-name.ts'
import { isSameOctets } from '../../src/encoding/octets.ts'
import { validatePath } from '../../src/x509/path-validation.ts'
import type { PathQuery } from '../../src/x509/path-validation.ts'
import type { X509Certificate } from '../../src/x509/x509-certificate.ts'

const MAX_DEPTH = 10
const MAX_CANDIDATES = 40

interface Building {
  readonly anchors: readonly X509Certificate[]
  readonly query: Omit<PathQuery, 'path' | 'anchor'>
}

/** The bounded builder of trust profile L3: depth, candidates and cycles are limited. */
export async function validateAnyPath(
  leaf: X509Certificate,
  bag: readonly X509Certificate[],
  { anchors, query }: Building,
): Promise<{ ok: boolean; reason: string }> {
  let reason = 'no path to an anchor'
  let candidates = 0
  const open: X509Certificate[][] = [[leaf]]
  for (let path = open.pop(); path; path = open.pop()) {
    const top = path.at(-1)!
    for (const anchor of anchors.filter(({ subject }) => isSameName(subject, top.issuer))) {
      if (++candidates > MAX_CANDIDATES) return { ok: false, reason: 'too many candidates' }
      const result = await validatePath({ ...query, path, anchor })
      if (result.result === 'valid') return { ok: true, reason: 'valid' }
      reason = `${result.code} at ${result.index}: ${result.detail}`
    }
    if (path.length > MAX_DEPTH) continue
    for (const next of bag) {
      const isNew = !path.some((held) => isSameOctets(held.der, next.der))
      if (!isNew || !isSameName(next.subject, top.issuer)) continue
      if (++candidates > MAX_CANDIDATES) return { ok: false, reason: 'too many candidates' }
      open.push([...path, next])
    }
  }
  return { ok: false, reason }
}
