import { sha256Sync } from '../crypto/suite.ts'
import { formatInstant } from '../encoding/time.ts'
import { appendLeaves, type SubtreeHash } from '../tlog/frontier.ts'
import { encodeLeaf, type EntryKind } from '../tlog/leaf.ts'
import { textLeafHash } from '../tlog/merkle.ts'
import type { Effect } from './effect.ts'

/** How far the log and the sequence of every recipient have come. */
export interface Head {
  readonly size: number
  readonly lastSeq: Readonly<Record<string, number>>
  /** The right edge of the Merkle tree over the leaves: its complete subtrees, largest first. */
  readonly edge: readonly Uint8Array[]
}

/** A document, or an administrative record, on its way into the log, with what it changes. */
export interface NewEntry {
  readonly kind: EntryKind
  readonly sha256: string
  /** None: of an administrative record only the digest stands in the log. */
  readonly jws?: string
  readonly to: readonly string[]
  readonly effects: readonly Effect[]
}

export interface NumberedEntry extends NewEntry {
  readonly idx: number
  readonly seq: Readonly<Record<string, number>>
  readonly at: string
  readonly leaf: string
}

/** Writes that must stand or fall together: entries of the log, and effects that belong to no entry. */
export interface NewStep {
  readonly entries: readonly NewEntry[]
  readonly effects?: readonly Effect[]
}

/** Entries in their places behind a head, and the head behind them. */
export interface Numbered {
  readonly entries: readonly NumberedEntry[]
  readonly head: Head
  /** Subtrees of the Merkle tree that they complete, leaves among them. */
  readonly completed: readonly SubtreeHash[]
}

export interface Journal {
  head(): Promise<Head>
  /**
   * Appends at `expectedHead`, all or nothing, durable before it returns. The entry index is the
   * compare-and-swap. `head-moved`: another writer was first; number again from a fresh head.
   * `duplicate`: the head stands, but a document, an identity or the n-th change of a certificate is
   * already there.
   */
  append(
    step: Numbered & { readonly effects: readonly Effect[]; readonly expectedHead: Head },
  ): Promise<'appended' | 'head-moved' | 'duplicate'>
}

/** Gives entries their places behind `head`; pure, so that a lost race only repeats arithmetic. */
export function numberEntries(head: Head, entries: readonly NewEntry[], now: Date): Numbered {
  const lastSeq: Record<string, number> = { ...head.lastSeq }
  const at = formatInstant(now)
  const numbered = entries.map((entry, i) => {
    const seq: Record<string, number> = {}
    for (const state of entry.to) {
      seq[state] = (lastSeq[state] ?? 0) + 1
      lastSeq[state] = seq[state]
    }
    const leaf = encodeLeaf({ kind: entry.kind, sha256: entry.sha256, to: seq, at })
    return { ...entry, idx: head.size + i, seq, at, leaf }
  })
  const { frontier, completed } = appendLeaves(
    sha256Sync,
    { size: BigInt(head.size), hashes: head.edge },
    numbered.map(({ leaf }) => textLeafHash(sha256Sync, leaf)),
  )
  const size = head.size + entries.length
  return { entries: numbered, head: { size, lastSeq, edge: frontier.hashes }, completed }
}

/** Appends one step; the instant at which it stands in the log, or that something of it already does. */
export type Append = (step: NewStep) => Promise<{ at: string } | 'duplicate'>

/** A lost race is another writer's success: so many would have to be served before this one. */
const MAX_RACES = 1000
/** The same of those who change one and the same thing. */
const MAX_RIVALS = 50

/** Judges and appends anew while others come first; whoever loses so often meets a fault, not rivals. */
export async function untilWon<T>(attempt: () => Promise<T | 'lost-race'>): Promise<T> {
  for (let race = 0; race < MAX_RIVALS; race++) {
    const outcome = await attempt()
    if (outcome !== 'lost-race') return outcome
  }
  throw new Error(`Others were first ${MAX_RIVALS} times in a row`)
}

/** An `Append` that writes each step by itself and numbers again when another writer was first. */
export function appendOneByOne(journal: Journal, now: () => Date): Append {
  return async ({ entries, effects = [] }) => {
    for (let race = 0; race < MAX_RACES; race++) {
      const head = await journal.head()
      const numbered = numberEntries(head, entries, now())
      const result = await journal.append({ ...numbered, effects, expectedHead: head })
      if (result === 'appended') return { at: numbered.entries[0]?.at ?? formatInstant(now()) }
      if (result === 'duplicate') return 'duplicate'
    }
    throw new Error(`The head of the log moved ${MAX_RACES} times in a row`)
  }
}
