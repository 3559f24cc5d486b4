import { verifyEd25519 } from '../crypto/suite.ts'
import { isNoteText, type NoteSignature, type SignedNote } from './signed-note.ts'
import type { SignatureType, VerifierKey } from './verifier-key.ts'

/** A private key of one signature type; `key` is its public half. */
export interface NoteSigner<T extends SignatureType> {
  readonly key: VerifierKey<T>
  /** An Ed25519 signature (RFC 8032). */
  readonly sign: (data: Uint8Array) => Promise<Uint8Array>
}

/**
 * Signs the text of a note with a key of type 0x01 (C2SP signed-note, Ed25519 signatures).
 *
 * @throws {RangeError} the text is none of a note
 */
export async function signNote(
  text: string,
  { key, sign }: NoteSigner<'ed25519'>,
): Promise<NoteSignature> {
  if (!isNoteText(text)) throw new RangeError('Not the text of a note')
  const signature = await sign(new TextEncoder().encode(text))
  return { name: key.name, keyId: key.keyId, signature }
}

/**
 * Whether a key has signed the note. `absent`: no line is this key's, which is no fault; `invalid`: one
 * is, and does not verify, so that the whole note is to be refused.
 */
export async function verifyNote(
  note: SignedNote,
  key: VerifierKey<'ed25519'>,
): Promise<'valid' | 'invalid' | 'absent'> {
  const signatures = signaturesOf(note, key)
  if (signatures.length === 0) return 'absent'
  const text = new TextEncoder().encode(note.text)
  for (const signature of signatures)
    if (!(await verifyEd25519(key.publicKey, signature, text))) return 'invalid'
  return 'valid'
}

/** The signatures that a key is said to have made, each once: name and id must both be its own. */
export function signaturesOf(
  { signatures }: SignedNote,
  key: VerifierKey<SignatureType>,
): Uint8Array[] {
  const own = signatures.filter(({ name, keyId }) => name === key.name && keyId === key.keyId)
  return [...new Map(own.map(({ signature }) => [signature.join(), signature])).values()]
}
