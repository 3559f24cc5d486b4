import { sha256Sync } from '../../crypto/suite.ts'
import { isSameOctets } from '../../encoding/octets.ts'
import { formatInstant } from '../../encoding/time.ts'
import { formatCheckpoint, parseSignedCheckpoint } from '../../tlog/checkpoint.ts'
import { type Frontier, rootOf } from '../../tlog/frontier.ts'
import type { LogStore, StoredCheckpoint } from '../../tlog/log-store.ts'
import { type NoteSigner, signaturesOf, signNote } from '../../tlog/note-signature.ts'
import { formatSignatureLine, formatSignedNote } from '../../tlog/signed-note.ts'
import { keyOrNone, NoKeyInForce } from '../key-in-force.ts'
import { treeAlteration } from './stored-tree.ts'

export interface CheckpointDependencies {
  readonly now: () => Date
  readonly log: LogStore
  /** The log's own key of today; its name is the origin. */
  readonly logSigner: () => Promise<NoteSigner<'ed25519'>>
}

/**
 * Signs the tree as it stands, if it has grown since the last checkpoint: one for everything that was
 * appended meanwhile; and the last checkpoint once more, if another log key has taken over since. Of two
 * that sign at once the first one's counts. Nothing is signed while there is a doubt whether this log is
 * the newest, nor of a tree that does not follow from what is stored or from what was signed before, nor
 * while no key of it is in force. True when there was news.
 */
export function publishCheckpoint(deps: CheckpointDependencies) {
  return async (): Promise<boolean> => {
    const { log } = deps
    const [frontier, last, doubt] = await Promise.all([
      log.frontier(),
      log.checkpoint(),
      log.doubt(),
    ])
    if (doubt || frontier.size === 0n) return false
    const isNew = !last || frontier.size > last.size
    // A warning tells it: log-altered.
    if (isNew && (await treeAlteration(log, frontier, last)) !== undefined) return false
    const signer = await keyOrNone(deps.logSigner())
    // A warning tells it: log-key-missing, working-key-unusable.
    if (signer instanceof NoKeyInForce) return false
    return isNew ? sign(deps, signer, frontier) : signAgain(deps, signer, frontier, last)
  }
}

async function sign(
  { now, log }: CheckpointDependencies,
  signer: NoteSigner<'ed25519'>,
  frontier: Frontier,
): Promise<true> {
  const { size } = frontier
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

/** The same text under a key that took over while nothing was appended. */
async function signAgain(
  { now, log }: CheckpointDependencies,
  signer: NoteSigner<'ed25519'>,
  frontier: Frontier,
  last: StoredCheckpoint,
): Promise<boolean> {
  const signed = parseSignedCheckpoint(new TextEncoder().encode(last.note))
  if ('malformed' in signed) throw new Error(`A stored checkpoint is damaged: ${signed.malformed}`)
  const { note, checkpoint } = signed
  const isOfThisTree =
    checkpoint.origin === signer.key.name &&
    checkpoint.size === frontier.size &&
    isSameOctets(checkpoint.rootHash, rootOf(sha256Sync, frontier))
  if (!isOfThisTree || signaturesOf(note, signer.key).length > 0) return false
  const signature = await signNote(note.text, signer)
  await log.keepSignature({
    size: last.size,
    keyId: signer.key.keyId,
    line: formatSignatureLine(signature),
    signedAt: formatInstant(now()),
  })
  return true
}
