import type { SignedCheckpoint } from '../../tlog/checkpoint.ts'
import { formatSignedNote } from '../../tlog/signed-note.ts'
import { parseVerifierKey, type SignatureType, type VerifierKey } from '../../tlog/verifier-key.ts'
import type { CountedLog } from '../../trust/additions.ts'
import { keyObstacle, type TrustView } from '../../trust/trust-view.ts'

/** A key of a log or witness, and the state whose trust list names it. */
export interface ListedKey<T extends SignatureType> {
  readonly state: string
  readonly key: VerifierKey<T>
  /** What the list says of it. */
  readonly listed: CountedLog
}

/**
 * The keys of one type that trust lists name and that count here at an instant: logs have keys of type
 * 0x01, witnesses of type 0x04, both among `logs` (see docs/decisions/0031-log.md).
 */
export function listedKeys<T extends SignatureType>(
  view: Pick<TrustView, 'logs' | 'states'>,
  type: T,
  at: Date,
): ListedKey<T>[] {
  return view.states().flatMap((state) =>
    view.logs(state).flatMap((listed) => {
      if (keyObstacle(listed, at) !== undefined) return []
      const key = parseVerifierKey(listed.key, type)
      return 'malformed' in key || key.name !== listed.origin ? [] : [{ state, key, listed }]
    }),
  )
}

/**
 * The note with one signature of each of these keys: those that were verified. What else stands under it
 * anybody could have added.
 */
export function noteSignedBy(
  { note }: SignedCheckpoint,
  keys: readonly VerifierKey<'ed25519'>[],
): string {
  const signatures = keys.flatMap((key) => {
    const own = note.signatures.find(({ name, keyId }) => name === key.name && keyId === key.keyId)
    return own ? [own] : []
  })
  return formatSignedNote({ text: note.text, signatures })
}
