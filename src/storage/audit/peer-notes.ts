import type { TrustHistory } from '../../exchange/audit/log-history.ts'
import { flawOfNote } from '../../exchange/audit/signed-notes.ts'
import { parseSignedCheckpoint } from '../../tlog/checkpoint.ts'
import type { VerifierKey } from '../../tlog/verifier-key.ts'

const utf8 = new TextEncoder()

export interface PeerLogContext {
  /** The node whose database this is. */
  readonly state: string
  readonly history: Pick<TrustHistory, 'logKeys' | 'versions'>
}

/** Why a note is not one of this log and size that the log has signed; undefined: it is. */
export async function flawOfPeerNote(
  { note, origin }: { readonly note: string; readonly origin: string },
  keys: readonly VerifierKey<'ed25519'>[],
  size: number,
  rootHash?: Uint8Array,
): Promise<string | undefined> {
  const signed = parseSignedCheckpoint(utf8.encode(note))
  if ('malformed' in signed) return signed.malformed
  if (signed.checkpoint.origin !== origin) return `it is of the log ${signed.checkpoint.origin}`
  return flawOfNote(note, { keys, size: BigInt(size), rootHash, mayExtend: true })
}

/** The size of the tree in a signed checkpoint; undefined: it is none. */
export function sizeIn(note: string | null): number | undefined {
  const signed = note === null ? undefined : parseSignedCheckpoint(utf8.encode(note))
  return !signed || 'malformed' in signed ? undefined : Number(signed.checkpoint.size)
}
