import { z } from 'zod'
import tractors from '../../../openapi/examples/origin-ct1-tractors.json' with { type: 'json' }
import { documentTypeNamed } from '../../certificate/document-types.ts'
import { issueCertificate, type IssueOutcome } from '../../exchange/issue.ts'
import type { Caller } from '../caller.ts'
import type { NodeDependencies } from '../dependencies.ts'
import { mount } from '../mount.ts'
import { ProblemError } from '../problem.ts'
import type { ProblemSlug } from '../problem-registry.ts'
import { declareRoute } from '../route.ts'
import type { RoutedApp } from '../routed-app.ts'
import { CertificateContent, Digest, Finding, State } from '../schemas.ts'

const MAX_DOCUMENT_BYTES = 256 * 1024

const Issued = z.strictObject({
  sha256: Digest,
  document: z
    .string()
    .meta({ description: 'The signed certificate, compact JWS: keep these exact bytes' }),
  findings: z
    .array(Finding)
    .meta({ description: 'Warnings and remarks; errors would have refused' }),
})

const Judged = z.strictObject({
  issuer: z.string(),
  to: z.array(State),
  issuable: z.boolean().meta({
    description:
      'No rule refuses it and its number is free; whether a seal can sign shows at issue',
  }),
  findings: z.array(Finding),
  notEvaluated: z.array(z.string()).meta({ description: 'Rules for which facts are missing here' }),
})

const issueRoute = declareRoute({
  operationId: 'issueCertificate',
  method: 'post',
  path: '/v1/certificates',
  summary: 'Issue a certificate',
  description:
    'Judges the certificate, seals it with the seal of the body it names and sends it to the states it is for. The number is its identity: the same content again gives the same document (200), other content is refused (409). With `check=true` it only judges, and tells a taken number as issue would.',
  tags: ['Certificates'],
  callers: ['issuer'],
  query: z.strictObject({ check: z.enum(['true', 'false']).optional() }),
  body: {
    json: z
      .strictObject({
        certificate: CertificateContent,
        to: z.array(State).min(1).max(32).optional().meta({
          description: 'States it is for. Leave it out for CT-1: box 4 names the state.',
        }),
      })
      .meta({ id: 'IssueRequest' }),
    maxBytes: MAX_DOCUMENT_BYTES,
    examples: { 'CT-1 for tractors': { certificate: tractors } },
  },
  answers: {
    200: {
      description: 'Judged, or issued earlier with the same content',
      schema: z.union([Issued, Judged]),
    },
    201: { description: 'Issued and durable; delivery has begun', schema: Issued },
  },
  problems: [
    'rule-violation',
    'certificate-exists',
    'issuer-unknown',
    'not-your-certificate',
    'issuer-out-of-scope',
    'seal-not-available',
    'invalid-addressee',
    'invalid-number',
  ],
})

export function mountIssue(app: RoutedApp<Caller>, deps: NodeDependencies): void {
  const issue = issueCertificate(deps)

  mount(app, issueRoute, async ({ body, query, caller }) => {
    const { certificate, to } = body as { certificate: { type: string }; to?: string[] }
    const outcome = await issue({
      type: documentTypeNamed(certificate.type)!,
      certificate,
      to,
      actor: caller.party!,
      checkOnly: query.check === 'true',
    })
    if (outcome.outcome === 'judged') {
      const { issuer, findings, notEvaluated } = outcome
      const issuable = findings.every(({ severity }) => severity !== 'error')
      return {
        status: 200,
        body: {
          issuer,
          to: [...outcome.to],
          issuable,
          findings: [...findings],
          notEvaluated: [...notEvaluated],
        },
      }
    }
    if (outcome.outcome !== 'issued' && outcome.outcome !== 'already-issued')
      throw issueProblem(outcome)
    const { sha256, jws, findings } = outcome
    const issued = { sha256, document: jws, findings: [...findings] }
    if (outcome.outcome === 'already-issued') return { status: 200, body: issued }
    deps.outgoing()
    return { status: 201, body: issued }
  })
}

type IssueRefusal = Exclude<IssueOutcome, { outcome: 'issued' | 'already-issued' | 'judged' }>

const ISSUE_PROBLEMS = {
  'rules-broken': 'rule-violation',
  'content-differs': 'certificate-exists',
  'number-unusable': 'invalid-number',
  'addressee-missing': 'invalid-addressee',
  'addressee-unknown': 'invalid-addressee',
  'issuer-unknown': 'issuer-unknown',
  'not-your-body': 'not-your-certificate',
  'out-of-scope': 'issuer-out-of-scope',
  'body-signs-itself': 'seal-not-available',
  'seal-not-available': 'seal-not-available',
} as const satisfies Record<IssueRefusal['outcome'], ProblemSlug>

function issueProblem(refusal: IssueRefusal): ProblemError {
  const slug = ISSUE_PROBLEMS[refusal.outcome]
  if (refusal.outcome === 'rules-broken')
    return new ProblemError(slug, { extensions: { findings: refusal.findings } })
  if (refusal.outcome === 'content-differs')
    return new ProblemError(
      slug,
      refusal.existing === undefined ? {} : { extensions: { existing: refusal.existing } },
    )
  return new ProblemError(slug, { detail: refusal.detail })
}
