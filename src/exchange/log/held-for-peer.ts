import { stateOf } from '../../certificate/party-id.ts'
import { formatInstant } from '../../encoding/time.ts'
import type { MirrorStore } from '../../tlog/mirror-store.ts'
import { formatAddCheckpoint } from '../../tlog/witness-request.ts'
import { MAX_BATCH_CHARACTERS } from '../delivery/deliver.ts'
import { parsedCheckpoint } from './history.ts'
import { ReceiptPayload } from '../delivery/receipt.ts'
import { payloadOf } from '../registered.ts'
import { addCheckpoint, type WitnessDependencies } from './witness.ts'

/** Where a document stands between this node and another. */
export interface KeptDocument {
  readonly sha256: string
  readonly jws: string
  /** Under which number this node sent it to that state; none: it did not. */
  readonly seq: number | undefined
  /** That state has sent it here. */
  readonly arrived: boolean
  /** It is a version of a trust list, which anybody may read. */
  readonly isTrustList: boolean
  readonly isReceipt: boolean
}

export interface KeptDocuments {
  /** Those of these documents that are here, with what there is between this node and a state about each. */
  between(state: string, sha256s: readonly string[]): Promise<KeptDocument[]>
}

export interface HeldDependencies extends WitnessDependencies {
  readonly mirror: MirrorStore
  readonly kept: KeptDocuments
}

/** What this node holds of a log of another state. */
export interface HeldLog {
  readonly origin: string
  /** Leaves in the mirror; not more than `newest` covers. */
  readonly leaves: bigint
  /** The newest checkpoint that its log has shown here. */
  readonly newest: string
  /** The newest one of which no leaf is missing here. */
  readonly whole: string | undefined
  /** The newest one that the witness of this node has cosigned, with a cosignature of now. */
  readonly cosigned: string | undefined
}

/** The logs of a state in the mirror of this node, for their owner alone. */
export function heldLogs(deps: HeldDependencies) {
  const cosign = addCheckpoint(deps)
  return async (owner: string): Promise<HeldLog[]> => {
    const logs = await deps.mirror.logsOf(owner)
    return Promise.all(
      logs.map(async (log) => {
        const [head, witnessed] = await Promise.all([
          deps.mirror.head(log),
          deps.witnessed.newest(log.origin),
        ])
        const { frontier, note: newest, wholeNote: whole } = head!
        const own = witnessed?.state === owner ? witnessed.note : undefined
        const cosigned = own === undefined ? undefined : await cosignedAgain(cosign, own)
        return { origin: log.origin, leaves: frontier.size, newest, whole, cosigned }
      }),
    )
  }
}

/** As the witness answers whoever asks it once more about the last checkpoint that it has cosigned. */
async function cosignedAgain(
  cosign: ReturnType<typeof addCheckpoint>,
  note: string,
): Promise<string> {
  const signed = parsedCheckpoint(note)
  const request = formatAddCheckpoint({ oldSize: signed.checkpoint.size, proof: [], signed })
  const given = await cosign(new TextEncoder().encode(request))
  return given.answer === 'cosigned' ? note + given.lines : note
}

/** Leaves of one answer. */
export const MAX_LEAVES = 1024

/** Leaves of the owner's log, as they stand in the mirror; fewer than asked for where it ends. */
export function heldLeaves(deps: Pick<HeldDependencies, 'mirror' | 'alarms' | 'now'>) {
  return async (owner: string, origin: string, from: bigint, limit: number): Promise<string[]> => {
    const end = from + BigInt(Math.min(limit, MAX_LEAVES))
    const leaves = await deps.mirror.leaves({ state: owner, origin }, from, end)
    if (leaves.length > 0) await tellRead(deps, owner)
    return leaves
  }
}

/** Once a day: a node does so after a loss, and whoever has stolen its node key would. */
async function tellRead(
  { alarms, now }: Pick<HeldDependencies, 'alarms' | 'now'>,
  peer: string,
): Promise<void> {
  const at = formatInstant(now())
  await alarms.raiseOnce(`own-log-read ${peer} ${at.slice(0, 10)}`, {
    at,
    kind: 'own-log-read',
    peer,
    detail: `the node of ${peer} reads its own log and documents back, as after a loss of its database. If its operator knows nothing of that, its node key is in other hands`,
  })
}

/** Documents that may be asked for at once. */
export const MAX_DOCUMENTS = 50

export interface HeldDocument {
  readonly sha256: string
  readonly document: string
  readonly seq: number | undefined
}

/**
 * Documents that a state sent here or was sent, receipts of either about the other's, and trust lists; of
 * everything else it is told as little as of what is not here. `left`: what did not fit into the answer.
 */
export function heldDocuments(deps: Pick<HeldDependencies, 'kept' | 'alarms' | 'now'>) {
  return async (
    owner: string,
    sha256s: readonly string[],
  ): Promise<{ readonly documents: HeldDocument[]; readonly left: string[] }> => {
    const found = await deps.kept.between(owner, sha256s)
    const documents: HeldDocument[] = []
    const left: string[] = []
    let characters = 0
    for (const { sha256, jws, seq, ...about } of found) {
      const own = seq !== undefined || about.arrived || about.isTrustList
      if (!own && !(about.isReceipt && isBetween(jws, owner))) continue
      characters += jws.length
      if (documents.length > 0 && characters > MAX_BATCH_CHARACTERS) left.push(sha256)
      else documents.push({ sha256, document: jws, seq })
    }
    if (documents.length > 0) await tellRead(deps, owner)
    return { documents, left }
  }
}

/** Whether a receipt of the log was signed by this state or for it. */
function isBetween(jws: string, state: string): boolean {
  const receipt = ReceiptPayload.safeParse(payloadOf(jws))
  return (
    receipt.success && (stateOf(receipt.data.iss) === state || receipt.data.aud.includes(state))
  )
}
