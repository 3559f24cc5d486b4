import { decodeBase64, encodeBase64 } from '../encoding/base64url.ts'
import type { Malformed } from '../encoding/der.ts'
import { isKeyName } from './verifier-key.ts'

/** Sixteen signatures of the largest kind known (5 kB) fit, as the specification demands. */
export const MAX_NOTE_BYTES = 131_072

/** Of one note; the specification asks for 16 at least. */
export const MAX_SIGNATURES = 32

/** A text and who is said to have signed it; nothing is verified yet. */
export interface SignedNote {
  /** Ends in a newline. */
  readonly text: string
  readonly signatures: readonly NoteSignature[]
}

export interface NoteSignature {
  readonly name: string
  readonly keyId: number
  readonly signature: Uint8Array
}

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** Reads a signed note (C2SP signed-note, format); only what `formatSignedNote` would write. */
export function parseSignedNote(bytes: Uint8Array): SignedNote | Malformed {
  if (bytes.length > MAX_NOTE_BYTES) return { malformed: `longer than ${MAX_NOTE_BYTES} bytes` }
  const note = decodeUtf8(bytes)
  if (note === undefined) return { malformed: 'not UTF-8' }
  if (hasControls(note)) return { malformed: 'a control character' }
  const blank = note.lastIndexOf('\n\n')
  if (blank < 0) return { malformed: 'no blank line before the signatures' }
  const signatures = parseSignatureLines(note.slice(blank + 2))
  return 'malformed' in signatures ? signatures : { text: note.slice(0, blank + 1), signatures }
}

/** Reads signature lines alone, as a witness answers them (C2SP tlog-witness, add-checkpoint). */
export function parseSignatureLines(text: string): NoteSignature[] | Malformed {
  const lines = text.split('\n')
  if (lines.pop() !== '') return { malformed: 'no newline at the end' }
  if (lines.length === 0) return { malformed: 'no signatures' }
  if (lines.length > MAX_SIGNATURES) return { malformed: `more than ${MAX_SIGNATURES} signatures` }
  const signatures: NoteSignature[] = []
  for (const line of lines) {
    const signature = parseSignatureLine(line)
    if (!signature) return { malformed: `signature line ${signatures.length + 1}` }
    signatures.push(signature)
  }
  return signatures
}

function parseSignatureLine(line: string): NoteSignature | undefined {
  const [, name, base64] = /^\u2014 ([^ ]+) ([^ ]+)$/.exec(line) ?? []
  if (name === undefined || base64 === undefined || !isKeyName(name)) return undefined
  const octets = decodeBase64(base64)
  if (!octets || octets.length <= 4) return undefined
  return { name, keyId: new DataView(octets.buffer).getUint32(0), signature: octets.slice(4) }
}

/**
 * @throws {RangeError} not a text that a note can carry, or no signatures
 */
export function formatSignedNote({ text, signatures }: SignedNote): string {
  if (!isNoteText(text)) throw new RangeError('Not the text of a note')
  if (signatures.length === 0) throw new RangeError('A note without signatures')
  return `${text}\n${signatures.map(formatSignatureLine).join('')}`
}

export function formatSignatureLine({ name, keyId, signature }: NoteSignature): string {
  const octets = new Uint8Array(4 + signature.length)
  new DataView(octets.buffer).setUint32(0, keyId)
  octets.set(signature, 4)
  return `\u2014 ${name} ${encodeBase64(octets)}\n`
}

/** Text that ends in a newline, has no control characters and survives UTF-8. */
export function isNoteText(text: string): boolean {
  return text.endsWith('\n') && !hasControls(text) && !/\p{Surrogate}/u.test(text)
}

function hasControls(text: string): boolean {
  return /[\x00-\x09\x0b-\x1f]/.test(text)
}

function decodeUtf8(bytes: Uint8Array): string | undefined {
  try {
    return utf8.decode(bytes)
  } catch {
    return undefined
  }
}
