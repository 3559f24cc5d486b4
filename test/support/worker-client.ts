import { Worker } from 'node:worker_threads'

/** What a thread can be asked to do; `answerCalls` does it. Input and answer are plain data. */
export type Calls = Readonly<Record<string, (input: never) => unknown>>

type Reply<T> = { readonly value: T } | { readonly thrown: string }

/** Runs one call after the other in a worker thread; whoever does not answer in time is ended. */
export interface WorkerClient<C extends Calls> {
  /** @throws when the call threw, or hung beyond its limit */
  call<K extends keyof C>(call: K, input: Input<C, K>, limitMs: number): Promise<Output<C, K>>
  close(): Promise<void>
}

type Input<C extends Calls, K extends keyof C> = Parameters<C[K]>[0]
type Output<C extends Calls, K extends keyof C> = Awaited<ReturnType<C[K]>>

/** @param module that runs `answerCalls`; what stands behind its question mark is for itself */
export function startWorker<C extends Calls>(module: URL): WorkerClient<C> {
  let worker: Worker | undefined
  return {
    async call<K extends keyof C>(
      call: K,
      input: Input<C, K>,
      limitMs: number,
    ): Promise<Output<C, K>> {
      worker ??= await readyWorker(module)
      const running = worker
      const reply = await new Promise<Reply<Output<C, K>>>((resolve) => {
        const settle = (settled: Reply<Output<C, K>>) => {
          clearTimeout(timer)
          running.off('exit', crashed).off('message', settle)
          resolve(settled)
        }
        const timer = setTimeout(() => {
          worker = undefined
          settle({ thrown: `HANG: no answer within ${limitMs} ms` })
          void running.terminate()
        }, limitMs)
        const crashed = (code: number) => {
          worker = undefined
          settle({ thrown: `the thread ended with ${code}` })
        }
        running.once('exit', crashed).once('message', settle)
        running.postMessage({ call, input })
      })
      if ('thrown' in reply) throw new Error(reply.thrown)
      return reply.value
    },
    async close() {
      await worker?.terminate()
    },
  }
}

/** Plain JavaScript that lets a thread load TypeScript, for Node 20 cannot by itself. */
const BOOTSTRAP = `
  const { workerData } = require('node:worker_threads')
  import('tsx/esm/api').then(({ register }) => {
    register()
    return import(workerData)
  })`

/** A worker that has loaded its modules: loading must not count against the first call's limit. */
async function readyWorker({ href: workerData }: URL): Promise<Worker> {
  const worker = new Worker(BOOTSTRAP, { eval: true, workerData, execArgv: ['--no-warnings'] })
  await new Promise<void>((resolve, reject) => {
    worker.once('message', () => resolve())
    worker.once('error', reject)
  })
  return worker
}
