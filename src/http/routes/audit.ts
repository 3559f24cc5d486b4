import type { Caller } from '../caller.ts'
import { AccessHeaders, recordAccess } from '../access.ts'
import type { NodeDependencies } from '../dependencies.ts'
import { rowsAtOnce } from '../../exchange/log/administrative-entry.ts'
import { mount } from '../mount.ts'
import { declareRoute } from '../route.ts'
import type { RoutedApp } from '../routed-app.ts'
import {
  After,
  CheckpointsPage,
  CoveringsPage,
  DocumentsPage,
  RowsOf,
  RowsPage,
  StatusesPage,
  TrustShown,
} from './audit-shapes.ts'

const tags = ['Audit'] as const
const callers = ['authority', 'auditor'] as const

/** Of one answer: documents are few and long, all else many and short. */
const MAX_DOCUMENTS = 200
const MAX_CHARACTERS = 2 * 1024 * 1024
const MAX_CHECKPOINTS = 100
const MAX_ROWS = 1000

const documentsRoute = declareRoute({
  operationId: 'listAuditDocuments',
  method: 'get',
  path: '/v1/audit/documents',
  summary: 'Read the documents of the log, to the byte',
  description: `In the order of the log, behind the entry \`after\`: at most ${MAX_DOCUMENTS} and about 2 MiB. The SHA-256 of each stands in its entry. Every certificate among them is recorded as read.`,
  tags,
  callers,
  query: After,
  requestHeaders: AccessHeaders,
  answers: { 200: { description: 'Empty at the end of the log', schema: DocumentsPage } },
  problems: [],
})

const checkpointsRoute = declareRoute({
  operationId: 'listAuditCheckpoints',
  method: 'get',
  path: '/v1/audit/checkpoints',
  summary: 'Read every checkpoint of the log with what was signed under it',
  description: `Smallest first, behind the size \`after\`, at most ${MAX_CHECKPOINTS}. A line under a checkpoint is one signature as C2SP signed notes write it.`,
  tags,
  callers,
  query: After,
  answers: { 200: { description: 'Empty behind the newest', schema: CheckpointsPage } },
  problems: [],
})

const trustRoute = declareRoute({
  operationId: 'getAuditTrust',
  method: 'get',
  path: '/v1/audit/trust',
  summary: 'Read what this node judges signatures by, beside the trust lists in its log',
  description:
    'Pinned roots, when each list was accepted and from when its additions count, decisions of two persons, forks, and the CRLs and OCSP responses that are kept.',
  tags,
  callers,
  answers: { 200: { description: 'As it is at this moment', schema: TrustShown } },
  problems: [],
  limit: 'expensive',
})

const coveringsRoute = declareRoute({
  operationId: 'listAuditCoverings',
  method: 'get',
  path: '/v1/audit/coverings',
  summary: 'Read which acts, accesses and other records stand behind which administrative entry',
  description: `In the order of the log, at most ${MAX_ROWS}. With the nonce the digest of the entry can be computed over the rows.`,
  tags,
  callers,
  query: After,
  answers: { 200: { description: 'Empty behind the last', schema: CoveringsPage } },
  problems: [],
})

const rowsRoute = declareRoute({
  operationId: 'listAuditRows',
  method: 'get',
  path: '/v1/audit/rows/{table}',
  summary: 'Read acts, accesses or other records as they are hashed into the log',
  description: `By their numbers, at most ${MAX_ROWS}; fewer where they are long; the texts are those that the digest of an administrative entry is computed over. Of the body of a report it is the digest.`,
  tags,
  callers,
  params: RowsOf,
  query: After,
  answers: { 200: { description: 'Empty behind the last', schema: RowsPage } },
  problems: [],
})

const statusesRoute = declareRoute({
  operationId: 'listAuditStatuses',
  method: 'get',
  path: '/v1/audit/statuses',
  summary: 'Read where every certificate stands by the tables of this node',
  description: `In the order of the log, at most ${MAX_ROWS}. They are of the moment at which the log had \`size\` entries: the documents before it must lead there.`,
  tags,
  callers,
  query: After,
  answers: { 200: { description: 'Empty behind the last', schema: StatusesPage } },
  problems: [],
})

/** What an audit from outside reads beside `/log`: nothing here is believed unless it is proven. */
export function mountAudit(app: RoutedApp<Caller>, deps: NodeDependencies): void {
  const { audited, trustStore } = deps

  mount(app, documentsRoute, async ({ query, caller, requestHeaders }) => {
    const limit = { count: MAX_DOCUMENTS, characters: MAX_CHARACTERS }
    const found = await audited.documents(query.after ?? -1, limit)
    const certificates = found.filter(({ isCertificate }) => isCertificate)
    await recordAccess(deps, caller, requestHeaders, 'listAuditDocuments', certificates)
    const documents = found.map(({ isCertificate: _, ...document }) => document)
    return { status: 200, body: { documents } }
  })

  mount(app, checkpointsRoute, async ({ query }) => {
    const checkpoints = await audited.checkpoints(query.after ?? -1, MAX_CHECKPOINTS)
    return { status: 200, body: { checkpoints } }
  })

  mount(app, trustRoute, async () => {
    const [pins, accepted, approvals, forks, crls, responses] = await Promise.all([
      trustStore.pins(),
      trustStore.accepted(),
      trustStore.approvals(),
      trustStore.forks(),
      trustStore.crls(),
      trustStore.ocspResponses(),
    ])
    const body = {
      pins,
      accepted: accepted.map(({ acceptedAt: _, ...version }) => version),
      approvals,
      forks: forks.map(({ state, sha256, seenAt }) => ({ state, sha256, seenAt })),
      crls: crls.map(({ state, der }) => ({ state, der })),
      ocspResponses: responses.map(({ state, der }) => ({ state, der })),
    }
    return { status: 200, body }
  })

  mount(app, coveringsRoute, async ({ query }) => ({
    status: 200,
    body: { coverings: await audited.coverings(query.after ?? -1, MAX_ROWS) },
  }))

  mount(app, rowsRoute, async ({ params: { table }, query }) => {
    const limit = Math.min(MAX_ROWS, rowsAtOnce(table))
    const rows = await deps.coverable.rows(table, (query.after ?? 0) + 1, limit)
    return { status: 200, body: { rows } }
  })

  mount(app, statusesRoute, async ({ query }) => ({
    status: 200,
    body: await audited.statuses(query.after ?? -1, MAX_ROWS),
  }))
}
