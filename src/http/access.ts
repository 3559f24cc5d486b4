import type { StoredCertificate } from '../exchange/certificate-store.ts'
import { formatInstant } from '../encoding/time.ts'
import type { ReceivedRequest } from './authentication.ts'
import type { Caller } from './caller.ts'
import type { NodeDependencies } from './dependencies.ts'
import { ProblemError } from './problem.ts'

/** What a customs system says of the person behind a call; kept as asserted by that system. */
export interface AccessContext {
  readonly officer: string
  readonly post?: string | undefined
  readonly purpose: string
  readonly declaration?: string | undefined
}

const HEADERS = {
  officer: 'Access-Officer',
  post: 'Access-Post',
  purpose: 'Access-Purpose',
  declaration: 'Access-Declaration',
} as const

/** Records who read these certificates before the answer leaves. */
export async function recordAccess(
  deps: Pick<NodeDependencies, 'accesses' | 'now'>,
  caller: Caller,
  received: ReceivedRequest,
  operation: string,
  certificates: readonly Pick<StoredCertificate, 'sha256'>[],
): Promise<void> {
  const context = accessContextOf(caller, received.headers)
  const { clientId: client, party, role } = caller
  if (client === undefined || party === undefined) throw new Error('The reader is not a client')
  const at = formatInstant(deps.now())
  if (certificates.length > 0)
    await deps.accesses.record(
      certificates.map(({ sha256 }) => ({
        at,
        client,
        party,
        role,
        operation,
        certificate: sha256,
        context,
      })),
    )
}

/** Officer and purpose from the `Access-*` headers (percent-encoded UTF-8); customs must send them. */
function accessContextOf({ role }: Caller, headers: Headers): AccessContext | undefined {
  const read = (name: string) => {
    const value = headers.get(name)
    if (value === null) return undefined
    try {
      const text = decodeURIComponent(value)
      if (text.trim() !== '' && text.length <= 200) return text
    } catch {
      // falls through to the refusal
    }
    throw new ProblemError('invalid-parameter', {
      detail: `The header ${name} is empty, too long or not percent-encoded UTF-8`,
    })
  }
  const officer = read(HEADERS.officer)
  const purpose = read(HEADERS.purpose)
  if (officer === undefined || purpose === undefined) {
    if (role !== 'customs') return undefined
    throw new ProblemError('invalid-parameter', {
      detail: `Customs systems name the person behind a call: send ${HEADERS.officer} and ${HEADERS.purpose}`,
    })
  }
  return { officer, purpose, post: read(HEADERS.post), declaration: read(HEADERS.declaration) }
}
