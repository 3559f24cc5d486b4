import { verifyEd25519 } from '../crypto/suite.ts'
import type { SignedCheckpoint } from './checkpoint.ts'
import { signaturesOf, type NoteSigner } from './note-signature.ts'
import type { NoteSignature } from './signed-note.ts'
import type { VerifierKey } from './verifier-key.ts'

const TIMESTAMP_LENGTH = 8
const SIGNATURE_LENGTH = 64

/** The last second that a `Date` can hold. */
const MAX_TIMESTAMP = 8_640_000_000_000n

/**
 * States that, as of `at`, this is the largest consistent tree that the witness has seen of the log
 * (C2SP tlog-cosignature, cosignature/v1). The caller has checked that, and stored the checkpoint.
 *
 * @throws {RangeError} the clock stands before 1970
 */
export async function cosign(
  { note }: SignedCheckpoint,
  { key, sign }: NoteSigner<'cosignature/v1'>,
  at: Date,
): Promise<NoteSignature> {
  const timestamp = BigInt(Math.floor(at.getTime() / 1000))
  if (timestamp < 0n) throw new RangeError('No timestamp lies before 1970')
  const signature = new Uint8Array(TIMESTAMP_LENGTH + SIGNATURE_LENGTH)
  new DataView(signature.buffer).setBigUint64(0, timestamp)
  signature.set(await sign(cosignedMessage(note.text, timestamp)), TIMESTAMP_LENGTH)
  return { name: key.name, keyId: key.keyId, signature }
}

/**
 * Whether a witness has cosigned the checkpoint, and since when: the earliest of its cosignatures.
 * `absent` and `invalid` as with `verifyNote`. Whether `at` lies in the future is for the caller to say.
 */
export async function verifyCosignature(
  { note }: SignedCheckpoint,
  witness: VerifierKey<'cosignature/v1'>,
): Promise<{ at: Date } | 'invalid' | 'absent'> {
  let earliest: bigint | undefined
  for (const signature of signaturesOf(note, witness)) {
    const timestamp = await verifiedTimestamp(note.text, signature, witness)
    if (timestamp === undefined) return 'invalid'
    if (earliest === undefined || timestamp < earliest) earliest = timestamp
  }
  return earliest === undefined ? 'absent' : { at: new Date(Number(earliest) * 1000) }
}

async function verifiedTimestamp(
  text: string,
  stamped: Uint8Array,
  { publicKey }: VerifierKey<'cosignature/v1'>,
): Promise<bigint | undefined> {
  if (stamped.length !== TIMESTAMP_LENGTH + SIGNATURE_LENGTH) return undefined
  const view = new DataView(stamped.buffer, stamped.byteOffset, stamped.byteLength)
  const timestamp = view.getBigUint64(0)
  if (timestamp > MAX_TIMESTAMP) return undefined
  const message = cosignedMessage(text, timestamp)
  const isValid = await verifyEd25519(publicKey, stamped.slice(TIMESTAMP_LENGTH), message)
  return isValid ? timestamp : undefined
}

function cosignedMessage(text: string, timestamp: bigint): Uint8Array {
  return new TextEncoder().encode(`cosignature/v1\ntime ${timestamp}\n${text}`)
}
