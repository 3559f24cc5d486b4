import type { z } from 'zod'
import { parseCertificateId } from '../../certificate/certificate-id.ts'
import { isWithin } from '../../certificate/party-id.ts'
import type { StoredCertificate } from '../../exchange/certificate-store.ts'
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
export function maySee({ role, party }: Caller, stored: StoredCertificate): boolean {
  switch (role) {
    case 'issuer':
      return party !== undefined && stored.origin === 'issued' && isWithin(stored.issuer, party)
    case 'customs':
      return stored.origin === 'received'
    case 'authority':
    case 'auditor':
      return true
    default:
      return false
  }
}
