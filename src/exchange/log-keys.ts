import { formatInstant } from '../encoding/time.ts'
import { parseVerifierKey, type SignatureType, type VerifierKey } from '../tlog/verifier-key.ts'
import type { TrustView } from '../trust/trust-view.ts'

/** A key of a log or witness, and the state whose trust list names it. */
export interface ListedKey<T extends SignatureType> {
  readonly state: string
  readonly key: VerifierKey<T>
}

/**
 * The keys of one type that trust lists name at an instant: logs have keys of type 0x01, witnesses of type
 * 0x04, both among `logs` (see docs/decisions/0031-log.md).
 */
export function listedKeys<T extends SignatureType>(
  view: Pick<TrustView, 'list' | 'states'>,
  type: T,
  at: Date,
): ListedKey<T>[] {
  const instant = formatInstant(at)
  return view.states().flatMap((state) =>
    view.list(state)!.logs.flatMap(({ origin, key, from, until }) => {
      if (instant < from || (until !== undefined && instant > until)) return []
      const parsed = parseVerifierKey(key, type)
      return 'malformed' in parsed || parsed.name !== origin ? [] : [{ state, key: parsed }]
    }),
  )
}
