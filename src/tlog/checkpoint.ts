import { encodeBase64 } from '../encoding/base64url.ts'
import type { Malformed } from '../encoding/der.ts'
import { parseDecimal, parseHash } from './line-values.ts'
import { HASH_LENGTH, isTreeSize } from './merkle.ts'
import { verifyNote } from './note-signature.ts'
import { parseSignedNote, type SignedNote } from './signed-note.ts'
import type { VerifierKey } from './verifier-key.ts'

/** The state of a log at one size (C2SP tlog-checkpoint). */
export interface Checkpoint {
  /** Names the log. */
  readonly origin: string
  readonly size: bigint
  readonly rootHash: Uint8Array
  readonly extensions: readonly string[]
}

/** A checkpoint as it came: what it says, and the note whose signatures are still to be verified. */
export interface SignedCheckpoint {
  readonly checkpoint: Checkpoint
  readonly note: SignedNote
}

/**
 * The text of the note.
 *
 * @throws {RangeError} a line that a checkpoint cannot have
 */
export function formatCheckpoint({ origin, size, rootHash, extensions }: Checkpoint): string {
  const isLine = (line: string) => line !== '' && !line.includes('\n')
  if (![origin, ...extensions].every(isLine)) throw new RangeError('Not a line of a checkpoint')
  if (!isTreeSize(size)) throw new RangeError(`${size} is not the size of a tree`)
  if (rootHash.length !== HASH_LENGTH) throw new RangeError('Not a root hash')
  return [origin, size, encodeBase64(rootHash), ...extensions].map((line) => `${line}\n`).join('')
}

/** Reads a note's text as a checkpoint; only what `formatCheckpoint` would write. */
export function parseCheckpoint(text: string): Checkpoint | Malformed {
  const lines = text.split('\n')
  if (lines.pop() !== '') return { malformed: 'no newline at the end' }
  if (lines.length < 3) return { malformed: 'fewer than three lines' }
  if (lines.includes('')) return { malformed: 'an empty line' }
  const [origin, sizeLine, rootLine, ...extensions] = lines
  const size = parseDecimal(sizeLine!)
  if (size === undefined) return { malformed: 'the size is not a number' }
  const rootHash = parseHash(rootLine!)
  if (!rootHash) return { malformed: 'the root hash is not one' }
  return { origin: origin!, size, rootHash, extensions }
}

/** Origin, size and root take 300; extensions that nobody here knows are not kept by the megabyte. */
const MAX_TEXT_LENGTH = 4096

export function parseSignedCheckpoint(bytes: Uint8Array): SignedCheckpoint | Malformed {
  const note = parseSignedNote(bytes)
  if ('malformed' in note) return note
  if (note.text.length > MAX_TEXT_LENGTH)
    return { malformed: `its text is longer than ${MAX_TEXT_LENGTH}` }
  const checkpoint = parseCheckpoint(note.text)
  return 'malformed' in checkpoint ? checkpoint : { checkpoint, note }
}

/**
 * Whether the log has signed its checkpoint: with at least one of its keys, and with none wrongly. Keys
 * bear the log's origin as name (C2SP tlog-policy); others are ignored.
 */
export async function verifyCheckpoint(
  { checkpoint, note }: SignedCheckpoint,
  logKeys: readonly VerifierKey<'ed25519'>[],
): Promise<'valid' | 'invalid' | 'absent'> {
  const own = logKeys.filter(({ name }) => name === checkpoint.origin)
  const verdicts = await Promise.all(own.map((key) => verifyNote(note, key)))
  if (verdicts.includes('invalid')) return 'invalid'
  return verdicts.includes('valid') ? 'valid' : 'absent'
}
