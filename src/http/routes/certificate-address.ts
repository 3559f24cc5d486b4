import type { z } from 'zod'
import { parseCertificateId } from '../../certificate/certificate-id.ts'
import type { StoredCertificate } from '../../exchange/certificate-store.ts'
import { isVisible } from '../../exchange/search/search.ts'
import type { Visibility } from '../../exchange/search/search-index.ts'
import type { Caller } from '../caller.ts'
import type { NodeDependencies } from '../dependencies.ts'
import { ProblemError } from '../problem.ts'
import { declareRoute } from '../route.ts'
import { CertificatePath } from '../schemas.ts'

/** Roles that may read certificates; which ones, `maySee` says. */
export const READERS = ['issuer', 'customs', 'authority', 'auditor'] as const

/**
 * Every resource of one certificate has two addresses: its identity as path segments, and for numbers
 * with slashes or spaces as query parameters below `/v1/certificates/by-number`.
 */
export function addressed<
  const D extends Omit<Parameters<typeof declareRoute>[0], 'path' | 'params' | 'query'>,
>(rest: string, declaration: D) {
  return [
    declareRoute({
      ...declaration,
      path: `/v1/certificates/{state}/{type}/{number}${rest}`,
      params: CertificatePath,
    }),
    declareRoute({
      ...declaration,
      operationId: `${declaration.operationId}ByNumber`,
      summary: `${declaration.summary} (identity as parameters)`,
      path: `/v1/certificates/by-number${rest}`,
      query: CertificatePath,
    }),
  ] as const
}

/**
 * The certificate with this identity.
 *
 * @throws {ProblemError} certificate-not-found, also to those who may not see it
 */
export async function findVisible(
  { certificates }: Pick<NodeDependencies, 'certificates'>,
  caller: Caller,
  asked: z.infer<typeof CertificatePath>,
): Promise<StoredCertificate> {
  const id = parseCertificateId(asked)
  const stored = id && (await certificates.find(id))
  if (!stored || !maySee(caller, stored)) throw new ProblemError('certificate-not-found')
  return stored
}

/** Issuers see what their organisation issued, customs what came to them, the overseers everything. */
export function visibilityOf({ role, party }: Caller): Visibility | undefined {
  switch (role) {
    case 'issuer':
      return party === undefined ? undefined : { sees: 'issued-by', party }
    case 'customs':
      return { sees: 'received' }
    case 'authority':
    case 'auditor':
      return { sees: 'all' }
    default:
      return undefined
  }
}

export function maySee(caller: Caller, stored: StoredCertificate): boolean {
  const visibility = visibilityOf(caller)
  return visibility !== undefined && isVisible(stored, visibility)
}
