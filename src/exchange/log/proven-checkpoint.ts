import { formatInstant } from '../../encoding/time.ts'
import {
  parseSignedCheckpoint,
  type SignedCheckpoint,
  verifyCheckpoint,
} from '../../tlog/checkpoint.ts'
import { verifyCosignature } from '../../tlog/cosignature.ts'
import { formatSignatureLine } from '../../tlog/signed-note.ts'
import type { VerifierKey } from '../../tlog/verifier-key.ts'
import { type ListedKey, noteSignedBy } from './keys.ts'

/** Why the log of a node is not put together from what peers hold of it. */
export type RestoreFault =
  | 'nothing-held'
  | 'not-signed'
  | 'contradiction'
  | 'altered'
  | 'unproven'
  | 'leaves-missing'
  | 'leaf-unreadable'
  | 'document-altered'

export class RestoreRefused extends Error {
  override name = 'RestoreRefused'
  readonly code: RestoreFault
  /** The entry from which on it is so. */
  readonly index: bigint | undefined
  constructor(code: RestoreFault, message: string, index?: bigint) {
    super(message)
    this.code = code
    this.index = index
  }
}

/** A checkpoint that this log had signed, with those signatures alone, and what a witness said of it. */
export interface ProvenCheckpoint {
  readonly peer: string
  readonly size: bigint
  readonly note: string
  readonly cosignature:
    | {
        readonly witness: ListedKey<'cosignature/v1'>
        readonly line: string
        readonly cosignedAt: string
      }
    | undefined
}

/** By what the own log is known. */
export interface OwnKeys {
  readonly origin: string
  /** Of the own log, former ones too. */
  readonly logKeys: readonly VerifierKey<'ed25519'>[]
  /** Of every state. */
  readonly witnesses: readonly ListedKey<'cosignature/v1'>[]
}

/**
 * A checkpoint that a peer shows of the own log.
 *
 * @throws {RestoreRefused} the own log has not signed it, or its cosignature is wrong
 */
export async function provenCheckpoint(
  { origin, logKeys, witnesses }: OwnKeys,
  peer: string,
  note: string,
): Promise<ProvenCheckpoint> {
  const signed = parseSignedCheckpoint(new TextEncoder().encode(note))
  const refuse = (why: string) =>
    new RestoreRefused('not-signed', `${peer} shows a checkpoint of ${origin} ${why}`)
  if ('malformed' in signed) throw refuse(`that is none: ${signed.malformed}`)
  const { size } = signed.checkpoint
  if (signed.checkpoint.origin !== origin || (await verifyCheckpoint(signed, logKeys)) !== 'valid')
    throw refuse('that no log key of this state has signed')
  if (size > Number.MAX_SAFE_INTEGER) throw refuse(`of ${size} entries`)
  const cosignature = await cosignatureIn(signed, witnesses)
  if (cosignature === 'invalid') throw refuse('with a cosignature that is wrong')
  return { peer, size, note: noteSignedBy(signed, logKeys), cosignature }
}

async function cosignatureIn(
  signed: SignedCheckpoint,
  witnesses: readonly ListedKey<'cosignature/v1'>[],
): Promise<ProvenCheckpoint['cosignature'] | 'invalid'> {
  for (const witness of witnesses) {
    const verdict = await verifyCosignature(signed, witness.key)
    if (verdict === 'invalid') return 'invalid'
    if (verdict === 'absent') continue
    const line = signed.note.signatures.find(
      ({ name, keyId }) => name === witness.key.name && keyId === witness.key.keyId,
    )!
    return { witness, line: formatSignatureLine(line), cosignedAt: formatInstant(verdict.at) }
  }
  return undefined
}
