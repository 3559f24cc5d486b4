import { z } from 'zod'
import type { ChangeObstacle } from '../exchange/issuing/change-target.ts'
import type { NoticeRefusal } from '../exchange/notices/issue.ts'
import type { SuccessorFault } from '../exchange/issuing/replacement-successor.ts'
import type { SignatureFault } from '../http-signature/verify.ts'
import { TRUST_LIST_REFUSALS } from '../trust/accept-trust-list.ts'
import type { ProblemSlug } from './problem-registry.ts'
import { Digest, Finding, FINDING_EXAMPLE } from './schemas.ts'
import { SIGNATURE_PROBLEMS } from './signature-problem.ts'

/** Members that a problem has beside those of every problem (RFC 9457 §3.2), and how they look. */
interface Extension<S extends z.ZodObject = z.ZodObject> {
  readonly members: S
  readonly example: z.output<S>
}

const InputErrors = z.object({
  errors: z
    .array(
      z.object({
        pointer: z.string().optional().meta({ description: 'Where in the body (RFC 6901)' }),
        parameter: z.string().optional().meta({ description: 'Which parameter' }),
        message: z.string(),
      }),
    )
    .optional(),
})

const FailedCheck = z.object({
  check: z.string().optional().meta({ description: 'The check of the signed document' }),
  code: z.string().optional().meta({ description: 'How it ended' }),
})

const CHANGE_REFUSALS = {
  'not-for-this-type': true,
  'not-from-this-state': true,
  'before-last-change': true,
  'not-longer': true,
  'in-the-future': true,
  'reserved-to-issuer': true,
  'suspended-by-another': true,
  'too-many-changes': true,
  'not-issued-here': true,
  'not-above-issuer': true,
} as const satisfies Record<ChangeObstacle, true>

const NOTICE_REFUSALS = {
  'subject-unknown': true,
  released: true,
  'not-narrower': true,
  'too-many': true,
  'not-yours': true,
} as const satisfies Record<NoticeRefusal, true>

const SUCCESSOR_FAULTS = {
  'other-type': true,
  'other-state': true,
  'other-issuer': true,
  'remark-missing': true,
  'remark-names-another': true,
  'certificate-missing': true,
  'certificate-not-expected': true,
} as const satisfies Record<SuccessorFault, true>

/**
 * The extension members of every problem that has some. What a handler throws is checked against this
 * table by the compiler, and the contract is written from it: a new member is added here first.
 */
