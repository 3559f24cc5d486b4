import type { DocumentTyp } from '../../jose/protected-header.ts'
import type { Trust } from '../../trust/trust.ts'
import { type AuthenticDocument, authenticate } from '../validation/authenticate.ts'
import type { AdmissionRefusal } from './admit.ts'
import {
  CLOCK_SKEW_S,
  holdObstacle,
  type SignedIssueDependencies,
  type SigningRefusal,
  stoppedAt,
} from './issue-signed.ts'

/** What a body brings that keeps its own seal: authentic now, signed by such a body, under no hold. */
export async function signedByBody(
  deps: Pick<SignedIssueDependencies, 'state' | 'policy' | 'paths' | 'notices'>,
  jws: string,
  typ: DocumentTyp,
  { trust, now }: { trust: Trust; now: Date },
): Promise<{ document: AuthenticDocument } | SigningRefusal | AdmissionRefusal> {
  const { checks, document } = await authenticate(jws, {
    trust,
    paths: deps.paths,
    purpose: 'document-seal',
    at: now,
    now,
    typs: [typ],
  })
  if (!document) return stoppedAt(checks)
  if (document.body?.custody !== 'body') return { outcome: 'node-seals', detail: document.signer }
  const obstacle = signedAhead(document, now) ?? (await holdObstacle(deps, document, now))
  return obstacle ?? { document }
}

/** A signature of the future, by more than clocks may differ. */
export function signedAhead({ iat }: AuthenticDocument, now: Date): SigningRefusal | undefined {
  const ahead = iat - now.getTime() / 1000
  if (ahead <= CLOCK_SKEW_S) return undefined
  return { outcome: 'signing-time-wrong', detail: `iat is ${Math.round(ahead)} s ahead` }
}

/** A payload that does not have the form of its type; the first thing that is wrong with it. */
export function brokenSchema(
  issue: { readonly path: readonly PropertyKey[]; readonly message: string } | undefined,
): SigningRefusal {
  const detail = `${issue?.path.map(String).join('/') ?? ''} ${issue?.message ?? ''}`
  const check = { check: 'schema', outcome: 'failed', code: 'schema-broken', detail } as const
  return { outcome: 'document-invalid', check }
}
