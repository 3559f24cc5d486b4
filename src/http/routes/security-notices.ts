import type { z } from 'zod'
import { issueNotice, type NoticeOutcome } from '../../exchange/notices/issue.ts'
import type { Notice } from '../../exchange/notices/store.ts'
import { sealsNamed } from '../../exchange/notices/subject.ts'
import { isHolding } from '../../exchange/notices/check-notices.ts'
import { payloadOf } from '../../exchange/registered.ts'
import type { SecurityNotice } from '../../exchange/notices/security-notice.ts'
import { AccessHeaders, recordAccess } from '../access.ts'
import type { Caller } from '../caller.ts'
import type { NodeDependencies } from '../dependencies.ts'
import { mount } from '../mount.ts'
import { ProblemError } from '../problem.ts'
import { declareRoute } from '../route.ts'
import type { RoutedApp } from '../routed-app.ts'
import { maySee } from './certificate-address.ts'
import { summaryOf } from './certificate-summary.ts'
import {
  ConcernedPage,
  MAX_USES,
  NOTICE_EXAMPLES,
  NoticeIssued,
  NoticePath,
  NoticeRequest,
  NoticesPage,
  PageQuery,
} from './security-notice-shapes.ts'

const tags = ['Security notices'] as const

const issueRoute = declareRoute({
  operationId: 'issueSecurityNotice',
  method: 'post',
  path: '/v1/security-notices',
  summary: 'Tell all states that a key may be in wrong hands, or that it is not',
  description:
    'The registry of the state signs the notice, and it goes to every peer at once. A notice on hold about a seal of the own state holds up, here and there, everything that the seal may have signed in the interval: validations answer "cannot tell", and the seal signs nothing here. A notice about a seal of another state holds up here only. Nothing is deleted: a notice is narrowed or released by a further document, and what it held up is as it was before. The same words again give the same document (200).',
  tags,
  callers: ['authority'],
  body: { json: NoticeRequest, maxBytes: 32 * 1024, examples: NOTICE_EXAMPLES },
  answers: {
    200: { description: 'The last document already says this', schema: NoticeIssued },
    201: { description: 'Issued and durable; delivery has begun', schema: NoticeIssued },
  },
  problems: ['security-notice-not-found', 'security-notice-not-permitted', 'unavailable'],
})

const listRoute = declareRoute({
  operationId: 'listSecurityNotices',
  method: 'get',
  path: '/v1/security-notices',
  summary: 'Security notices of all states, as their amendments left them',
  description: 'First in the log of this node first; released ones as well.',
  tags,
  callers: ['authority', 'customs', 'auditor'],
  query: PageQuery,
  limit: 'expensive',
  answers: { 200: { description: 'One page', schema: NoticesPage } },
  problems: ['security-notice-not-found'],
})

const concernedRoute = declareRoute({
  operationId: 'listConcernedCertificates',
  method: 'get',
  path: '/v1/security-notices/{sha256}/certificates',
  summary: 'Certificates that a security notice concerns, and who used them here',
  description:
    'Those that the key may have signed in the interval: by when this node had them in its log, and not by the time that the document claims, which whoever has the key writes as he likes. Also of a released notice. Customs see what was received. A use is a validation by customs; write-offs are not recorded yet.',
  tags,
  callers: ['authority', 'customs', 'auditor'],
  params: NoticePath,
  query: PageQuery,
  requestHeaders: AccessHeaders,
  limit: 'expensive',
  answers: { 200: { description: 'One page, in the order of the log', schema: ConcernedPage } },
  problems: ['security-notice-not-found'],
})

