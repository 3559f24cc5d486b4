import { parseSignedCheckpoint } from '../../tlog/checkpoint.ts'
import type { ShownCheckpoint } from './audit-source.ts'
import type { Report } from './finding.ts'
import { type CosignatureContext, judgeCosignature } from './judge-cosignature.ts'
import type { TrustHistory } from './log-history.ts'
import { pagesOf, type ShownLog } from './shown-log.ts'
import { flawOfLine, flawOfNote } from './signed-notes.ts'

const INSTANT = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}Z$/
const utf8 = new TextEncoder()

/**
 * Every checkpoint that is shown, with the signatures and cosignatures under it, by the keys that the trust
 * lists of the log name for their times and `witnesses` beside them. `rootAt` knows the tree. The largest
 * size that another state has cosigned, or one of `witnesses`.
 */
export async function auditShownCheckpoints(
  log: Pick<ShownLog, 'checkpoints'>,
  known: CosignatureContext & {
    readonly history: Pick<TrustHistory, 'logKeys'>
    readonly size: number
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
    for (const one of shown.cosignatures) {
      const at = instantOf(one.cosignedAt)
      const kept = { ...one, size: of, note: shown.note, at }
      if (await judgeCosignature(kept, known, report)) cosigned = Math.max(cosigned, of)
    }
  }
  return cosigned
}

/** A note that is none stands nowhere, and ends the reading. */
function sizeOf({ note }: ShownCheckpoint): number {
  const signed = parseSignedCheckpoint(utf8.encode(note))
  return 'malformed' in signed ? Number.NaN : Number(signed.checkpoint.size)
}

function instantOf(text: string): Date | undefined {
  return INSTANT.test(text) && !Number.isNaN(Date.parse(text)) ? new Date(text) : undefined
}
