import type { Environment } from '../jose/environment.ts'
import { authenticateCaller } from './authenticate-caller.ts'
import type { Caller } from './caller.ts'
import type { NodeDependencies } from './dependencies.ts'
import { openApiDocument } from './openapi.ts'
import { API, TRAINING_API } from './api-description.ts'
import { mountPages } from './pages/mount-pages.ts'
import { requestGuard } from './rate-limit-guard.ts'
import { DEFAULT_LIMITS } from './rate-limit-settings.ts'
import { createRoutedApp, type RoutedApp } from './routed-app.ts'
import { mountAccesses } from './routes/accesses.ts'
import { mountAudit } from './routes/audit.ts'
import { mountCertificates } from './routes/certificates.ts'
import { mountEvidence } from './routes/evidence.ts'
import { mountEvents } from './routes/events.ts'
import { mountIssue } from './routes/issue.ts'
import { mountIssueBatch } from './routes/issue-batch.ts'
import { mountSecondSignatures } from './routes/second-signatures.ts'
import { mountStatusChanges } from './routes/status-changes.ts'
import { mountExchange } from './routes/exchange.ts'
import { mountLog } from './routes/log.ts'
import { mountLostDocuments } from './routes/lost-documents.ts'
import { mountOauth } from './routes/oauth.ts'
import { mountOperations } from './routes/operations.ts'
import { mountOwnLog } from './routes/own-log.ts'
import { mountPeerLogs } from './routes/peer-logs.ts'
import { mountPrepare } from './routes/prepare.ts'
import { mountSearch } from './routes/search.ts'
import { mountOfficials } from './routes/officials.ts'
import { mountOversight } from './routes/oversight.ts'
import { mountSecurityNotices } from './routes/security-notices.ts'
import { mountReconciliations } from './routes/reconciliations.ts'
import { mountRevocation } from './routes/revocation.ts'
import { mountStatusList } from './routes/status-list.ts'
import { mountTrust } from './routes/trust.ts'
import { mountTrustDecisions } from './routes/trust-decisions.ts'
import { mountWitness } from './routes/witness.ts'
import { mountValidations } from './routes/validations.ts'

/** The node's whole HTTP surface. */
export function createApp(deps: NodeDependencies): RoutedApp<Caller> {
  const app = createRoutedApp<Caller>({
    publicUrl: deps.publicUrl,
    authenticate: authenticateCaller(deps),
    anonymous: { role: 'public' },
    newRequestId: deps.newId,
    logFault: deps.logFault,
    guard: requestGuard(deps.limits ?? DEFAULT_LIMITS, () => deps.now().getTime()),
  })
  if (deps.environment === 'training')
    app.hono.use(async (c, next) => {
      await next()
      c.res.headers.set('Certex-Environment', deps.environment)
    })
  mountIssue(app, deps)
  mountPrepare(app, deps)
  mountIssueBatch(app, deps)
  mountSearch(app, deps)
  mountCertificates(app, deps)
  mountEvidence(app, deps)
  mountAccesses(app, deps)
  mountEvents(app, deps)
  mountStatusChanges(app, deps)
  mountSecondSignatures(app, deps)
  mountSecurityNotices(app, deps)
  mountValidations(app, deps)
  mountExchange(app, deps)
  mountTrust(app, deps)
  mountTrustDecisions(app, deps)
  mountOfficials(app, deps)
  mountRevocation(app, deps)
  mountLog(app, deps)
  mountWitness(app, deps)
  mountPeerLogs(app, deps)
  mountReconciliations(app, deps)
  mountOwnLog(app, deps)
  mountLostDocuments(app, deps)
  mountStatusList(app, deps)
  mountOauth(app, deps)
  mountOperations(app, deps)
  mountOversight(app, deps)
  mountAudit(app, deps)

  mountPages(app, () => describe(app, deps.publicUrl, deps.environment))
  return app
}

/** The OpenAPI document of an app, as a node at this URL serves it. */
export function describe(
  app: RoutedApp<Caller>,
  url: string,
  environment: Environment = 'production',
) {
  const servers = [{ url, description: 'This node' }] as const
  return openApiDocument(
    app.routes.map(({ route }) => route),
    { ...(environment === 'training' ? TRAINING_API : API), servers },
  )
}
