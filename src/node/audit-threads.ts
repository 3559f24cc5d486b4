import { setImmediate } from 'node:timers/promises'
import type { Worker } from 'node:worker_threads'
import type { AuditFinding } from '../exchange/audit/finding.ts'
import type { AuditedTree, AuditParts } from '../storage/audit/audit-parts.ts'
import type { StretchAnswer, StretchReader } from '../storage/audit/read-stretch.ts'
import type { AuditQuestion, AuditThreadData, FromAuditThread } from './audit-thread.ts'
import { startThread } from './threads.ts'

/** Threads that do parts of the audit of a database file, each with the file open for itself. */
export interface AuditThreads {
  pages(): Promise<readonly AuditFinding[]>
  /**
   * Leaves the tree to the threads and shares the stretches of the log with them. Rejects when a thread
   * ended before it answered.
   */
  beside(here: Pick<AuditParts, 'stretch'>): AuditParts
  close(): Promise<void>
}

const PROGRAM = new URL('./audit-thread.ts', import.meta.url)

/** Stretches that a thread has: while this one is busy, the next one lies ready there. */
const IN_HAND = 2

export function auditThreads(count: number, data: AuditThreadData): AuditThreads {
  const waiting: Waiting = { long: [], stretches: [] }
  const threads = Array.from({ length: count }, () => threadOf(data, waiting))

  function ask<Answer>(question: AuditQuestion, queue: Asked[]): Promise<Answer> {
    return new Promise((resolve, reject) => {
      queue.push({ question, resolve: (answer) => resolve(answer as Answer), reject })
      for (const { give } of threads) give()
    })
  }
  return {
    pages: () => ask({ part: 'pages' }, waiting.long),
    beside: (here) => ({
      tree: (sizes) => ask<AuditedTree>({ part: 'tree', sizes }, waiting.long),
      stretch: sharedReader(here.stretch, waiting, (stretch) =>
        ask({ part: 'stretch', stretch }, waiting.stretches),
      ),
    }),
    async close() {
      await Promise.all(threads.map(({ worker }) => worker.terminate()))
    },
  }
}

/** Reads here what waits for no thread. */
function sharedReader(
  here: StretchReader,
  { stretches }: Waiting,
  ask: StretchReader,
): StretchReader {
  let isReading = false
  async function readHere(): Promise<void> {
    if (isReading) return
    isReading = true
    // What the threads have to say comes first.
    while ((await setImmediate(), stretches.length > 0)) {
      const { question, resolve, reject } = stretches.shift()!
      if (question.part === 'stretch') await here(question.stretch).then(resolve, reject)
    }
    isReading = false
  }
  return (question) => {
    const answer: Promise<StretchAnswer> = ask(question)
    void readHere()
    return answer
  }
}

interface Asked {
  readonly question: AuditQuestion
  readonly resolve: (answer: unknown) => void
  readonly reject: (error: Error) => void
}

/** What no thread has begun: parts that take long come first, each to a thread with nothing in hand. */
interface Waiting {
  readonly long: Asked[]
  readonly stretches: Asked[]
}

/** A thread, and how to give it what waits; what it had in hand when it ended is refused. */
function threadOf(data: AuditThreadData, waiting: Waiting): { worker: Worker; give: () => void } {
  const worker = startThread(PROGRAM, data)
  const inHand: Asked[] = []
  // What is given to one that is not ready yet would be done sooner by others.
  let isReady = false
  let ended: Error | undefined
  function next(): Asked | undefined {
    if (inHand.length === 0 && waiting.long.length > 0) return waiting.long.shift()
    const isBusy = inHand.some(({ question }) => question.part !== 'stretch')
    return isBusy || inHand.length === IN_HAND ? undefined : waiting.stretches.shift()
  }
  const give = (): void => {
    if (ended) for (const { reject } of waiting.long.splice(0)) reject(ended)
    for (let asked = isReady ? next() : undefined; asked; asked = next()) {
      inHand.push(asked)
      worker.postMessage(asked.question)
    }
  }
  const end = (error: Error): void => {
    isReady = false
    ended = error
    for (const { reject } of inHand.splice(0)) reject(error)
    give()
  }
  worker.on('message', (said: FromAuditThread) => {
    if (said === 'ready') isReady = true
    const asked = said === 'ready' ? undefined : inHand.shift()
    give()
    if (said !== 'ready') asked!.resolve(said.answer)
  })
  worker.on('error', (error) => end(error instanceof Error ? error : new Error(String(error))))
  worker.on('exit', (code) => end(new Error(`A thread of the audit ended with code ${code}`)))
  return { worker, give }
}
