import { z } from 'zod'
import tractors from '../../../openapi/examples/origin-ct1-tractors.json' with { type: 'json' }
import { PartyId } from '../../certificate/party-id.ts'
import type { CertificatePayload } from '../../certificate/payload.ts'
import { prepareCertificate } from '../../exchange/issuing/prepare.ts'
import type { Caller } from '../caller.ts'
import type { NodeDependencies } from '../dependencies.ts'
import { mount } from '../mount.ts'
import { declareRoute } from '../route.ts'
import type { RoutedApp } from '../routed-app.ts'
import { CertificateContent, Digest, Finding, Instant, State } from '../schemas.ts'
import {
  ADMISSION_PROBLEMS,
  draftOf,
  issueProblem,
  IssueRequest,
  MAX_DRAFT_BYTES,
} from './issue-outcomes.ts'

const Claims = z
  .looseObject({
    schema: z.string(),
    iss: PartyId,
    aud: z.array(State),
    status: z.strictObject({ status_list: z.strictObject({ uri: z.string(), idx: z.int() }) }),
    certificate: CertificateContent,
  })
  .meta({ id: 'CertificateClaims', description: 'The payload to sign, without any change' })

const Prepared = z.strictObject({
  claims: Claims,
  typ: z.literal('product-certificate+jwt').meta({ description: '`typ` of the protected header' }),
  reservedUntil: Instant.optional().meta({
    description: 'Until when these claims may be issued; absent where they have been',
  }),
  issued: Digest.optional().meta({ description: 'The document, if these claims were issued' }),
  findings: z.array(Finding),
})

const prepareRoute = declareRoute({
  operationId: 'prepareCertificate',
  method: 'post',
  path: '/v1/certificates/prepare',
  summary: 'Prepare a certificate for a body that signs itself',
  description:
    'Checks everything that issuing would check, holds the number and a place in the status list for 24 hours, and answers the exact claims to sign. The same content again gives the same claims; other content under the same number replaces them. Sign them as compact JWS with the header members `alg, typ, cty, iat, x5t#S256, x5c` and send it to `POST /v1/certificates`.',
  tags: ['Certificates'],
  callers: ['issuer'],
  body: {
    json: IssueRequest,
    maxBytes: MAX_DRAFT_BYTES,
    examples: { 'CT-1 for tractors': { certificate: tractors } },
  },
  answers: { 200: { description: 'What to sign', schema: Prepared } },
  problems: [...ADMISSION_PROBLEMS, 'seal-held-by-node'],
})

export function mountPrepare(app: RoutedApp<Caller>, deps: NodeDependencies): void {
  const prepare = prepareCertificate(deps)

  mount(app, prepareRoute, async ({ body, caller }) => {
    const outcome = await prepare(draftOf(body, caller.party!))
    const typ = 'product-certificate+jwt' as const
    switch (outcome.outcome) {
      case 'prepared': {
        const { claims, reservedUntil, findings } = outcome
        return {
          status: 200,
          body: { claims: claimsOf(claims), typ, reservedUntil, findings: [...findings] },
        }
      }
      case 'already-issued':
        return {
          status: 200,
          body: { claims: claimsOf(outcome.claims), typ, issued: outcome.sha256, findings: [] },
        }
      default:
        throw issueProblem(outcome)
    }
  })
}

/** Checked by the schema of the request, which the reserved claims hold as it came. */
function claimsOf(claims: CertificatePayload): z.output<typeof Claims> {
  return { ...claims, certificate: claims.certificate as Record<string, unknown> }
}
