import { z } from 'zod'
import tractors from '../../../openapi/examples/origin-ct1-tractors.json' with { type: 'json' }
import { parseCertificateId } from '../../certificate/certificate-id.ts'
import { DaySchema, lines } from '../../certificate/fields.ts'
import { documentTypeNamed } from '../../certificate/document-types.ts'
import { comparableNumber } from '../../certificate/number-folding.ts'
import { isWithin } from '../../certificate/party-id.ts'
import type { StoredCertificate } from '../../exchange/certificate-store.ts'
import { changeStatus, type ChangeOutcome } from '../../exchange/change-status.ts'
import { issueCertificate, type IssueOutcome } from '../../exchange/issue.ts'
import type { Delivery } from '../../exchange/outbox.ts'
import type { PeerContact } from '../../exchange/peer-store.ts'
import { loadCertificate } from '../../exchange/registered.ts'
import { recordAccess } from '../access.ts'
import type { Caller } from '../caller.ts'
import type { NodeDependencies } from '../dependencies.ts'
import { mount } from '../mount.ts'
import { ProblemError } from '../problem.ts'
import type { ProblemSlug } from '../problem-registry.ts'
import { declareRoute } from '../route.ts'
import type { RoutedApp } from '../routed-app.ts'
import {
  CertificateContent,
  CertificatePath,
  CertificateState,
  CertificateSummary,
  DeliveryView,
  Digest,
  Finding,
  Instant,
  State,
} from '../schemas.ts'

const tags = ['Certificates'] as const
const READERS = ['issuer', 'customs', 'authority', 'auditor'] as const
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
  issuable: z.boolean(),
  findings: z.array(Finding),
  notEvaluated: z.array(z.string()).meta({ description: 'Rules for which facts are missing here' }),
})

