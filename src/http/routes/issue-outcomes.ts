import { z } from 'zod'
import { documentTypeNamed } from '../../certificate/document-types.ts'
import { issueCertificate, type IssueOutcome } from '../../exchange/issuing/issue.ts'
import { issueSigned, type IssueSignedOutcome } from '../../exchange/issuing/issue-signed.ts'
import type { PrepareOutcome } from '../../exchange/issuing/prepare.ts'
import type { NodeDependencies } from '../dependencies.ts'
import { ProblemError } from '../problem.ts'
import type { ProblemSlug } from '../problem-registry.ts'
import { CertificateContent, Digest, Finding, State } from '../schemas.ts'

// What the routes that issue have in common.

/** Longest JSON of one certificate, in bytes: signed, it still fits into one document. */
export const MAX_DRAFT_BYTES = 256 * 1024

export const IssueRequest = z
  .strictObject({
    certificate: CertificateContent,
    to: z.array(State).min(1).max(32).optional().meta({
      description: 'States it is for. Leave it out for CT-1: box 4 names the state.',
    }),
  })
  .meta({ id: 'IssueRequest' })

export const Issued = z
  .strictObject({
    sha256: Digest,
    document: z
      .string()
      .meta({ description: 'The signed certificate, compact JWS: keep these exact bytes' }),
    findings: z
      .array(Finding)
      .meta({ description: 'Warnings and remarks; errors would have refused' }),
  })
  .meta({ id: 'Issued' })

export const Judged = z
  .strictObject({
    issuer: z.string(),
    to: z.array(State),
    issuable: z.boolean().meta({
      description:
        'No rule refuses it and its number is free; whether a seal can sign shows at issue',
    }),
    findings: z.array(Finding),
    notEvaluated: z
      .array(z.string())
      .meta({ description: 'Rules for which facts are missing here' }),
  })
  .meta({ id: 'Judged' })

/** How content that somebody wants to issue, or to prepare, may be refused. */
export const ADMISSION_PROBLEMS = [
  'rule-violation',
  'certificate-exists',
  'issuer-unknown',
  'not-your-certificate',
  'issuer-out-of-scope',
  'invalid-addressee',
  'invalid-number',
  'replacement-required',
  'numbers-unsettled',
] as const satisfies readonly ProblemSlug[]

/** How one certificate may be refused, signed by its body or not. */
export const ISSUING_PROBLEMS = [
  ...ADMISSION_PROBLEMS,
  'seal-not-available',
  'seal-on-hold',
  'body-signs-itself',
  'seal-held-by-node',
  'document-invalid',
  'not-prepared',
  'claims-differ',
  'signing-time-wrong',
  'unavailable',
] as const satisfies readonly ProblemSlug[]

type IssuedAnswer = {
  readonly status: 200 | 201
  readonly body: z.output<typeof Issued>
}
type JudgedAnswer = { readonly status: 200; readonly body: z.output<typeof Judged> }

/** A certificate to be sealed here, as a request names it. */
export function draftOf({ certificate, to }: z.output<typeof IssueRequest>, actor: string) {
  const { type } = certificate as { type: string }
  return { type: documentTypeNamed(type)!, certificate: certificate as unknown, to, actor }
}

/** Issuing by one call of the API, whatever it arrives in. Refusals are thrown. */
export function issuing(deps: NodeDependencies) {
  const issue = issueCertificate(deps)
  const issueOwn = issueSigned(deps)

  function answer(outcome: IssueOutcome | IssueSignedOutcome): IssuedAnswer | JudgedAnswer {
    if (outcome.outcome === 'judged') {
      const { issuer, to, findings, notEvaluated } = outcome
      const issuable = findings.every(({ severity }) => severity !== 'error')
      return {
        status: 200,
        body: {
          issuer,
          to: [...to],
          issuable,
          findings: [...findings],
          notEvaluated: [...notEvaluated],
        },
      }
    }
    if (outcome.outcome !== 'issued' && outcome.outcome !== 'already-issued')
      throw issueProblem(outcome)
    const { sha256, jws, findings } = outcome
    if (outcome.outcome === 'issued') deps.outgoing()
    return {
      status: outcome.outcome === 'issued' ? 201 : 200,
      body: { sha256, document: jws, findings: [...findings] },
    }
  }

  return {
    draft: async (request: z.output<typeof IssueRequest>, actor: string, checkOnly = false) =>
      answer(await issue({ ...draftOf(request, actor), checkOnly })),
    signed: async (jws: string, actor: string, checkOnly = false) =>
      answer(await issueOwn({ jws, actor, checkOnly })),
  }
}

type Refusal = Exclude<
  IssueOutcome | IssueSignedOutcome | PrepareOutcome,
  { outcome: 'issued' | 'already-issued' | 'judged' | 'prepared' }
>

const REFUSALS = {
  'rules-broken': 'rule-violation',
  'content-differs': 'certificate-exists',
  'number-unusable': 'invalid-number',
  'addressee-missing': 'invalid-addressee',
  'addressee-unknown': 'invalid-addressee',
  'issuer-unknown': 'issuer-unknown',
  'not-your-body': 'not-your-certificate',
  'out-of-scope': 'issuer-out-of-scope',
  'replacement-required': 'replacement-required',
  'numbers-unsettled': 'numbers-unsettled',
  'body-signs-itself': 'body-signs-itself',
  'seal-not-available': 'seal-not-available',
  'seal-on-hold': 'seal-on-hold',
  'node-seals': 'seal-held-by-node',
  'document-invalid': 'document-invalid',
  'document-undecided': 'unavailable',
  'not-prepared': 'not-prepared',
  'claims-differ': 'claims-differ',
  'signing-time-wrong': 'signing-time-wrong',
} as const satisfies Record<Refusal['outcome'], ProblemSlug>

export function issueProblem(refusal: Refusal): ProblemError {
  const slug = REFUSALS[refusal.outcome]
  switch (refusal.outcome) {
    case 'rules-broken':
      return new ProblemError(slug, { extensions: { findings: refusal.findings } })
    case 'content-differs': {
      const { existing } = refusal
      return new ProblemError(slug, existing === undefined ? {} : { extensions: { existing } })
    }
    case 'claims-differ':
      return new ProblemError(slug, { extensions: { differences: refusal.differences } })
    case 'document-invalid':
    case 'document-undecided': {
      const { check, code, detail } = refusal.check
      return new ProblemError(slug, {
        detail: detail === undefined ? `${check}: ${code}` : `${check}: ${code}: ${detail}`,
        extensions: { check, code },
      })
    }
    case 'seal-on-hold': {
      const { detail, notice } = refusal
      return new ProblemError(slug, { detail, extensions: { notice } })
    }
    default:
      return new ProblemError(slug, { detail: refusal.detail })
  }
}
