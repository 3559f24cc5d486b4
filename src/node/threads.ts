import { Worker } from 'node:worker_threads'

/** One program in threads of its own. Each thread answers one question after another. */
export interface Threads<Question, Answer> {
  /** Asks the first thread that is free. Rejects when the thread fails, or does not answer in time. */
  ask(question: Question): Promise<Answer>
  /** One answer to each question, in order; when one fails, those not yet asked are not asked any more. */
  askAll(questions: readonly Question[]): Promise<readonly Answer[]>
  close(): Promise<void>
}

/** What a thread says: that it is ready, and then an answer to each question. */
export type FromThread<Answer> = 'ready' | Said<Answer>
type Said<Answer> = { readonly answer: Answer } | { readonly failed: string }

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

/** Questions that were asked together; calls take turns, so that a long one does not hold up a short one. */
interface Call<Question, Answer> {
  readonly questions: readonly Question[]
  readonly answers: Answer[]
  /** How many were given to a thread, and how many answered. */
  given: number
  answered: number
  resolve(answers: readonly Answer[]): void
  reject(error: Error): void
}

interface Asked<Question, Answer> {
  readonly call: Call<Question, Answer>
  readonly index: number
}

/**
 * Starts the threads. One that ends, or has not answered within `limitMs`, is replaced by another; what
 * it was asked is refused, for the question may be what ended it. Where none is left, so is all that
 * waits; one that cannot even start is tried again a second later. `ended` is told why a thread ended.
 */
export function startThreads<Question, Answer>(
  program: URL,
  {
    count,
    limitMs,
    data,
    ended,
  }: { count: number; limitMs: number; data: object; ended: (reason: Error) => void },
): Threads<Question, Answer> {
  let waiting: Call<Question, Answer>[] = []
  const workers = new Set<Worker>()
  const idle: (() => void)[] = []
  let isClosed = false

  function nextQuestion(): Asked<Question, Answer> | undefined {
    const call = waiting.shift()
    if (!call) return undefined
    const index = call.given++
    if (call.given < call.questions.length) waiting.push(call)
    return { call, index }
  }

  function take({ call, index }: Asked<Question, Answer>, said: Said<Answer>): void {
    if ('failed' in said) return fail(call, new Error(said.failed))
    call.answers[index] = said.answer
    if (++call.answered === call.questions.length) call.resolve(call.answers)
  }

  function fail(call: Call<Question, Answer>, error: Error): void {
    waiting = waiting.filter((other) => other !== call)
    call.reject(error)
  }

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
      asked = nextQuestion()
      if (!asked) return void idle.push(next)
      timer = setTimeout(() => end(new Error(`No answer within ${limitMs} ms`)), limitMs)
      worker.postMessage(asked.call.questions[asked.index])
    }
    const end = (error: Error) => {
      if (isEnded) return
      isEnded = true
      clearTimeout(timer)
      workers.delete(worker)
      if (idle.includes(next)) idle.splice(idle.indexOf(next), 1)
      void worker.terminate()
      if (asked) fail(asked.call, error)
      if (isClosed) return
      ended(error)
      if (isReady) return start()
      if (workers.size === 0) for (const call of waiting.splice(0)) call.reject(error)
      setTimeout(() => isClosed || start(), RESTART_MS).unref()
    }
    worker.on('message', (message: FromThread<Answer>) => {
      isReady = true
      if (asked && message !== 'ready') take(asked, message)
      next()
    })
    worker.on('error', (error) => end(error instanceof Error ? error : new Error(String(error))))
    worker.on('exit', (code) => end(new Error(`A thread ended with code ${code}`)))
  }

  const askAll = (questions: readonly Question[]) =>
    new Promise<readonly Answer[]>((resolve, reject) => {
      if (isClosed) return reject(new Error('The threads are closed'))
      if (questions.length === 0) return resolve([])
      waiting.push({ questions, answers: [], given: 0, answered: 0, resolve, reject })
      for (const next of idle.splice(0, questions.length)) next()
    })
  for (let n = 0; n < count; n++) start()
  return {
    askAll,
    ask: async (question) => (await askAll([question]))[0]!,
    async close() {
      isClosed = true
      for (const { reject } of waiting.splice(0)) reject(new Error('The threads are closed'))
      await Promise.all([...workers].map((worker) => worker.terminate()))
    },
  }
}
