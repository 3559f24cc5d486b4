import { setImmediate } from 'node:timers/promises'
import type { Worker } from 'node:worker_threads'
import type {
  StretchAnswer,
  StretchQuestion,
  StretchReader,
} from '../storage/audit/read-stretch.ts'
import type { AuditThreadData } from './audit-thread.ts'
import { startThread } from './threads.ts'

/** Threads that read the log of a database file, each for itself. */
export interface AuditThreads {
  /** A reader that shares its work with the threads. Rejects when one ended before it answered. */
  beside(here: StretchReader): StretchReader
  close(): Promise<void>
}

const PROGRAM = new URL('./audit-thread.ts', import.meta.url)

/** Stretches that a thread has: while this one is busy, the next one lies ready there. */
const IN_HAND = 2

export function auditThreads(count: number, data: AuditThreadData): AuditThreads {
  const waiting: Asked[] = []
  const threads = Array.from({ length: count }, () => threadOf(data, waiting))
  return {
    beside(here) {
      let isReading = false
      async function readHere(): Promise<void> {
        if (isReading) return
        isReading = true
        // What the threads have to say comes first.
        while ((await setImmediate(), waiting.length > 0)) {
          const { question, resolve, reject } = waiting.shift()!
          await here(question).then(resolve, reject)
        }
        isReading = false
      }
      return (question) =>
        new Promise((resolve, reject) => {
          waiting.push({ question, resolve, reject })
          for (const { give } of threads) give()
          if (waiting.length > 0) void readHere()
        })
    },
    async close() {
      await Promise.all(threads.map(({ worker }) => worker.terminate()))
    },
  }
}

interface Asked {
  readonly question: StretchQuestion
  readonly resolve: (answer: StretchAnswer) => void
  readonly reject: (error: Error) => void
}

/** A thread, and how to give it what waits; what it had in hand when it ended is refused. */
function threadOf(data: AuditThreadData, waiting: Asked[]): { worker: Worker; give: () => void } {
  const worker = startThread(PROGRAM, data)
  const inHand: Asked[] = []
  let hasEnded = false
  const give = (): void => {
    while (!hasEnded && inHand.length < IN_HAND && waiting.length > 0) {
      const asked = waiting.shift()!
      inHand.push(asked)
      worker.postMessage(asked.question)
    }
  }
  const end = (error: Error): void => {
    hasEnded = true
    for (const { reject } of inHand.splice(0)) reject(error)
  }
  worker.on('message', (answer: StretchAnswer) => {
    const { resolve } = inHand.shift()!
    give()
    resolve(answer)
  })
  worker.on('error', (error) => end(error instanceof Error ? error : new Error(String(error))))
  worker.on('exit', (code) => end(new Error(`A thread of the audit ended with code ${code}`)))
  return { worker, give }
}
