import { sha256Sync } from '../crypto/suite.ts'
import type { LogStore, StoredCheckpoint } from '../tlog/log-store.ts'
import { readLogTile } from '../tlog/log-tiles.ts'
import { parseTilePath } from '../tlog/tile.ts'
import { proveUnder } from './prove-logged.ts'

/** What a node shows of its log: nothing that its newest checkpoint does not cover. */
export interface LogReading {
  /** The newest checkpoint, as the signed note that it is. */
  checkpoint(): Promise<string | undefined>
  /** The bytes of a tile or entry bundle by its path, `tile/0/000`. */
  tile(path: string): Promise<Uint8Array<ArrayBuffer> | undefined>
  /**
   * The proof that a document stands in the log (C2SP tlog-proof), its leaf as extra data, against the
   * newest checkpoint that a witness has cosigned, or else the newest. The digest of no document:
   * undefined. `not-yet`: no checkpoint covers it so far.
   */
  proof(sha256: string): Promise<{ readonly proof: string } | 'not-yet' | undefined>
}

export function logReading(log: LogStore): LogReading {
  /** The checkpoint to prove a leaf with: one that witnesses have cosigned, if they have seen it. */
  async function covering(index: bigint): Promise<StoredCheckpoint | undefined> {
    const cosigned = await log.cosignedCheckpoint(1)
    const stored = cosigned && index < cosigned.size ? cosigned : await log.checkpoint()
    return stored && index < stored.size ? stored : undefined
  }

  return {
    checkpoint: async () => (await log.checkpoint())?.note,

    async tile(path) {
      const tile = parseTilePath(path)
      const checkpoint = tile && (await log.checkpoint())
      return checkpoint && readLogTile(sha256Sync, log, tile, checkpoint.size)
    },

    async proof(sha256) {
      const index = await log.indexOf(sha256)
      if (index === undefined) return undefined
      const checkpoint = await covering(index)
      return checkpoint ? { proof: await proveUnder(log, index, checkpoint) } : 'not-yet'
    },
  }
}
