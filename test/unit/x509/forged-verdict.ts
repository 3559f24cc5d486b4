import { crlSource } from '../../../src/x509/crl-source.ts'
import type { PathResult } from '../../../src/x509/path-result.ts'
import { validateSealPath } from '../../../src/x509/profile.ts'
import type { SealPath } from '../../../src/x509/profile.ts'
import { forgePath } from './forgery.ts'
import type { Changes, ForgedPath } from './forgery.ts'

const AT = new Date('2027-06-01T00:00:00Z')
const nothing = crlSource([])

export function ask(path: ForgedPath, changes: Partial<SealPath> = {}): Promise<PathResult> {
  return validateSealPath({
    x5c: path.x5c,
    anchor: path.root.certificate,
    at: AT,
    purpose: 'document-seal',
    crls: nothing,
    revocationRequired: false,
    ...changes,
  })
}

/** The code, and where in the path; `valid` for a valid path. */
export async function verdictOn(changes: Changes, query: Partial<SealPath> = {}): Promise<string> {
  return summary(await ask(await forgePath(changes), query))
}

export function summary(result: PathResult): string {
  return result.result === 'valid' ? 'valid' : `${result.code} ${result.index}`
}
