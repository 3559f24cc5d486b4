import { encodeBase64 } from '../encoding/base64url.ts'
import type { Malformed } from '../encoding/der.ts'
import { parseSignedCheckpoint, type SignedCheckpoint } from './checkpoint.ts'
import { parseDecimal, parseHash } from './line-values.ts'
import { formatSignedNote } from './signed-note.ts'
import { splitTextHead } from './text-head.ts'

/** What a witness is asked: to cosign a checkpoint, which continues the tree of `oldSize` (C2SP tlog-witness). */
export interface AddCheckpoint {
  readonly oldSize: bigint
  /** The consistency proof from `oldSize`, empty from 0 and for the same size. */
  readonly proof: readonly Uint8Array[]
  readonly signed: SignedCheckpoint
}

const MAX_PROOF_LINES = 63
const MAX_HEAD_BYTES = 8192

/** @throws {RangeError} the proof is longer than a witness reads */
export function formatAddCheckpoint({ oldSize, proof, signed }: AddCheckpoint): string {
  if (proof.length > MAX_PROOF_LINES) throw new RangeError('The proof has too many lines')
  const lines = [`old ${oldSize}`, ...proof.map(encodeBase64)]
  return `${lines.join('\n')}\n\n${formatSignedNote(signed.note)}`
}

/** Reads the body of `add-checkpoint`; only what `formatAddCheckpoint` would write. */
export function parseAddCheckpoint(bytes: Uint8Array): AddCheckpoint | Malformed {
  const head = splitTextHead(bytes, MAX_HEAD_BYTES)
  if (!head) return { malformed: 'no empty line before the checkpoint' }
  const [first, ...lines] = head.lines
  const oldSize = parseDecimal(/^old (.+)$/.exec(first ?? '')?.[1] ?? '')
  if (oldSize === undefined) return { malformed: 'no old size' }
  if (lines.length > MAX_PROOF_LINES) return { malformed: `more than ${MAX_PROOF_LINES} hashes` }
  const proof = lines.map(parseHash)
  if (!proof.every((node) => node !== undefined)) return { malformed: 'a line is not a hash' }
  const signed = parseSignedCheckpoint(head.rest)
  return 'malformed' in signed ? signed : { oldSize, proof, signed }
}
