import type { VerifierKey } from '../../tlog/verifier-key.ts'
import type { CheckpointTimes } from './entry-times.ts'
import type { Report } from './finding.ts'
import type { TrustHistory } from './log-history.ts'
import { flawOfCosignature } from './signed-notes.ts'

/** A cosignature as it is kept or shown, under the checkpoint of that size. */
export interface KeptCosignature {
  readonly size: number
  readonly note: string
  /** Whose trust list names the witness. */
  readonly state: string
  readonly witness: string
  readonly keyId: number
  readonly line: string
  readonly cosignedAt: string
  /** `cosignedAt` as an instant, if it is one. */
  readonly at: Date | undefined
}

export interface CosignatureContext {
  /** Whose log it is: what a state cosigns itself proves nothing of it. */
  readonly state: string
  readonly history: Pick<TrustHistory, 'keysAt'>
  /** Keys that the auditor names beside those of the trust lists. */
  readonly witnesses: readonly VerifierKey<'cosignature/v1'>[]
  readonly times: CheckpointTimes
}

/**
 * Judges a cosignature by the keys that the trust lists of the log name for its time, or the auditor.
 * Whether it holds and is of another state, or of a witness that the auditor names.
 */
export async function judgeCosignature(
  { note, at, ...cosignature }: KeptCosignature,
  { state: self, history, witnesses, times }: CosignatureContext,
  report: Report,
): Promise<boolean> {
  const { size, state, witness, keyId } = cosignature
  const where = `cosignature ${size} ${witness}`
  const listed = at ? history.keysAt('cosignature/v1', at).filter((one) => one.state === state) : []
  const keys = [...listed.map(({ key }) => key), ...witnesses]
  const flaw = await flawOfCosignature(note, cosignature, keys)
  if (flaw) {
    if ('flaw' in flaw) report('cosignature-differs', where, flaw.flaw)
    else report('signature-undecided', where, flaw.unknown)
    return false
  }
  const isNamed = witnesses.some((key) => key.name === witness && key.keyId === keyId)
  const counts = isNamed || state !== self
  if (at) times.cosigned({ size, witness, at, counts })
  return counts
}
