import type { StoredTrust } from './log-history.ts'

/** What the acts of a node say of the additions of its trust lists that were to wait. */
export interface DelayActs {
  /** An act that stands behind this entry of the log, as it was hashed. */
  take(idx: number, text: string): void
  /**
   * Whether only a restore says that what the list of this entry adds was to wait: no act does. Those that a
   * first contact took at once have none, and of the others it may be lost.
   */
  isGuessed(idx: number, sha256: string): boolean
}

/** @param accepted the versions that the node has accepted, with the delays that it shows */
export function delayActs(accepted: StoredTrust['accepted']): DelayActs {
  const guessed = new Set(
    accepted.flatMap(({ sha256, additionsFrom }) => (additionsFrom === undefined ? [] : [sha256])),
  )
  let restored = -1
  return {
    take(idx, text) {
      if (!/"(?:restored|additions-delayed)"/.test(text)) return
      const { act, detail } = readAct(text)
      if (act === 'restored') restored = idx
      if (act === 'additions-delayed') guessed.delete(String(detail).split(';', 1)[0]!)
    },
    isGuessed: (idx, sha256) => idx < restored && guessed.has(sha256),
  }
}

function readAct(text: string): Record<string, unknown> {
  try {
    return JSON.parse(text) as Record<string, unknown>
  } catch {
    return {}
  }
}
