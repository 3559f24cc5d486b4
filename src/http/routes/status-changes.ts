import { z } from 'zod'
import { parseCertificateId } from '../../certificate/certificate-id.ts'
import { documentTypeNamed } from '../../certificate/document-types.ts'
import { DocRef } from '../../certificate/fields.ts'
import { changeSigned, type SignedChangeOutcome } from '../../exchange/issuing/change-signed.ts'
import { type ChangeOutcome, changeStatus } from '../../exchange/issuing/change-status.ts'
import type { ChangeActor } from '../../exchange/issuing/change-target.ts'
import { loadCertificate } from '../../exchange/registered.ts'
import { type Replaced, replaceCertificate } from '../../exchange/issuing/replace.ts'
import { MAX_JWS_LENGTH } from '../../jose/parse.ts'
import { AccessHeaders, recordAccess } from '../access.ts'
import type { Caller } from '../caller.ts'
import type { NodeDependencies } from '../dependencies.ts'
import { mount } from '../mount.ts'
import { ProblemError } from '../problem.ts'
import type { RoutedApp } from '../routed-app.ts'
import { Digest, Instant } from '../schemas.ts'
import { addressed, findVisible, READERS } from './certificate-address.ts'
import { issueProblem, ISSUING_PROBLEMS, MAX_DRAFT_BYTES } from './issue-outcomes.ts'
import { CHANGE_EXAMPLES, Changed, ChangeRequest } from './status-change-shapes.ts'

const tags = ['Certificates'] as const

const Changes = z.strictObject({
  changes: z.array(
    z.strictObject({
      sha256: Digest,
      appendedAt: Instant,
      change: z.string(),
      signer: z.string().meta({ description: 'The issuing body, or the authority above it' }),
      effectiveFrom: z.string(),
      reason: z.string(),
      basis: DocRef.optional(),
      validUntil: z.string().optional().meta({ description: 'Of an extension that names it' }),
      replacedBy: Digest.optional().meta({ description: 'The successor of a replacement' }),
      document: z.string(),
    }),
  ),
})

const listChangesRoutes = addressed('/status-changes', {
  operationId: 'listStatusChanges',
  method: 'get',
  summary: 'Read the signed status changes of a certificate',
  tags,
  callers: READERS,
  requestHeaders: AccessHeaders,
  answers: { 200: { description: 'All of them, in the order of the log', schema: Changes } },
  problems: ['certificate-not-found'],
})

const changeRoutes = addressed('/status-changes', {
  operationId: 'changeStatus',
  method: 'post',
  summary: 'Change the status of a certificate',
  description:
    'Signs the change and sends it at once to every state that received the certificate. The issuing body makes every change that the type of the certificate knows; the authority above it suspends and resumes. A suspension is lifted by the party that made it, or by one above that party. A replacement issues its successor in the same step: both documents or neither. A body that keeps its own seal sends the change as it signed it. The latest change with the same words again gives the same documents (200). One party makes at most 200 changes of one certificate; what ends it is always taken.',
  tags,
  callers: ['issuer', 'authority'],
  body: {
    json: ChangeRequest,
    // A replacement may bring two documents.
    maxBytes: 2 * MAX_JWS_LENGTH + 16 * 1024,
    examples: CHANGE_EXAMPLES,
  },
  answers: {
    200: { description: 'The latest change already says this', schema: Changed },
    201: { description: 'Changed and durable; delivery has begun', schema: Changed },
  },
  problems: [
    'certificate-not-found',
    'change-not-permitted',
    'replacement-invalid',
    ...ISSUING_PROBLEMS,
  ],
})

export function mountStatusChanges(app: RoutedApp<Caller>, deps: NodeDependencies): void {
  const change = changeStatus(deps)
  const replace = replaceCertificate(deps)
  const submit = changeSigned(deps)

  for (const route of listChangesRoutes)
    mount(app, route, async ({ params, query, caller, requestHeaders }) => {
      const stored = await findVisible(deps, caller, params ?? query)
      const loaded = await loadCertificate(deps.certificates, stored)
      const texts = await deps.certificates.documents(loaded.changes.map(({ sha256 }) => sha256))
      await recordAccess(deps, caller, requestHeaders, 'listStatusChanges', [stored])
      const changes = loaded.changes.map(({ sha256, at, change: made }) => {
        const { schema: _schema, aud: _aud, target: _target, iss: signer, ...said } = made
        return { sha256, appendedAt: at, signer, ...said, document: texts.get(sha256) ?? '' }
      })
      return { status: 200, body: { changes } }
    })

  for (const route of changeRoutes)
    mount(app, route, async ({ params, query, body, caller, received }) => {
      const id = parseCertificateId(params ?? query)
      if (!id) throw new ProblemError('certificate-not-found')
      // What this node signs has to fit into one document; what comes signed was checked for that.
      if (!('document' in body) && received.body.length > MAX_DRAFT_BYTES)
        throw new ProblemError('body-too-large', { extensions: { maxBytes: MAX_DRAFT_BYTES } })
      const actor = actorOf(caller)
      const outcome = await carryOut(id, actor, body)
      if (!isDone(outcome)) throw changeProblem(outcome)
      if (outcome.outcome === 'changed') deps.outgoing()
      return {
        status: outcome.outcome === 'changed' ? 201 : 200,
        body: changedView(outcome),
      }
    })

  function carryOut(
    id: Parameters<typeof change>[0],
    actor: ChangeActor,
    body: z.output<typeof ChangeRequest>,
  ): Promise<SignedChangeOutcome> {
    if ('document' in body) return submit(id, actor, body)
    if (body.change !== 'replace') return change(id, actor, body)
    const { change: _change, ...request } = body
    const { type } = request.certificate as { type: string }
    return replace(id, actor, { ...request, type: documentTypeNamed(type)! })
  }
}

function actorOf({ role, party }: Caller): ChangeActor {
  if ((role !== 'issuer' && role !== 'authority') || party === undefined)
    throw new Error('The caller is neither issuer nor authority')
  return { role, party }
}

type Refusal = Exclude<SignedChangeOutcome, Done>
type Done = Extract<ChangeOutcome, { outcome: 'changed' | 'already-changed' }> | Replaced

function isDone(outcome: SignedChangeOutcome): outcome is Done {
  return outcome.outcome === 'changed' || outcome.outcome === 'already-changed'
}

function changedView(done: Done): z.output<typeof Changed> {
  const { sha256, jws: document, status } = done
  const issued = 'replacement' in done ? done.replacement : undefined
  return {
    sha256,
    document,
    status,
    ...(issued && {
      replacement: {
        sha256: issued.sha256,
        document: issued.jws,
        findings: [...issued.findings],
      },
    }),
  }
}

function changeProblem(refusal: Refusal): ProblemError {
  switch (refusal.outcome) {
    case 'certificate-unknown':
      return new ProblemError('certificate-not-found')
    case 'not-permitted': {
      const { reason, status: certificateStatus } = refusal
      return new ProblemError('change-not-permitted', {
        extensions: { reason, certificateStatus },
      })
    }
    case 'replacement-invalid':
      return new ProblemError('replacement-invalid', { extensions: { reason: refusal.reason } })
    default:
      return issueProblem(refusal)
  }
}
