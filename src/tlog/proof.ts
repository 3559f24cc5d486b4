import { decodeBase64, encodeBase64 } from '../encoding/base64url.ts'
import type { Malformed } from '../encoding/der.ts'
import { parseSignedCheckpoint, type SignedCheckpoint } from './checkpoint.ts'
import { verifyInclusion } from './inclusion.ts'
import { parseDecimal, parseHash } from './line-values.ts'
import { leafHash, MAX_PROOF_LENGTH, type Hash } from './merkle.ts'
import { formatSignedNote } from './signed-note.ts'
import { splitTextHead } from './text-head.ts'

/** That an entry stands in a log, verifiable without the log (C2SP tlog-proof). */
export interface LogProof {
  /** What the application adds, never empty; nothing authenticates it. */
  readonly extra?: Uint8Array
  readonly index: bigint
  /** The audit path, the leaf's sibling first. */
  readonly path: readonly Uint8Array[]
  readonly signed: SignedCheckpoint
}

const FIRST_LINE = 'c2sp.org/tlog-proof@v1'
const MAX_HEAD_BYTES = 65_536

export function formatLogProof({ extra, index, path, signed }: LogProof): string {
  const lines = [
    FIRST_LINE,
    ...(extra ? [`extra ${encodeBase64(extra)}`] : []),
    `index ${index}`,
    ...path.map(encodeBase64),
  ]
  return `${lines.join('\n')}\n\n${formatSignedNote(signed.note)}`
}

/** Reads a proof; only what `formatLogProof` would write. Nothing is verified yet. */
export function parseLogProof(bytes: Uint8Array): LogProof | Malformed {
  const head = splitTextHead(bytes, MAX_HEAD_BYTES)
  if (!head) return { malformed: 'no empty line before the checkpoint' }
  const lines = [...head.lines]
  if (lines.shift() !== FIRST_LINE) return { malformed: `not ${FIRST_LINE}` }

  const extraLine = /^extra (.+)$/.exec(lines[0] ?? '')
  if (extraLine) lines.shift()
  const extra = extraLine ? decodeBase64(extraLine[1]!) : undefined
  if (extraLine && !extra) return { malformed: 'the extra data are not base64' }

  const [, digits] = /^index (.+)$/.exec(lines.shift() ?? '') ?? []
  const index = parseDecimal(digits ?? '')
  if (index === undefined) return { malformed: 'no index' }

  if (lines.length > MAX_PROOF_LENGTH) return { malformed: 'too many hashes' }
  const path = lines.map(parseHash)
  if (!path.every((node) => node !== undefined)) return { malformed: 'a line is not a hash' }

  const signed = parseSignedCheckpoint(head.rest)
  if ('malformed' in signed) return { malformed: `the checkpoint: ${signed.malformed}` }
  return { ...(extra && { extra }), index, path, signed }
}

/**
 * Whether the checkpoint's tree holds the entry at the proof's index. What that is worth depends on the
 * checkpoint's signatures, which are verified apart.
 */
export function provesInclusion(hash: Hash, proof: LogProof, entry: Uint8Array): boolean {
  const { size, rootHash } = proof.signed.checkpoint
  return verifyInclusion(hash, {
    index: proof.index,
    size,
    leafHash: leafHash(hash, entry),
    rootHash,
    proof: proof.path,
  })
}
