import { z } from 'zod'
import { certificateKey, parseCertificateId } from '../../certificate/certificate-id.ts'
import type { DocumentType } from '../../certificate/document-type.ts'
import { parsePayload } from '../../certificate/payload.ts'
import type { Policy } from '../../certificate/policy.ts'
import { type BatchTask, inBatchOrder } from '../../exchange/issuing/issue-batch.ts'
import { MAX_JWS_LENGTH, parseJws } from '../../jose/parse.ts'
import { checkBody, parseJson } from '../body.ts'
import type { Caller } from '../caller.ts'
import type { NodeDependencies } from '../dependencies.ts'
import { mount } from '../mount.ts'
import { problemDetails, ProblemError } from '../problem.ts'
import { PROBLEMS } from '../problem-registry.ts'
import { declareRoute } from '../route.ts'
import { problemContext, type HttpContext, type RoutedApp } from '../routed-app.ts'
import { Digest, Finding } from '../schemas.ts'
import { draftOf, IssueRequest, issuing, MAX_DRAFT_BYTES } from './issue-outcomes.ts'

const MAX_LINES = 1_000
const MAX_BYTES = 16 * 1024 * 1024
/** A signed document with its member name and quotes. */
const MAX_LINE_BYTES = MAX_JWS_LENGTH + 1024
const IN_FLIGHT = 32
const NDJSON = 'application/x-ndjson'

const SignedLine = z.strictObject({
  document: z
    .string()
    .min(1)
    .max(MAX_JWS_LENGTH)
    .meta({ description: 'A certificate that its body has signed, compact JWS' }),
})

const LineOutcome = z
  .union([
    z.strictObject({
      line: z.int().min(1).meta({ description: 'Line of the request, the first is 1' }),
      status: z.union([z.literal(200), z.literal(201)]),
      sha256: Digest,
      document: z.string(),
      findings: z.array(Finding),
    }),
    z.strictObject({
      line: z.int().min(1),
      status: z.int().min(400),
      problem: z.looseObject({ type: z.string(), title: z.string(), status: z.int() }),
    }),
  ])
  .meta({ id: 'BatchOutcome' })

const batchRoute = declareRoute({
  operationId: 'issueCertificates',
  method: 'post',
  path: '/v1/certificates/batch',
  summary: 'Issue many certificates',
  description: `Issues one certificate a line, at most ${MAX_LINES} lines: \`{"certificate", "to"?}\` to be sealed here, or \`{"document"}\` signed by its body. Every line that is not empty has one outcome, in the same order: what a call of its own would have answered, or the problem with which it would have been refused. A line that is refused changes nothing for the others. After a broken connection send the same lines again, or the rest of them: what was issued is answered with status 200 and the same document.`,
  tags: ['Certificates'],
  callers: ['issuer'],
  body: { raw: [NDJSON], lines: z.union([IssueRequest, SignedLine]), maxBytes: MAX_BYTES },
  answers: {
    200: { description: 'One outcome a line', mediaTypes: [NDJSON], lines: LineOutcome },
  },
  problems: ['too-many-items'],
  limit: 'expensive',
})

interface Line {
  readonly number: number
  readonly bytes: Uint8Array
}

export function mountIssueBatch(app: RoutedApp<Caller>, deps: NodeDependencies): void {
  const taskOf = lineTasks(deps)

  mount(app, batchRoute, async ({ body, caller, c }) => {
    const lines = linesOf(body.bytes)
    const outcomes = await inBatchOrder(lines, deps.batchInFlight ?? IN_FLIGHT, (line) => {
      const { touches, run } = answered(app, c, line, () => taskOf(line, caller.party!))
      return { touches, run: async () => `${JSON.stringify(await run())}\n` }
    })
    return { status: 200, body: outcomes.join(''), mediaType: NDJSON }
  })
}

type Outcome = z.output<typeof LineOutcome>
type Answer = Awaited<ReturnType<ReturnType<typeof issuing>['draft' | 'signed']>>

