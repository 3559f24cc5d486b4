import { sha256Sync } from '../../crypto/suite.ts'
import type { LogStore, StoredCheckpoint } from '../../tlog/log-store.ts'
import { readLogTile } from '../../tlog/log-tiles.ts'
import { parseTilePath } from '../../tlog/tile.ts'
import type { UnprovenCheckpoint } from '../../tlog/witness-store.ts'
import { stateOfNoteKey } from '../working-keys.ts'
import { parsedCheckpoint } from './history.ts'
import { type AppliedPolicy, NO_STATE } from './policy.ts'
import { proveUnder } from './prove-logged.ts'
import { newestByQuorum } from './quorum-checkpoints.ts'

/** What a node shows of its log: nothing that its newest checkpoint does not cover. */
export interface LogReading {
  /**
   * The newest checkpoint, as the signed note that it is; with a witness the newest one that bears its
   * cosignature, if there is one: a witness that lost its memory finds it here.
   */
  checkpoint(witness?: NoteKeyName): Promise<string | undefined>
  /** The bytes of a tile or entry bundle by its path, `tile/0/000`. */
  tile(path: string): Promise<Uint8Array<ArrayBuffer> | undefined>
  /**
   * The proof that a document stands in the log (C2SP tlog-proof), its leaf as extra data, against the
   * newest checkpoint that the quorum has cosigned, or else one that a witness has, or the newest. The
   * digest of no document: undefined. `not-yet`: no checkpoint covers it so far.
   */
  proof(sha256: string): Promise<ShownProof | 'not-yet' | undefined>
}

/** A key as signature lines name it. */
interface NoteKeyName {
  readonly name: string
  readonly keyId: number
}

export interface ShownProof {
  readonly proof: string
  /** Whether the quorum has cosigned its checkpoint. */
  readonly witnessed: boolean
}

/**
 * `quorum`: the policy for the own log as it applies now; `signedElsewhere`: checkpoints that this log has
 * signed over entries that a restore has lost.
 */
export function logReading(
  log: LogStore,
  quorum: () => Promise<AppliedPolicy | undefined>,
  signedElsewhere: () => Promise<readonly UnprovenCheckpoint[]> = async () => [],
): LogReading {
  async function cosignedBy({ name, keyId }: NoteKeyName): Promise<string | undefined> {
    const elsewhere = (await signedElsewhere()).findLast(({ note }) =>
      parsedCheckpoint(note).note.signatures.some(
        (signature) => signature.name === name && signature.keyId === keyId,
      ),
    )
    const newest = await log.checkpoint()
    const by = [stateOfNoteKey(name), NO_STATE].flatMap((state) =>
      state === undefined ? [] : { state, name, keyId },
    )
    const size = newest && (await log.cosignedUpTo(newest.size, by))
    if (elsewhere && elsewhere.size >= (size ?? 0n)) return elsewhere.note
    return size === undefined ? undefined : (await log.checkpointOf(size))?.note
  }

  async function covering(index: bigint): Promise<(StoredCheckpoint & Witnessed) | undefined> {
    const applied = await quorum()
    const byQuorum = applied && (await newestByQuorum(log, applied))
    if (byQuorum && index < byQuorum.size) return { ...byQuorum, witnessed: true }
    const cosigned = await log.cosignedCheckpoint()
    const stored = cosigned && index < cosigned.size ? cosigned : await log.checkpoint()
    return stored && index < stored.size ? { ...stored, witnessed: false } : undefined
  }

  return {
    checkpoint: async (witness) =>
      (witness && (await cosignedBy(witness))) ?? (await log.checkpoint())?.note,

    async tile(path) {
      const tile = parseTilePath(path)
      const checkpoint = tile && (await log.checkpoint())
      return checkpoint && readLogTile(sha256Sync, log, tile, checkpoint.size)
    },

    async proof(sha256) {
      const index = await log.indexOf(sha256)
      if (index === undefined) return undefined
      const checkpoint = await covering(index)
      if (!checkpoint) return 'not-yet'
      const { witnessed } = checkpoint
      return { proof: await proveUnder(log, index, checkpoint), witnessed }
    },
  }
}

type Witnessed = Pick<ShownProof, 'witnessed'>