const issueRoute = declareRoute({
  operationId: 'issueCertificate',
  method: 'post',
  path: '/v1/certificates',
  summary: 'Issue a certificate',
  description:
    'Judges the certificate, seals it with the seal of the body it names and sends it to the states it is for. The number is its identity: the same content again gives the same document (200), other content is refused (409). With `check=true` it only judges.',
  tags,
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

const searchRoute = declareRoute({
  operationId: 'searchCertificates',
  method: 'get',
  path: '/v1/certificates',
  summary: 'Find certificates by number',
  description:
    'Compares folded numbers: №, spaces and look-alike letters do not matter. Answers only what the caller may see.',
  tags,
  callers: READERS,
  query: z.strictObject({
    number: z.string().min(1).max(100),
    state: State.optional(),
    type: z.string().max(40).optional(),
  }),
  answers: {
    200: {
      description: 'At most 100 certificates',
      schema: z.strictObject({ certificates: z.array(CertificateSummary) }),
    },
  },
  problems: [],
})

const CertificateView = CertificateSummary.extend({
  certificate: z.unknown().meta({ description: 'Content as signed' }),
  current: CertificateState,
}).meta({ id: 'CertificateView' })

const Changes = z.strictObject({
  changes: z.array(
    z.strictObject({
      sha256: Digest,
      appendedAt: Instant,
      change: z.string(),
      effectiveFrom: z.string(),
      reason: z.string(),
      document: z.string(),
    }),
  ),
})

const ChangeRequest = z
  .strictObject({
    change: z.literal('annul'),
    effectiveFrom: DaySchema,
    reason: lines(1000).min(1),
  })
  .meta({ id: 'StatusChangeRequest' })

const Changed = z.strictObject({ sha256: Digest, document: z.string() })

/**
 * Every resource of one certificate has two addresses: its identity as path segments, and for numbers
 * with slashes or spaces as query parameters below `/v1/certificates/by-number`.
 */
function addressed<
  const D extends Omit<Parameters<typeof declareRoute>[0], 'path' | 'params' | 'query'>,
>(rest: string, declaration: D) {
  return [
    declareRoute({
      ...declaration,
      path: `/v1/certificates/{state}/{type}/{number}${rest}`,
      params: CertificatePath,
    }),
    declareRoute({
      ...declaration,
      operationId: `${declaration.operationId}ByNumber`,
      summary: `${declaration.summary} (identity as parameters)`,
      path: `/v1/certificates/by-number${rest}`,
      query: CertificatePath,
    }),
  ] as const
}

const getRoutes = addressed('', {
  operationId: 'getCertificate',
  method: 'get',
  summary: 'Read a certificate',
  tags,
  callers: READERS,
  answers: { 200: { description: 'The certificate and its state', schema: CertificateView } },
  problems: ['certificate-not-found'],
})

const documentRoutes = addressed('/document', {
  operationId: 'getCertificateDocument',
  method: 'get',
  summary: 'Read the signed document',
  tags,
  callers: READERS,
  answers: {
    200: {
      description: 'The exact bytes that were signed, compact JWS',
      mediaTypes: ['application/jose'],
      headers: { ETag: 'The digest of the document' },
    },
  },
  problems: ['certificate-not-found'],
})

const listChangesRoutes = addressed('/status-changes', {
  operationId: 'listStatusChanges',
  method: 'get',
  summary: 'Read the signed status changes of a certificate',
  tags,
  callers: READERS,
  answers: { 200: { description: 'In the order of the log', schema: Changes } },
  problems: ['certificate-not-found'],
})

const changeRoutes = addressed('/status-changes', {
  operationId: 'changeStatus',
  method: 'post',
  summary: 'Annul a certificate',
  description:
    'Signs the change and sends it at once to every state that received the certificate. The same change again gives the same document (200).',
  tags,
  callers: ['issuer'],
  body: {
    json: ChangeRequest,
    maxBytes: 16 * 1024,
    examples: {
      annul: {
        change: 'annul',
        effectiveFrom: '2026-03-02',
        reason: 'Выявлена ошибка в сведениях о грузополучателе',
      },
    },
  },
  answers: {
    200: { description: 'Changed earlier with the same words', schema: Changed },
    201: { description: 'Changed and durable; delivery has begun', schema: Changed },
  },
  problems: [
    'certificate-not-found',
    'not-your-certificate',
    'change-not-permitted',
    'seal-not-available',
  ],
})

const deliveryRoutes = addressed('/delivery', {
  operationId: 'getDelivery',
  method: 'get',
  summary: 'Where a certificate and its changes stand with their recipients',
  tags,
  callers: ['issuer', 'authority', 'auditor'],
  answers: {
    200: {
      description: 'Per document and recipient',
      schema: z.strictObject({
        certificate: z.array(DeliveryView),
        changes: z.array(z.strictObject({ sha256: Digest, deliveries: z.array(DeliveryView) })),
      }),
    },
  },
  problems: ['certificate-not-found'],
})

const accessRoutes = addressed('/accesses', {
  operationId: 'listAccesses',
  method: 'get',
  summary: 'Who read a certificate',
  tags,
  callers: ['authority', 'auditor'],
  answers: {
    200: {
      description: 'The first 1000 accesses',
      schema: z.strictObject({
        accesses: z.array(
          z.strictObject({
            at: Instant,
            client: z.string(),
            party: z.string(),
            role: z.string(),
            operation: z.string(),
            context: z.unknown().optional(),
          }),
        ),
      }),
    },
  },
  problems: ['certificate-not-found'],
})

export function mountCertificates(app: RoutedApp<Caller>, deps: NodeDependencies): void {
  const issue = issueCertificate(deps)
  const change = changeStatus(deps)

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

  mount(app, searchRoute, async ({ query, caller, received }) => {
    const found = await deps.certificates.search(
      { ...query, foldedNumber: comparableNumber(query.number) },
      100,
    )
    const visible = found.filter((stored) => maySee(caller, stored))
    await recordAccess(deps, caller, received, 'searchCertificates', visible)
    return { status: 200, body: { certificates: visible.map(summaryOf) } }
  })

  async function visible(
    caller: Caller,
    asked: z.infer<typeof CertificatePath>,
  ): Promise<StoredCertificate> {
    const id = parseCertificateId(asked)
    const stored = id && (await deps.certificates.find(id))
    // Whoever may not see it is not told that it exists.
    if (!stored || !maySee(caller, stored)) throw new ProblemError('certificate-not-found')
    return stored
  }

  for (const route of getRoutes)
    mount(app, route, async ({ params, query, caller, received }) => {
      const stored = await visible(caller, (params ?? query)!)
      const { payload, state } = await loadCertificate(deps.certificates, stored)
      await recordAccess(deps, caller, received, 'getCertificate', [stored])
      return {
        status: 200,
        body: { ...summaryOf(stored), certificate: payload.certificate, current: { ...state } },
      }
    })

  for (const route of documentRoutes)
    mount(app, route, async ({ params, query, caller, received }) => {
      const stored = await visible(caller, (params ?? query)!)
      const jws = await deps.certificates.document(stored.sha256)
      if (jws === undefined) throw new Error(`The bytes of document ${stored.sha256} are missing`)
      await recordAccess(deps, caller, received, 'getCertificateDocument', [stored])
      return {
        status: 200,
        body: jws,
        mediaType: 'application/jose',
        headers: { ETag: `"${stored.sha256}"` },
      }
    })

  for (const route of listChangesRoutes)
    mount(app, route, async ({ params, query, caller, received }) => {
      const stored = await visible(caller, (params ?? query)!)
      const loaded = await loadCertificate(deps.certificates, stored)
      const texts = await deps.certificates.documents(loaded.changes.map(({ sha256 }) => sha256))
      await recordAccess(deps, caller, received, 'listStatusChanges', [stored])
      const changes = loaded.changes.map(
        ({ sha256, at, change: { change: kind, effectiveFrom, reason } }) => ({
          sha256,
          appendedAt: at,
          change: kind,
          effectiveFrom,
          reason,
          document: texts.get(sha256) ?? '',
        }),
      )
      return { status: 200, body: { changes } }
    })

  for (const route of changeRoutes)
    mount(app, route, async ({ params, query, body, caller }) => {
      const id = parseCertificateId((params ?? query)!)
      if (!id) throw new ProblemError('certificate-not-found')
      const outcome = await change({ id, ...body, actor: caller.party! })
      if (outcome.outcome !== 'changed' && outcome.outcome !== 'already-changed')
        throw changeProblem(outcome)
      const changed = { sha256: outcome.sha256, document: outcome.jws }
      if (outcome.outcome === 'already-changed') return { status: 200, body: changed }
      deps.outgoing()
      return { status: 201, body: changed }
    })

  for (const route of deliveryRoutes)
    mount(app, route, async ({ params, query, caller }) => {
      const stored = await visible(caller, (params ?? query)!)
      const { changes } = await loadCertificate(deps.certificates, stored)
      const contacts = new Map((await deps.peers.all()).map((contact) => [contact.state, contact]))
      const view = async (sha256: string) =>
        (await deps.outbox.deliveries(sha256)).map((delivery) => deliveryView(delivery, contacts))
      return {
        status: 200,
        body: {
          certificate: await view(stored.sha256),
          changes: await Promise.all(
            changes.map(async ({ sha256 }) => ({ sha256, deliveries: await view(sha256) })),
          ),
        },
      }
    })

  for (const route of accessRoutes)
    mount(app, route, async ({ params, query, caller }) => {
      const stored = await visible(caller, (params ?? query)!)
      const accesses = await deps.accesses.of(stored.sha256, 0, 1000)
      return {
        status: 200,
        body: {
          accesses: accesses.map(({ at, client, party, role, operation, context }) => ({
            at,
            client,
            party,
            role,
            operation,
            context,
          })),
        },
      }
    })
}

/** Issuers see what their organisation issued, customs what came to them, the overseers everything. */
function maySee({ role, party }: Caller, stored: StoredCertificate): boolean {
  switch (role) {
    case 'issuer':
      return party !== undefined && stored.origin === 'issued' && isWithin(stored.issuer, party)
    case 'customs':
      return stored.origin === 'received'
    case 'authority':
    case 'auditor':
      return true
    default:
      return false
  }
}

function summaryOf(stored: StoredCertificate): z.infer<typeof CertificateSummary> {
  return {
    sha256: stored.sha256,
    state: stored.state,
    type: stored.type,
    number: stored.number,
    issuer: stored.issuer,
    recipients: [...stored.recipients],
    origin: stored.origin,
    appendedAt: stored.appendedAt,
    usableFrom: stored.usableFrom,
    ...(stored.usableUntil !== undefined && { usableUntil: stored.usableUntil }),
    status: stored.status,
    statusList: { uri: stored.statusUri, idx: stored.statusIdx },
  }
}

function deliveryView(
  { recipient, seq, receivedAt, decision }: Delivery,
  contacts: ReadonlyMap<string, PeerContact>,
): z.infer<typeof DeliveryView> {
  if (decision) {
    const { outcome, findings, at, receipt } = decision
    return {
      recipient,
      seq,
      state: 'decided',
      receivedAt,
      outcome,
      findings: [...findings],
      decidedAt: at,
      receipt,
    }
  }
  if (receivedAt !== undefined) return { recipient, seq, state: 'received', receivedAt }
  const contact = contacts.get(recipient)
  return {
    recipient,
    seq,
    state: 'queued',
    lastError: contact?.lastError,
    nextAttemptAt: contact?.nextAttemptAt,
  }
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
    return new ProblemError(slug, { extensions: { existing: refusal.existing } })
  return new ProblemError(slug, { detail: refusal.detail })
}

type ChangeRefusal = Exclude<ChangeOutcome, { outcome: 'changed' | 'already-changed' }>

const CHANGE_PROBLEMS = {
  'certificate-unknown': 'certificate-not-found',
  'not-your-certificate': 'not-your-certificate',
  'not-permitted': 'change-not-permitted',
  'seal-not-available': 'seal-not-available',
} as const satisfies Record<ChangeRefusal['outcome'], ProblemSlug>

function changeProblem(refusal: ChangeRefusal): ProblemError {
  const slug = CHANGE_PROBLEMS[refusal.outcome]
  switch (refusal.outcome) {
    case 'not-permitted':
      return new ProblemError(slug, {
        extensions: { reason: refusal.reason, status: refusal.status },
      })
    case 'seal-not-available':
      return new ProblemError(slug, { detail: refusal.detail })
    default:
      return new ProblemError(slug)
  }
}
