import { advanced, type SignatureProgress } from '../../exchange/audit/signatures.ts'
import type { ReadEntry } from '../read-entries.ts'
import { EVERYWHERE, type Stretch } from './compare-certificates.ts'
import type { StretchAnswer, StretchReader } from './read-stretch.ts'

/** Entries after which an audit may be taken up again: whole stretches, some tenths of a second of work. */
export const SAVED_EVERY = 512

/** Entries that are read at once. */
const STRETCH = 128
/** Stretches asked for beyond the one that is waited for: a reader that is done never waits itself. */
const AHEAD = 20

export interface LogWalk {
  /** Entries as they are counted, whatever numbers they bear. */
  readonly size: number
  readonly read: StretchReader
  readonly start: SignatureProgress
  readonly save: (done: SignatureProgress) => Promise<void>
  readonly progress: (done: number) => void
}

/** A log as it was read, for whoever goes on with it; the rest is whole when `entries` has ended. */
export interface WalkedLog {
  readonly entries: AsyncIterable<ReadEntry>
  signatures(): SignatureProgress
  /** What the tables of certificates and search terms say otherwise. */
  differences(): readonly string[]
}

/** Reads the whole log; signatures from `start` on are judged. */
export function walkLog({ size, read, start, save, progress }: LogWalk): WalkedLog {
  let signatures = start
  const differences: string[] = []

  async function* entries(): AsyncGenerator<ReadEntry> {
    const waiting: Promise<StretchAnswer>[] = []
    const count = Math.max(1, Math.ceil(size / STRETCH))
    let asked = 0
    for (let n = 0; n < count; n++) {
      while (asked < count && asked <= n + AHEAD)
        waiting.push(unhurried(read({ ...placesOf(asked++, count), judgeFrom: start.next })))
      const answer = await waiting.shift()!
      const end = Math.min((n + 1) * STRETCH, size)
      const { judged, signatures: findings, untold } = answer
      signatures = advanced(signatures, Math.max(end, start.next), { judged, findings, untold })
      differences.push(...answer.differences)
      yield* answer.entries
      progress(end)
      if (end % SAVED_EVERY === 0 && end > start.next) await save(signatures)
    }
  }
  return { entries: entries(), signatures: () => signatures, differences: () => differences }
}

/** The first and the last reach as far as numbers do: wherever a row was moved to, it is read. */
function placesOf(n: number, count: number): Stretch {
  return {
    from: n === 0 ? EVERYWHERE.from : n * STRETCH,
    to: n === count - 1 ? EVERYWHERE.to : (n + 1) * STRETCH,
  }
}

/** Its failure is told to whoever waits for it, not before. */
function unhurried<T>(promise: Promise<T>): Promise<T> {
  promise.catch(() => undefined)
  return promise
}