export const PROBLEM_EXTENSIONS = {
  'invalid-body': extension(InputErrors, {
    errors: [{ pointer: '/reason', message: 'Too small: expected string to have >=1 characters' }],
  }),
  'invalid-parameter': extension(InputErrors, {
    errors: [{ parameter: 'state', message: 'Invalid string: must match pattern /^[A-Z]{2}$/' }],
  }),
  'unsupported-media-type': extension(
    z.object({ accepted: z.array(z.string()).meta({ description: 'Media types that are taken' }) }),
    { accepted: ['application/json'] },
  ),
  'not-acceptable': extension(
    z.object({ offered: z.array(z.string()).meta({ description: 'Media types to choose from' }) }),
    { offered: ['application/json', 'text/html'] },
  ),
  'body-too-large': extension(z.object({ maxBytes: z.int() }), { maxBytes: 262_144 }),
  'too-many-items': extension(z.object({ maxItems: z.int() }), { maxItems: 1000 }),
  'cursor-gone': extension(
    z.object({ restart: z.string().meta({ description: 'Where to start again' }) }),
    { restart: 'RVhBTVBMRQ.0' },
  ),
  'document-invalid': extension(FailedCheck, { check: 'signature', code: 'signature-wrong' }),
  unavailable: extension(FailedCheck, { check: 'revocation', code: 'crl-stale' }),
  'claims-differ': extension(
    z.object({
      differences: z
        .array(z.string())
        .meta({ description: 'Where the signed claims differ (RFC 6901)' }),
    }),
    { differences: ['/certificate/items/0/netKg'] },
  ),
  'invalid-client': extension(
    z.object({ error: z.literal('invalid_client').meta({ description: 'RFC 6749 §5.2' }) }),
    { error: 'invalid_client' },
  ),
  'certificate-exists': extension(
    z.object({
      existing: Digest.optional().meta({
        description: 'The document that has the number, if it is yours to see',
      }),
    }),
    { existing: 'EXAMPLEexampleEXAMPLEexampleEXAMPLEexampleE' },
  ),
  'rule-violation': extension(z.object({ findings: z.array(Finding) }), {
    findings: [FINDING_EXAMPLE],
  }),
  'change-not-permitted': extension(
    z.object({
      reason: z.enum(keysOf(CHANGE_REFUSALS)),
      certificateStatus: z.string().meta({ description: 'The present state of the certificate' }),
    }),
    { reason: 'not-from-this-state', certificateStatus: 'annulled' },
  ),
  'seal-on-hold': extension(
    z.object({ notice: Digest.meta({ description: 'The security notice, by digest' }) }),
    { notice: 'EXAMPLEexampleEXAMPLEexampleEXAMPLEexampleE' },
  ),
  'security-notice-not-permitted': extension(
    z.object({ reason: z.enum(keysOf(NOTICE_REFUSALS)) }),
    { reason: 'released' },
  ),
  'replacement-invalid': extension(z.object({ reason: z.enum(keysOf(SUCCESSOR_FAULTS)) }), {
    reason: 'remark-names-another',
  }),
  'trust-decision-refused': extension(
    z.object({
      reason: z.enum([
        'already-approved',
        'unknown-subject',
        'not-proposed',
        'lapsed',
        'same-person',
        'nobody-named',
      ]),
    }),
    { reason: 'same-person' },
  ),
  'trust-list-refused': extension(z.object({ reason: z.enum(TRUST_LIST_REFUSALS) }), {
    reason: TRUST_LIST_REFUSALS[0],
  }),
  ...signatureExtensions(),
} as const satisfies Partial<Record<ProblemSlug, Extension>>

/** What may be told beside a problem of this kind. */
export type ExtensionsOf<S extends ProblemSlug> = S extends keyof typeof PROBLEM_EXTENSIONS
  ? ReadonlyMembers<z.output<(typeof PROBLEM_EXTENSIONS)[S]['members']>>
  : Readonly<Record<string, never>>

type ReadonlyMembers<T> = {
  readonly [K in keyof T]: T[K] extends (infer E)[] | undefined
    ? readonly E[] | Extract<T[K], undefined>
    : T[K]
}

export function extensionOf(slug: ProblemSlug): Extension | undefined {
  const all: Partial<Record<ProblemSlug, Extension>> = PROBLEM_EXTENSIONS
  return all[slug]
}

type SignatureProblem = (typeof SIGNATURE_PROBLEMS)[SignatureFault]
type SignatureMembers = z.ZodObject<{ reason: z.ZodOptional<z.ZodType<SignatureFault>> }>

/** Every refused HTTP signature names its fault; a node that signs as its own peer has none. */
function signatureExtensions() {
  const faults = Object.keys(SIGNATURE_PROBLEMS) as SignatureFault[]
  const slugs = [...new Set(Object.values(SIGNATURE_PROBLEMS))]
  return Object.fromEntries(
    slugs.map((slug) => {
      const [first, ...others] = faults.filter((fault) => SIGNATURE_PROBLEMS[fault] === slug)
      const members = z.object({
        reason: z
          .enum([first!, ...others])
          .optional()
          .meta({ description: 'The first check that failed' }),
      })
      return [slug, extension(members, { reason: first })]
    }),
  ) as unknown as Record<SignatureProblem, Extension<SignatureMembers>>
}

function extension<S extends z.ZodObject>(members: S, example: z.output<S>): Extension<S> {
  return { members, example }
}

function keysOf<K extends string>(record: Readonly<Record<K, true>>): [K, ...K[]] {
  return Object.keys(record) as [K, ...K[]]
}
