import { z } from 'zod'
import { auditShownLog, type NodeAudit } from '../exchange/audit/audit-node.ts'
import type { AuditAnchor } from '../exchange/audit/compare-roots.ts'
import {
  pagesOf,
  type Progress,
  type ShownDocument,
  type ShownLog,
} from '../exchange/audit/shown-log.ts'
import {
  CheckpointsPage,
  CoveringsPage,
  DocumentsPage,
  RowsPage,
  StatusesPage,
  TrustShown,
} from '../http/routes/audit-shapes.ts'
import { CliError } from './cli-error.ts'
import {
  type FetchedDocuments,
  fetchedDocumentsFile,
  NOTHING_FETCHED,
} from './fetched-documents.ts'
import { answerOf, type NodeOptions, openClient } from './node-client.ts'

/** What an audit from outside leaves to the audit of the database. */
const NOT_COVERED = [
  {
    what: 'tables that are working state, search terms, mirrors of other logs, clients, approvals',
    why: 'certex audit --database compares them with the log',
  },
  {
    what: 'pinned roots',
    why: 'they are believed as the node names them (`roots`): compare the fingerprints out of band',
  },
]

interface NodeAuditOptions extends Partial<NodeOptions> {
  /** File in which fetched documents are kept, to go on after an interruption. */
  readonly state?: string
  readonly witness?: readonly string[]
  readonly anchor?: readonly AuditAnchor[]
}

/** Audits what a node shows to an auditor. */
export async function auditNode(
  { node, client, key, state, witness = [], anchor = [] }: NodeAuditOptions,
  since: string | undefined,
  progress: Progress,
): Promise<NodeAudit & { readonly notCovered: typeof NOT_COVERED }> {
  if (node === undefined || client === undefined || key === undefined)
    throw new CliError('usage', 'A log is shown to auditors: give --client and --key')
  const fetched = state === undefined ? NOTHING_FETCHED : await fetchedDocumentsFile(state, node)
  const log = await shownLogOf({ node, client, key }, fetched)
  const audit = await auditShownLog(log, {
    since,
    witnesses: witness,
    anchors: anchor,
    progress,
  })
  if ('unusable' in audit) throw new CliError('cannot-tell', audit.unusable)
  return { ...audit, notCovered: NOT_COVERED }
}

async function shownLogOf(options: NodeOptions, fetched: FetchedDocuments): Promise<ShownLog> {
  const { node, client } = options
  const api = await openClient(options, { 'Access-Purpose': 'audit' })
  const ask = <T>(call: () => Promise<Answered>) => askPatiently<T>(`${client}`, node, call)
  async function page<S extends z.ZodType>(
    shape: S,
    call: () => Promise<Answered>,
  ): Promise<z.output<S>> {
    const read = shape.safeParse(await ask(call))
    if (read.success) return read.data
    throw new CliError('failed', `What answers at ${node} is no certex node of this version`)
  }
  const query = (after: number) => ({ query: after < 0 ? {} : { after } })
  const documents = async (after: number): Promise<readonly ShownDocument[]> => {
    const found = await page(DocumentsPage, () => api.listAuditDocuments(query(after)))
    await fetched.keep(found.documents)
    return found.documents
  }
  return {
    checkpoint: () => ask<string>(() => api.getLogCheckpoint()),
    tile: (path) =>
      ask<Uint8Array>(() => api.getLogTile({ params: { path: path.replace(/^tile\//, '') } })),
    trustList: (version) =>
      ask<string>(() =>
        version === undefined
          ? api.getTrustList()
          : api.getTrustListVersion({ params: { version } }),
      ),
    async *documents() {
      let last = -1
      for await (const document of fetched.kept()) {
        last = document.idx
        yield document
      }
      yield* pagesOf(
        (after) => documents(Math.max(after, last)),
        ({ idx }) => idx,
      )
    },
    checkpoints: async (after) =>
      (await page(CheckpointsPage, () => api.listAuditCheckpoints(query(after)))).checkpoints,
    trust: () => page(TrustShown, () => api.getAuditTrust()) as ReturnType<ShownLog['trust']>,
    coverings: async (after) =>
      (await page(CoveringsPage, () => api.listAuditCoverings(query(after)))).coverings,
    rows: async (table, after) =>
      (await page(RowsPage, () => api.listAuditRows({ params: { table }, ...query(after) }))).rows,
    statuses: (after) =>
      page(StatusesPage, () => api.listAuditStatuses(query(after))) as ReturnType<
        ShownLog['statuses']
      >,
    async *lost() {
      for (let after = BEHIND_THOSE_WITHOUT_A_PLACE; ;) {
        const { lost, next } = await page(LostPage, () =>
          api.listLostDocuments({ query: { after } }),
        )
        for (const { index: idx, epoch } of lost) {
          if (idx === undefined) return
          yield { idx, epoch }
        }
        if (next === undefined || lost.length === 0) return
        after = next
      }
    },
    pause: () => sleep(1),
  }
}

/** What stands in no log is listed first, by its digest. */
const BEHIND_THOSE_WITHOUT_A_PLACE = `-1.${'z'.repeat(43)}`

const LostPage = z.object({
  lost: z.array(z.object({ index: z.int().optional(), epoch: z.string() })),
  next: z.string().optional(),
})

interface Answered {
  readonly status: number
  readonly body: unknown
  readonly headers: Headers
}

/** Longest wait that a node may ask for, in seconds; how often in a row it may ask. */
const MAX_WAIT = 300
const MAX_WAITS = 20

/** Asks again when the node says it wants to be asked later; undefined: it has no such thing. */
export async function askPatiently<T>(
  client: string,
  node: string,
  call: () => Promise<Answered>,
  wait: (seconds: number) => Promise<void> = sleep,
): Promise<T | undefined> {
  for (let waits = 0; waits <= MAX_WAITS; waits++) {
    const { status, body, headers } = await answerOf(node, call)
    if (status === 404) return undefined
    if (status === 200) return body as T
    if (status !== 429 && status !== 503)
      throw new CliError('failed', `${node} answers ${status}: is ${client} an auditor there?`)
    const seconds = Number(headers.get('Retry-After') ?? 1)
    await wait(seconds >= 0 ? Math.min(seconds, MAX_WAIT) : 1)
  }
  throw new CliError('failed', `${node} is too busy to be audited now: try again later`)
}

function sleep(seconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, seconds * 1000))
}
