import { auditShownLog, type NodeAudit, type ShownLog } from '../exchange/audit/audit-node.ts'
import { CliError } from './cli-error.ts'
import { answerOf, type NodeOptions, openClient } from './node-client.ts'

/** What an audit from outside leaves to the audit of the database. */
const NOT_COVERED = [
  {
    what: 'documents and their signatures',
    why: 'auditors are shown hashes, no trade data: certex audit --database judges them',
  },
  { what: 'tables of the database', why: 'certex audit --database compares them with the log' },
  {
    what: 'the log key',
    why: 'it is believed as the list of the node names it: compare the fingerprint of its root',
  },
  {
    what: 'cosignatures of witnesses',
    why: 'their keys stand in the lists of other states: certex audit --database verifies them',
  },
]

/** Audits what a node shows to an auditor of its log. */
export async function auditNode(
  { node, client, key }: Partial<NodeOptions>,
  since: string | undefined,
  progress: (step: string, done: number, all: number) => void,
): Promise<NodeAudit & { readonly notCovered: typeof NOT_COVERED }> {
  if (node === undefined || client === undefined || key === undefined)
    throw new CliError('usage', 'A log is shown to auditors: give --client and --key')
  const api = await openClient({ node, client, key }, {})
  const ask = async <T>(call: () => Promise<{ status: number; body: unknown }>) => {
    for (;;) {
      const { status, body } = await answerOf(node, call)
      if (status === 404) return undefined
      if (status === 200) return body as T
      if (status !== 429 && status !== 503)
        throw new CliError('failed', `${node} answers ${status}: is ${client} an auditor there?`)
      await new Promise((resolve) => setTimeout(resolve, RETRY_MS))
    }
  }
  const log: ShownLog = {
    checkpoint: () => ask<string>(() => api.getLogCheckpoint()),
    tile: (path) =>
      ask<Uint8Array>(() => api.getLogTile({ params: { path: path.replace(/^tile\//, '') } })),
    trustList: (version) =>
      ask<string>(() =>
        version === undefined
          ? api.getTrustList()
          : api.getTrustListVersion({ params: { version } }),
      ),
  }
  const audit = await auditShownLog(log, since, progress)
  if ('unusable' in audit) throw new CliError('cannot-tell', audit.unusable)
  return { ...audit, notCovered: NOT_COVERED }
}

/** A node that is asked too fast is asked again later. */
const RETRY_MS = 1_000
