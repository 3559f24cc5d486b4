import type { VerifierKey } from '../../tlog/verifier-key.ts'
import { parseSignedCheckpoint } from '../../tlog/checkpoint.ts'
import type { ShownCheckpoint } from './audit-source.ts'
import type { CheckpointTimes } from './entry-times.ts'
import type { Report } from './finding.ts'
import type { TrustHistory } from './log-history.ts'
import { pagesOf, type ShownLog } from './shown-log.ts'
import { flawOfCosignature, flawOfLine, flawOfNote } from './signed-notes.ts'

type Keys = Pick<TrustHistory, 'keysAt' | 'logKeys'>
const INSTANT = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}Z$/
const utf8 = new TextEncoder()

/**
 * Every checkpoint that is shown, with the signatures and cosignatures under it, by the keys that the trust
 * lists of the log name for their times and `witnesses` beside them. `rootAt` knows the tree. The largest
 * size that another state has cosigned, or one of `witnesses`.
 */
export async function auditShownCheckpoints(
  log: Pick<ShownLog, 'checkpoints'>,
  known: {
    readonly state: string
    readonly history: Keys
    readonly witnesses: readonly VerifierKey<'cosignature/v1'>[]
    readonly size: number
    readonly times: CheckpointTimes
    rootAt(size: number): Uint8Array | undefined
  },
  report: Report,
): Promise<number> {
  const { state, history, size } = known
  let cosigned = 0
  for await (const shown of pagesOf(log.checkpoints, sizeOf)) {
    const of = sizeOf(shown)
    if (of > size) return cosigned
    const where = `checkpoint ${of}`
    const signedAt = instantOf(shown.signedAt)
    const keys = signedAt
      ? history.keysAt('ed25519', signedAt).filter((one) => one.state === state)
      : []
    if (signedAt) known.times.signed(of, signedAt)
    const rootHash = known.rootAt(of)
    const flaw = await flawOfNote(shown.note, {
      keys: keys.map(({ key }) => key),
      size: BigInt(of),
      ...(rootHash && { rootHash }),
    })
    if (flaw !== undefined) report('checkpoint-differs', where, flaw)
    for (const { keyId, line } of shown.signatures) {
      const flawHere = await flawOfLine(shown.note, line, (origin) =>
        history.logKeys(state, origin).filter((key) => key.keyId === keyId),
      )
      if (flawHere !== undefined) report('checkpoint-differs', `${where} key ${keyId}`, flawHere)
    }
    if (await auditCosignatures(shown, of, known, report)) cosigned = Math.max(cosigned, of)
  }
  return cosigned
}

/** Whether one of another state holds. */
async function auditCosignatures(
  { note, cosignatures }: ShownCheckpoint,
  size: number,
  {
    state: self,
    history,
    witnesses,
    times,
  }: {
    state: string
    history: Keys
    witnesses: readonly VerifierKey<'cosignature/v1'>[]
    times: CheckpointTimes
  },
  report: Report,
): Promise<boolean> {
  let isCosigned = false
  for (const cosignature of cosignatures) {
    const where = `cosignature ${size} ${cosignature.witness}`
    const at = instantOf(cosignature.cosignedAt)
    const listed = at
      ? history.keysAt('cosignature/v1', at).filter((one) => one.state === cosignature.state)
      : []
    const keys = [...listed.map(({ key }) => key), ...witnesses]
    const flaw = await flawOfCosignature(note, cosignature, keys)
    if (!flaw) {
      const { witness, keyId } = cosignature
      const isNamed = witnesses.some((key) => key.name === witness && key.keyId === keyId)
      const counts = isNamed || cosignature.state !== self
      if (at) times.cosigned({ size, witness, at, counts })
      isCosigned ||= counts
    } else if ('flaw' in flaw) report('cosignature-differs', where, flaw.flaw)
    else report('signature-undecided', where, flaw.unknown)
  }
  return isCosigned
}

/** A note that is none stands nowhere, and ends the reading. */
function sizeOf({ note }: ShownCheckpoint): number {
  const signed = parseSignedCheckpoint(utf8.encode(note))
  return 'malformed' in signed ? Number.NaN : Number(signed.checkpoint.size)
}

function instantOf(text: string): Date | undefined {
  return INSTANT.test(text) && !Number.isNaN(Date.parse(text)) ? new Date(text) : undefined
}
