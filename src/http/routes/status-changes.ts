import { z } from 'zod'
import { parseCertificateId } from '../../certificate/certificate-id.ts'
import { DaySchema, lines } from '../../certificate/fields.ts'
import { changeStatus, type ChangeOutcome } from '../../exchange/change-status.ts'
import { loadCertificate } from '../../exchange/registered.ts'
import { AccessHeaders, recordAccess } from '../access.ts'
import type { Caller } from '../caller.ts'
import type { NodeDependencies } from '../dependencies.ts'
import { mount } from '../mount.ts'
import { ProblemError } from '../problem.ts'
import type { ProblemSlug } from '../problem-registry.ts'
import type { RoutedApp } from '../routed-app.ts'
import { Digest, Instant } from '../schemas.ts'
import { addressed, findVisible, READERS } from './certificate-address.ts'

const tags = ['Certificates'] as const

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

const listChangesRoutes = addressed('/status-changes', {
  operationId: 'listStatusChanges',
  method: 'get',
  summary: 'Read the signed status changes of a certificate',
  tags,
  callers: READERS,
  requestHeaders: AccessHeaders,
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
  problems: ['certificate-not-found', 'change-not-permitted', 'seal-not-available'],
})

export function mountStatusChanges(app: RoutedApp<Caller>, deps: NodeDependencies): void {
  const change = changeStatus(deps)

  for (const route of listChangesRoutes)
    mount(app, route, async ({ params, query, caller, requestHeaders }) => {
      const stored = await findVisible(deps, caller, params ?? query)
      const loaded = await loadCertificate(deps.certificates, stored)
      const texts = await deps.certificates.documents(loaded.changes.map(({ sha256 }) => sha256))
      await recordAccess(deps, caller, requestHeaders, 'listStatusChanges', [stored])
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
      const id = parseCertificateId(params ?? query)
      if (!id) throw new ProblemError('certificate-not-found')
      const outcome = await change({ id, ...body, actor: caller.party! })
      if (outcome.outcome !== 'changed' && outcome.outcome !== 'already-changed')
        throw changeProblem(outcome)
      const changed = { sha256: outcome.sha256, document: outcome.jws }
      if (outcome.outcome === 'already-changed') return { status: 200, body: changed }
      deps.outgoing()
      return { status: 201, body: changed }
    })
}

type ChangeRefusal = Exclude<ChangeOutcome, { outcome: 'changed' | 'already-changed' }>

const CHANGE_PROBLEMS = {
  'certificate-unknown': 'certificate-not-found',
  // Whoever may not change it is not told that it exists.
  'not-your-certificate': 'certificate-not-found',
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
