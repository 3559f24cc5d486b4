import { z } from 'zod'
import type { Delivery } from '../../exchange/delivery/outbox.ts'
import type { PeerContact } from '../../exchange/delivery/peer-store.ts'
import { loadCertificate } from '../../exchange/registered.ts'
import { replacementChain } from '../../exchange/issuing/replacement-chain.ts'
import { lostChangesOf } from '../../exchange/validation/judge-status.ts'
import { AccessHeaders, recordAccess } from '../access.ts'
import type { Caller } from '../caller.ts'
import type { NodeDependencies } from '../dependencies.ts'
import { mount } from '../mount.ts'
import type { RoutedApp } from '../routed-app.ts'
import { CertificateState, CertificateSummary, DeliveryView, Digest } from '../schemas.ts'
import { chainView, replacementMembers } from '../replacement-view.ts'
import { addressed, findVisible, maySee, READERS } from './certificate-address.ts'
import { summaryOf } from './certificate-summary.ts'

const tags = ['Certificates'] as const

const CertificateView = CertificateSummary.extend({
  ...replacementMembers,
  certificate: z.unknown().meta({ description: 'Content as signed' }),
  current: CertificateState,
  lostChanges: z.array(Digest).optional().meta({
    description:
      'Status changes that this node has lost and that may be of this certificate: whether `current` is its state cannot be told',
  }),
}).meta({ id: 'CertificateView' })

const getRoutes = addressed('', {
  operationId: 'getCertificate',
  method: 'get',
  summary: 'Read a certificate',
  tags,
  callers: READERS,
  requestHeaders: AccessHeaders,
  answers: { 200: { description: 'The certificate and its state', schema: CertificateView } },
  problems: ['certificate-not-found'],
})

const documentRoutes = addressed('/document', {
  operationId: 'getCertificateDocument',
  method: 'get',
  summary: 'Read the signed document',
  tags,
  callers: READERS,
  requestHeaders: AccessHeaders,
  answers: {
    200: {
      description: 'The exact bytes that were signed, compact JWS',
      mediaTypes: ['application/jose'],
      headers: { ETag: 'The digest of the document' },
    },
  },
  problems: ['certificate-not-found'],
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

export function mountCertificates(app: RoutedApp<Caller>, deps: NodeDependencies): void {
  for (const route of getRoutes)
    mount(app, route, async ({ params, query, caller, requestHeaders }) => {
      const stored = await findVisible(deps, caller, params ?? query)
      const [{ payload, state }, chain] = await Promise.all([
        loadCertificate(deps.certificates, stored),
        replacementChain(deps.certificates, stored),
      ])
      const lostChanges = await lostChangesOf(deps, stored.sha256, state)
      await recordAccess(deps, caller, requestHeaders, 'getCertificate', [stored])
      return {
        status: 200,
        body: {
          ...summaryOf(stored),
          ...chainView(chain, (other) => maySee(caller, other)),
          certificate: payload.certificate,
          current: { ...state },
          ...(lostChanges.length > 0 && { lostChanges: [...lostChanges] }),
        },
      }
    })

  for (const route of documentRoutes)
    mount(app, route, async ({ params, query, caller, requestHeaders }) => {
      const stored = await findVisible(deps, caller, params ?? query)
      const jws = await deps.certificates.document(stored.sha256)
      if (jws === undefined) throw new Error(`The bytes of document ${stored.sha256} are missing`)
      await recordAccess(deps, caller, requestHeaders, 'getCertificateDocument', [stored])
      return {
        status: 200,
        body: jws,
        mediaType: 'application/jose',
        headers: { ETag: `"${stored.sha256}"` },
      }
    })

  for (const route of deliveryRoutes)
    mount(app, route, async ({ params, query, caller }) => {
      const stored = await findVisible(deps, caller, params ?? query)
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
