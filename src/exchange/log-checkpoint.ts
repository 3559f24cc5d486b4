import { sha256Sync } from '../crypto/suite.ts'
import { formatInstant } from '../encoding/time.ts'
import { formatCheckpoint } from '../tlog/checkpoint.ts'
import { rootOf } from '../tlog/frontier.ts'
import type { LogStore } from '../tlog/log-store.ts'
import { type NoteSigner, signNote } from '../tlog/note-signature.ts'
import { formatSignedNote } from '../tlog/signed-note.ts'

export interface CheckpointDependencies {
  readonly now: () => Date
  readonly log: LogStore
  /** The log's own key of today; its name is the origin. */
  readonly logSigner: () => Promise<NoteSigner<'ed25519'>>
}

/**
 * Signs the tree as it stands, if it has grown since the last checkpoint: one for everything that was
 * appended meanwhile. Of two that sign at once the first one's counts. True when there was news.
 */
export function publishCheckpoint({ now, log, logSigner }: CheckpointDependencies) {
  return async (): Promise<boolean> => {
    const [frontier, last] = await Promise.all([log.frontier(), log.checkpoint()])
    if (frontier.size <= (last?.size ?? 0n)) return false
    const { size } = frontier
    const signer = await logSigner()
    const text = formatCheckpoint({
      origin: signer.key.name,
      size,
      rootHash: rootOf(sha256Sync, frontier),
      extensions: [],
    })
    const note = formatSignedNote({ text, signatures: [await signNote(text, signer)] })
    await log.keepCheckpoint({ size, note, signedAt: formatInstant(now()) })
    return true
  }
}
