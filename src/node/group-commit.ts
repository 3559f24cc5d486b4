import { formatInstant } from '../encoding/time.ts'
import {
  type Append,
  appendOneByOne,
  type Head,
  type Journal,
  type NewStep,
  numberEntries,
} from '../exchange/journal.ts'

interface Waiting {
  readonly step: NewStep
  resolve(result: Awaited<ReturnType<Append>>): void
  reject(error: unknown): void
}

/** Entries written in one transaction at most; beyond it a transaction gains nothing. */
const MAX_ENTRIES = 256

/**
 * An `Append` that writes the steps of all requests in flight in one transaction (see
 * docs/decisions/0004-group-commit.md). A step that collides is tried again by itself, so that it cannot
 * take others down with it.
 */
export function groupCommit(journal: Journal, now: () => Date): Append {
  const alone = appendOneByOne(journal, now)
  let queue: Waiting[] = []
  let head: Head | undefined
  let running = false

  async function run(): Promise<void> {
    running = true
    try {
      while (queue.length > 0) {
        const batch = take()
        await write(batch)
      }
    } finally {
      running = false
    }
  }

  function take(): Waiting[] {
    let entries = 0
    let n = 0
    while (n < queue.length && (n === 0 || entries + queue[n]!.step.entries.length <= MAX_ENTRIES))
      entries += queue[n++]!.step.entries.length
    const batch = queue.slice(0, n)
    queue = queue.slice(n)
    return batch
  }

  async function write(batch: readonly Waiting[]): Promise<void> {
    try {
      head ??= await journal.head()
      const at = now()
      const numbered = numberEntries(
        head,
        batch.flatMap(({ step }) => step.entries),
        at,
      )
      const result = await journal.append({
        ...numbered,
        effects: batch.flatMap(({ step }) => step.effects ?? []),
        expectedHead: head,
      })
      if (result === 'appended') {
        head = numbered.head
        for (const { resolve } of batch) resolve({ at: formatInstant(at) })
        return
      }
    } catch (error) {
      head = undefined
      if (batch.length === 1) {
        batch[0]!.reject(error)
        return
      }
    }
    // Something collided or broke: each step by itself, in order, so that only the guilty one fails.
    head = undefined
    for (const { step, resolve, reject } of batch) await alone(step).then(resolve, reject)
  }

  return (step) =>
    new Promise((resolve, reject) => {
      queue.push({ step, resolve, reject })
      if (!running) {
        running = true
        setImmediate(() => void run())
      }
    })
}