export function mountSecurityNotices(app: RoutedApp<Caller>, deps: NodeDependencies): void {
  const issue = issueNotice(deps)

  mount(app, issueRoute, async ({ body, caller }) => {
    const { party, clientId: client } = caller
    if (party === undefined || client === undefined) throw new Error('The caller is not a client')
    const outcome = await issue({ party, client }, body)
    if (!('jws' in outcome)) throw noticeProblem(outcome)
    if (outcome.outcome === 'issued') deps.outgoing()
    const { sha256, jws: document, notice } = outcome
    return {
      status: outcome.outcome === 'issued' ? 201 : 200,
      body: { sha256, notice, document },
    }
  })

  mount(app, listRoute, async ({ query }) => {
    const { after, limit } = query
    const behind = after === undefined ? -1 : (await noticeNamed(deps, after)).idx
    const found = await deps.notices.list(behind, limit + 1)
    const shown = found.slice(0, limit)
    const notices = await Promise.all(shown.map((notice) => viewOf(deps, notice)))
    const next = found.length > limit ? shown.at(-1)?.sha256 : undefined
    return { status: 200, body: { notices, ...(next !== undefined && { next }) } }
  })

  mount(app, concernedRoute, async ({ params, query, caller, requestHeaders }) => {
    const notice = await noticeNamed(deps, params.sha256)
    const { state } = notice.subject
    const { after, limit } = query
    const last = after === undefined ? undefined : await deps.certificates.findByDigest(after)
    if (after !== undefined && (!last || !maySee(caller, last)))
      throw new ProblemError('invalid-parameter', {
        extensions: { errors: [{ parameter: 'after', message: 'No cursor of this list' }] },
      })
    const seals = sealsNamed((await deps.trust()).view.list(state), notice.subject)
    // What a state issued is received everywhere else: a caller sees all of one notice or nothing.
    const found = await deps.notices.concerned(state, seals, notice.interval, {
      after: last?.idx ?? -1,
      limit: limit + 1,
    })
    const visible = found.filter((stored) => maySee(caller, stored))
    const shown = visible.slice(0, limit)
    await recordAccess(deps, caller, requestHeaders, 'listConcernedCertificates', shown)
    const certificates = await Promise.all(
      shown.map(async (stored) => ({
        ...summaryOf(stored),
        signedAt: stored.signedAt,
        ...(await usesOf(deps, stored.sha256)),
      })),
    )
    const next = visible.length > limit ? shown.at(-1)?.sha256 : undefined
    return {
      status: 200,
      body: {
        certificates,
        complete: await deps.notices.isComplete(),
        ...(next !== undefined && { next }),
      },
    }
  })
}

async function noticeNamed({ notices }: NodeDependencies, sha256: string): Promise<Notice> {
  const notice = await notices.find(sha256)
  if (!notice) throw new ProblemError('security-notice-not-found')
  return notice
}

async function viewOf(
  deps: NodeDependencies,
  notice: Notice,
): Promise<z.output<typeof NoticesPage>['notices'][number]> {
  const texts = await deps.certificates.documents(notice.documents)
  const documents = notice.documents.map((sha256) => {
    const document = texts.get(sha256)
    if (document === undefined) throw new Error(`The bytes of document ${sha256} are missing`)
    return { sha256, document, payload: payloadOf(document) as SecurityNotice }
  })
  const { payload } = documents[0]!
  if (payload.change !== 'declare') throw new Error(`${notice.sha256} declares nothing`)
  const { authority, severity, reason, advice } = payload
  const { sha256, issuer, subject, measure, interval, released } = notice
  return {
    sha256,
    issuer,
    authority,
    subject,
    severity,
    measure,
    interval,
    reason,
    advice,
    released,
    holdsHere: !released && isHolding(notice, deps),
    documents: documents.map((one) => ({
      sha256: one.sha256,
      change: one.payload.change,
      authority: one.payload.authority,
      reason: one.payload.reason,
      document: one.document,
    })),
  }
}

/** Validations by customs, as the record of accesses has them; the oldest first. */
async function usesOf({ accesses }: NodeDependencies, certificate: string) {
  const uses = (await accesses.uses(certificate, MAX_USES + 1)).map(({ at, party, context }) => {
    const { declaration } = (context ?? {}) as { declaration?: unknown }
    return { at, party, ...(typeof declaration === 'string' && { declaration }) }
  })
  return { uses: uses.slice(0, MAX_USES), moreUses: uses.length > MAX_USES }
}

function noticeProblem(refusal: Exclude<NoticeOutcome, { jws: string }>): ProblemError {
  switch (refusal.outcome) {
    case 'notice-unknown':
      return new ProblemError('security-notice-not-found')
    case 'not-permitted':
      return new ProblemError('security-notice-not-permitted', {
        extensions: { reason: refusal.reason },
      })
    case 'seal-not-available':
      return new ProblemError('unavailable', { detail: refusal.detail })
  }
}
