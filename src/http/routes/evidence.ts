import { composeEvidence } from '../../exchange/evidence/compose.ts'
import { EVIDENCE_MEDIA_TYPE } from '../../exchange/evidence/pack.ts'
import { keyOrNone, NoKeyInForce } from '../../exchange/key-in-force.ts'
import { AccessHeaders, recordAccess } from '../access.ts'
import type { Caller } from '../caller.ts'
import type { NodeDependencies } from '../dependencies.ts'
import { mount } from '../mount.ts'
import { ProblemError } from '../problem.ts'
import type { RoutedApp } from '../routed-app.ts'
import { addressed, findVisible, maySee, READERS, visibilityOf } from './certificate-address.ts'

const evidenceRoutes = addressed('/evidence', {
  operationId: 'getEvidence',
  method: 'get',
  summary: 'Get everything that proves a certificate and its history, in one file',
  description:
    'An evidence pack (`evidence/1`, schema in `openapi/schemas/evidence-1.json`): the exact signed documents, trust lists, revocation data, receipts and the proofs of the witnessed log. `certex validate` answers by it without network and database. What is missing the pack names: ask again when `complete` is false for want of a `quorum`.',
  tags: ['Certificates'],
  callers: READERS,
  requestHeaders: AccessHeaders,
  answers: { 200: { description: 'The evidence pack', mediaTypes: [EVIDENCE_MEDIA_TYPE] } },
  problems: ['certificate-not-found', 'unavailable'],
  limit: 'expensive',
})

export function mountEvidence(app: RoutedApp<Caller>, deps: NodeDependencies): void {
  const compose = composeEvidence(deps)
  for (const route of evidenceRoutes)
    mount(app, route, async ({ params, query, caller, requestHeaders }) => {
      const stored = await findVisible(deps, caller, params ?? query)
      const seesAll = visibilityOf(caller)?.sees === 'all'
      const pack = await keyOrNone(
        compose(stored, seesAll ? 'all' : (other) => maySee(caller, other)),
      )
      if (pack instanceof NoKeyInForce)
        throw new ProblemError('unavailable', { detail: pack.message })
      await recordAccess(deps, caller, requestHeaders, 'getEvidence', [stored])
      return { status: 200, body: JSON.stringify(pack), mediaType: EVIDENCE_MEDIA_TYPE }
    })
}