/** How one line is read and issued; both may throw a refusal. */
function lineTasks(deps: NodeDependencies) {
  const { draft, signed } = issuing(deps)
  return ({ bytes }: Line, party: string): BatchTask<Answer> => {
    if (bytes.length > MAX_LINE_BYTES) throw tooLarge(MAX_LINE_BYTES)
    const value = parseJson(bytes)
    if (typeof value === 'object' && value !== null && Object.hasOwn(value, 'document')) {
      const { document } = checkBody(SignedLine, value)
      const content = contentOf(document)
      return {
        touches: content ? touchedBy(content.type, content.certificate, deps.policy) : [],
        run: () => signed(document, party),
      }
    }
    if (bytes.length > MAX_DRAFT_BYTES) throw tooLarge(MAX_DRAFT_BYTES)
    const request = checkBody(IssueRequest, value)
    const { type, certificate } = draftOf(request, party)
    return {
      touches: touchedBy(type, certificate, deps.policy),
      run: () => draft(request, party),
    }
  }
}

/** The same task with an outcome for everything that may happen to the line. */
function answered(
  app: RoutedApp<Caller>,
  c: HttpContext,
  { number: line }: Line,
  read: () => BatchTask<Answer>,
): BatchTask<Outcome> {
  const refusal = (error: unknown): Outcome => {
    const known = error instanceof ProblemError ? error : new ProblemError('internal')
    const context = problemContext(app, c)
    const { status } = PROBLEMS[known.slug]
    if (status >= 500) {
      const { requestId } = context
      const { operationId } = batchRoute
      app.dependencies.logFault({ requestId, operationId, error })
    }
    return { line, status, problem: problemDetails(context, known.slug, known.options) }
  }
  try {
    const { touches, run } = read()
    const issue = async (): Promise<Outcome> => {
      const { status, body } = await run()
      if (!('document' in body)) throw new Error('A line of a batch was only judged')
      return { line, status, ...body }
    }
    return { touches, run: () => issue().catch(refusal) }
  } catch (error) {
    return { touches: [], run: () => Promise.resolve(refusal(error)) }
  }
}

/** The certificate in a signed document, for what it touches; its signature is looked at when issuing. */
function contentOf(jws: string): { type: DocumentType; certificate: unknown } | undefined {
  const parsed = parseJws(jws)
  if ('malformed' in parsed) return undefined
  const content = parsePayload(parsed.payload)
  if (content.outcome !== 'readable') return undefined
  return { type: content.type, certificate: content.payload.certificate }
}

/** The certificate itself and those that its rules look up. */
function touchedBy(type: DocumentType, certificate: unknown, policy: Policy): string[] {
  const own = parseCertificateId({ ...type.identity(certificate), type: type.type })
  const ids = [...(own ? [own] : []), ...type.references(certificate, policy)]
  return ids.map(certificateKey)
}

/**
 * The lines that hold something, with their numbers.
 *
 * @throws {ProblemError} too-many-items
 */
function linesOf(bytes: Uint8Array): Line[] {
  const lines: Line[] = []
  let number = 0
  for (let start = 0; start < bytes.length;) {
    const feed = bytes.indexOf(LINE_FEED, start)
    const end = feed < 0 ? bytes.length : feed
    number++
    const line = bytes.subarray(start, end)
    if (!line.every(isBlank)) {
      if (lines.length === MAX_LINES)
        throw new ProblemError('too-many-items', { extensions: { maxItems: MAX_LINES } })
      lines.push({ number, bytes: line })
    }
    start = end + 1
  }
  return lines
}

const LINE_FEED = 0x0a

function isBlank(byte: number): boolean {
  return byte === 0x20 || byte === 0x09 || byte === 0x0d
}

function tooLarge(maxBytes: number): ProblemError {
  return new ProblemError('body-too-large', { extensions: { maxBytes } })
}
