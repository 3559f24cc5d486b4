import { isSameOctets } from '../../encoding/octets.ts'
import { formatInstant } from '../../encoding/time.ts'
import {
  parseSignedCheckpoint,
  type SignedCheckpoint,
  verifyCheckpoint,
} from '../../tlog/checkpoint.ts'
import { verifyCosignature } from '../../tlog/cosignature.ts'
import { parseSignatureLines } from '../../tlog/signed-note.ts'
import { parseVerifierKey, type VerifierKey } from '../../tlog/verifier-key.ts'
import { AuditOptionError } from './option-error.ts'

const utf8 = new TextEncoder()

/** What is wrong with a checkpoint as a note of one log, signed with one of its keys and by nobody else. */
export async function flawOfNote(
  note: string,
  {
    keys,
    size,
    rootHash,
    mayExtend = false,
  }: {
    readonly keys: readonly VerifierKey<'ed25519'>[]
    readonly size: bigint
    /** Absent: nobody here knows what it has to be. */
    readonly rootHash?: Uint8Array | undefined
    /** Logs of others may write extension lines (C2SP tlog-checkpoint); that of a node never does. */
    readonly mayExtend?: boolean
  },
): Promise<string | undefined> {
  const signed = parseSignedCheckpoint(utf8.encode(note))
  if ('malformed' in signed) return signed.malformed
  const { checkpoint } = signed
  if (checkpoint.size !== size) return `it is of ${checkpoint.size} entries`
  if (signed.note.signatures.some(({ name }) => name !== checkpoint.origin))
    return 'somebody else signed it as well'
  if (checkpoint.extensions.length > 0 && !mayExtend) return 'it says more than the log ever does'
  if (rootHash && !isSameOctets(checkpoint.rootHash, rootHash))
    return 'its root is not that of the entries'
  const verdict = await verifyCheckpoint(signed, keys)
  return verdict === 'valid' ? undefined : `the signature of the log is ${verdict}`
}

/** What is wrong with one more signature of the log under the text of a checkpoint. */
export async function flawOfLine(
  note: string,
  line: string,
  keysOf: (origin: string) => readonly VerifierKey<'ed25519'>[],
): Promise<string | undefined> {
  const signed = parseSignedCheckpoint(utf8.encode(note))
  if ('malformed' in signed) return signed.malformed
  const signatures = parseSignatureLines(line)
  if ('malformed' in signatures || signatures.length !== 1) return 'it is not one signature'
  const alone: SignedCheckpoint = { ...signed, note: { ...signed.note, signatures } }
  const verdict = await verifyCheckpoint(alone, keysOf(signed.checkpoint.origin))
  return verdict === 'valid' ? undefined : `the signature of the log is ${verdict}`
}

export type CosignatureFlaw =
  | { readonly flaw: string }
  /** Nobody here knows a key of that witness. */
  | { readonly unknown: string }

/** What is wrong with a stored cosignature under a checkpoint; undefined: nothing. */
export async function flawOfCosignature(
  note: string,
  row: {
    readonly witness: string
    readonly keyId: number
    readonly line: string
    readonly cosignedAt: string
  },
  keys: readonly VerifierKey<'cosignature/v1'>[],
): Promise<CosignatureFlaw | undefined> {
  const signed = parseSignedCheckpoint(utf8.encode(note))
  if ('malformed' in signed) return { flaw: signed.malformed }
  const signatures = parseSignatureLines(row.line)
  if ('malformed' in signatures || signatures.length !== 1 || signatures[0]!.name !== row.witness)
    return { flaw: 'its line is not one signature of the witness' }
  if (signatures[0]!.keyId !== row.keyId) return { flaw: 'it is of another key' }
  const key = keys.find(({ name, keyId }) => name === row.witness && keyId === row.keyId)
  if (!key) return { unknown: `no key ${row.witness} is known here` }
  const alone: SignedCheckpoint = { ...signed, note: { ...signed.note, signatures } }
  const verdict = await verifyCosignature(alone, key)
  if (typeof verdict === 'string') return { flaw: `it is ${verdict}` }
  if (formatInstant(verdict.at) !== row.cosignedAt)
    return { flaw: `it is of ${formatInstant(verdict.at)}, not of ${row.cosignedAt}` }
  return undefined
}

/** A key by which a further witness cosigns. @throws {AuditOptionError} it is none */
export function witnessKey(text: string): VerifierKey<'cosignature/v1'> {
  const key = parseVerifierKey(text, 'cosignature/v1')
  if ('malformed' in key)
    throw new AuditOptionError(`${text} is no key of a witness: ${key.malformed}`)
  return key
}
