import { z } from 'zod'
import type { StoredCertificate } from '../exchange/certificate-store.ts'
import { formatInstant } from '../encoding/time.ts'
import type { Caller } from './caller.ts'
import type { NodeDependencies } from './dependencies.ts'
import { ProblemError } from './problem.ts'

/** Percent-encoded UTF-8, because header values hold ASCII only. */
function headerText(description: string) {
  return z
    .string()
    .max(1000)
    .refine(
      (value) => readHeaderText(value) !== undefined,
      'not percent-encoded UTF-8 of 1 to 200 characters',
    )
    .optional()
    .meta({ description: `${description}; percent-encoded UTF-8` })
}

/** The person behind a call, as the client system asserts it. Customs must name officer and purpose. */
export const AccessHeaders = z.strictObject({
  'Access-Officer': headerText('Who asks; required of customs'),
  'Access-Post': headerText('Where the officer serves'),
  'Access-Purpose': headerText('What for; required of customs'),
  'Access-Declaration': headerText('Number of the goods declaration'),
})
type AccessHeaders = z.infer<typeof AccessHeaders>

/**
 * Records who read these certificates before the answer leaves.
 *
 * @throws {ProblemError} invalid-parameter, when a customs system does not name the person
 */
export async function recordAccess(
  deps: Pick<NodeDependencies, 'accesses' | 'now'>,
  caller: Caller,
  headers: AccessHeaders,
  operation: string,
  certificates: readonly Pick<StoredCertificate, 'sha256'>[],
): Promise<void> {
  const context = {
    officer: readHeaderText(headers['Access-Officer']),
    post: readHeaderText(headers['Access-Post']),
    purpose: readHeaderText(headers['Access-Purpose']),
    declaration: readHeaderText(headers['Access-Declaration']),
  }
  const { clientId: client, party, role } = caller
  if (client === undefined || party === undefined) throw new Error('The reader is not a client')
  if (role === 'customs' && (context.officer === undefined || context.purpose === undefined))
    throw new ProblemError('invalid-parameter', {
      detail:
        'Customs systems name the person behind a call: send Access-Officer and Access-Purpose',
    })
  if (certificates.length === 0) return
  const at = formatInstant(deps.now())
  await deps.accesses.record(
    certificates.map(({ sha256: certificate }) => ({
      at,
      client,
      party,
      role,
      operation,
      certificate,
      context,
    })),
  )
}

function readHeaderText(value: string | undefined): string | undefined {
  if (value === undefined) return undefined
  try {
    const text = decodeURIComponent(value)
    return text.trim() !== '' && text.length <= 200 ? text : undefined
  } catch {
    return undefined
  }
}
