import { sha256Sync } from '../crypto/suite.ts'
import { parseSignedCheckpoint, type SignedCheckpoint } from '../tlog/checkpoint.ts'
import { proveInclusion } from '../tlog/inclusion.ts'
import type { LogStore } from '../tlog/log-store.ts'
import { logHashReader, readLogTile } from '../tlog/log-tiles.ts'
import { formatLogProof } from '../tlog/proof.ts'
import { parseTilePath } from '../tlog/tile.ts'

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

const utf8 = new TextEncoder()

export function logReading(log: LogStore): LogReading {
  /** The checkpoint to prove a leaf with: one that witnesses have cosigned, if they have seen it. */
  async function covering(index: bigint): Promise<SignedCheckpoint | undefined> {
    const cosigned = await log.cosignedCheckpoint(1)
    const stored = cosigned && index < cosigned.size ? cosigned : await log.checkpoint()
    if (!stored || index >= stored.size) return undefined
    const signed = parseSignedCheckpoint(utf8.encode(stored.note))
    if ('malformed' in signed)
      throw new Error(`The checkpoint at ${stored.size} is damaged: ${signed.malformed}`)
    return signed
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
      const signed = await covering(index)
      if (!signed) return 'not-yet'
      const { size } = signed.checkpoint
      const reader = logHashReader(sha256Sync, log, size)
      const [[leaf], path] = await Promise.all([
        log.leaves(index, index + 1n),
        proveInclusion(sha256Sync, reader, index, size),
      ])
      const extra = utf8.encode(leaf)
      return { proof: formatLogProof({ extra, index, path, signed }) }
    },
  }
}
