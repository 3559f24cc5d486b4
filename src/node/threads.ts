import { Worker } from 'node:worker_threads'

/** One program in threads of its own. Each thread answers one question after another. */
export interface Threads<Question, Answer> {
  /** Asks the first thread that is free. Rejects when the thread fails, or does not answer in time. */
  ask(question: Question): Promise<Answer>
  close(): Promise<void>
}

/** What a thread says: that it is ready, and then an answer to each question. */
export type FromThread<Answer> = 'ready' | { readonly answer: Answer } | { readonly failed: string }

/** Plain JavaScript that loads a program in TypeScript, which Node 20 cannot read by itself. */
const BOOTSTRAP = `
  const { workerData: { program } } = require('node:worker_threads')
  const loads = process.features.typescript
    ? Promise.resolve()
    : import('tsx/esm/api').then(({ register }) => void register())
  loads.then(() => import(program))`

/** Documents are large and soon forgotten: with the usual room a seventh of the time goes to clearing it. */
const YOUNG_MB = 64

/** Runs a program in a thread of its own; `data` is its `workerData`. */
export function startThread(program: URL, data: object): Worker {
  return new Worker(BOOTSTRAP, {
    eval: true,
    workerData: { ...data, program: program.href },
    resourceLimits: { maxYoungGenerationSizeMb: YOUNG_MB },
  })
}

const RESTART_MS = 1_000

interface Asked<Question, Answer> {
  readonly question: Question
  resolve(answer: Answer): void
  reject(error: Error): void
}

/**
 * Starts the threads. One that ends, or has not answered within `limitMs`, is replaced by another; what
 * it was asked is refused, for the question may be what ended it. Where a thread cannot even start, so
 * is all that waits, and another is tried a second later.
 */
export function startThreads<Question, Answer>(
  program: URL,
  { count, limitMs, data }: { count: number; limitMs: number; data: object },
): Threads<Question, Answer> {
  const waiting: Asked<Question, Answer>[] = []
  const workers = new Set<Worker>()
  const idle: (() => void)[] = []
  let isClosed = false

  function start(): void {
    const worker = startThread(program, data)
    workers.add(worker)
    let asked: Asked<Question, Answer> | undefined
    let timer: NodeJS.Timeout | undefined
    let isReady = false
    let isEnded = false
    const next = () => {
      clearTimeout(timer)
      if (isEnded) return
      asked = waiting.shift()
      if (!asked) return void idle.push(next)
      timer = setTimeout(() => end(new Error(`No answer within ${limitMs} ms`)), limitMs)
      worker.postMessage(asked.question)
    }
    const end = (error: Error) => {
      if (isEnded) return
      isEnded = true
      clearTimeout(timer)
      workers.delete(worker)
      if (idle.includes(next)) idle.splice(idle.indexOf(next), 1)
      void worker.terminate()
      asked?.reject(error)
      if (isClosed) return
      if (isReady) return start()
      for (const { reject } of waiting.splice(0)) reject(error)
      setTimeout(() => isClosed || start(), RESTART_MS).unref()
    }
    worker.on('message', (message: FromThread<Answer>) => {
      const answered = asked
      isReady = true
      next()
      if (message === 'ready') return
      if ('failed' in message) answered?.reject(new Error(message.failed))
      else answered?.resolve(message.answer)
    })
    worker.on('error', (error) => end(error instanceof Error ? error : new Error(String(error))))
    worker.on('exit', (code) => end(new Error(`A thread ended with code ${code}`)))
  }

  for (let n = 0; n < count; n++) start()
  return {
    ask: (question) =>
      new Promise((resolve, reject) => {
        if (isClosed) return reject(new Error('The threads are closed'))
        waiting.push({ question, resolve, reject })
        idle.shift()?.()
      }),
    async close() {
      isClosed = true
      for (const { reject } of waiting.splice(0)) reject(new Error('The threads are closed'))
      await Promise.all([...workers].map((worker) => worker.terminate()))
    },
  }
}
