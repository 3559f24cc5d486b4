import type { BackgroundWork } from '../exchange/background-work.ts'
import { COVERED_AT_ONCE } from '../exchange/log/cover-rows.ts'

/** Between two passes that found something: one entry a table each, however much was read meanwhile. */
const SPACING_MS = 5_000

/** When what was read, told and proven is put into the log. */
export interface Covering {
  /** Asked every second: what comes after a while of nothing stands in the log at the next. */
  ifDue(): Promise<void>
  /** For a node that ends: whoever copies its file finds every record behind a signed entry. */
  atTheEnd(): Promise<void>
}

export function covering(work: Pick<BackgroundWork, 'coverRecords' | 'checkpoint'>): Covering {
  let dueAt = -Infinity
  return {
    async ifDue() {
      if (performance.now() < dueAt) return
      dueAt = performance.now() + SPACING_MS
      if ((await work.coverRecords()) === 0) dueAt = -Infinity
    },
    async atTheEnd() {
      try {
        // What another process on this database writes meanwhile is for that one to cover.
        while ((await work.coverRecords()) >= COVERED_AT_ONCE);
      } finally {
        await work.checkpoint()
      }
    },
  }
}
