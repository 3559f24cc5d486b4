import { z } from 'zod'
import tractors from '../../../openapi/examples/origin-ct1-tractors.json' with { type: 'json' }
import { MAX_JWS_LENGTH } from '../../jose/parse.ts'
import type { Caller } from '../caller.ts'
import type { NodeDependencies } from '../dependencies.ts'
import { mount } from '../mount.ts'
import { ProblemError } from '../problem.ts'
import { RawBody } from '../raw-body.ts'
import { declareRoute } from '../route.ts'
import type { RoutedApp } from '../routed-app.ts'
import {
  Issued,
  IssueRequest,
  issuing,
  ISSUING_PROBLEMS,
  Judged,
  MAX_DRAFT_BYTES,
} from './issue-outcomes.ts'

const issueRoute = declareRoute({
  operationId: 'issueCertificate',
  method: 'post',
  path: '/v1/certificates',
  summary: 'Issue a certificate',
  description: `Judges the certificate, seals it with the seal of the body it names and sends it to the states it is for. The number is its identity: the same content again gives the same document (200), other content is refused (409). With \`check=true\` it only judges, and tells a taken number as issue would. A body that keeps its own seal sends the signed document itself as \`application/jose\`, the exact bytes of the compact JWS without a line feed, over the claims that \`prepare\` gave it. JSON may have ${MAX_DRAFT_BYTES} bytes.`,
  tags: ['Certificates'],
  callers: ['issuer'],
  query: z.strictObject({ check: z.enum(['true', 'false']).optional() }),
  body: {
    json: IssueRequest,
    raw: ['application/jose'],
    maxBytes: MAX_JWS_LENGTH,
    examples: { 'CT-1 for tractors': { certificate: tractors } },
  },
  answers: {
    200: {
      description: 'Judged, or issued earlier with the same content',
      schema: z.union([Issued, Judged]),
    },
    201: { description: 'Issued and durable; delivery has begun', schema: Issued },
  },
  problems: ISSUING_PROBLEMS,
})

export function mountIssue(app: RoutedApp<Caller>, deps: NodeDependencies): void {
  const { draft, signed } = issuing(deps)

  mount(app, issueRoute, async ({ body, query, caller, received }) => {
    const checkOnly = query.check === 'true'
    if (body instanceof RawBody) return signed(textOf(body), caller.party!, checkOnly)
    if (received.body.length > MAX_DRAFT_BYTES)
      throw new ProblemError('body-too-large', { extensions: { maxBytes: MAX_DRAFT_BYTES } })
    return draft(body, caller.party!, checkOnly)
  })
}

/** A compact JWS is ASCII; what is not becomes text that no reader of one takes. */
function textOf({ bytes }: RawBody): string {
  return new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes)
}
