import { Worker } from 'node:worker_threads'
import type { Calls } from './worker.ts'

type Reply<T> = { readonly value: T } | { readonly thrown: string }

/** Runs one call after the other in a worker thread; whoever does not answer in time is ended. */
export interface WorkerClient {
  /** @throws when the call threw, or hung beyond its limit */
  call<K extends keyof Calls>(call: K, input: Input<K>, limitMs: number): Promise<Output<K>>
  close(): Promise<void>
}

type Input<K extends keyof Calls> = Parameters<Calls[K]>[0]
type Output<K extends keyof Calls> = Awaited<ReturnType<Calls[K]>>

/** `native`: with what Node computes itself, as a node does; otherwise with WebCrypto alone, as on Workers. */
export function startWorker(computing: 'native' | 'webcrypto' = 'native'): WorkerClient {
  let worker: Worker | undefined
  return {
    async call<K extends keyof Calls>(
      call: K,
      input: Input<K>,
      limitMs: number,
    ): Promise<Output<K>> {
      worker ??= await readyWorker(computing)
      const running = worker
      const reply = await new Promise<Reply<Output<K>>>((resolve) => {
        const timer = setTimeout(() => {
          worker = undefined
          void running.terminate()
          resolve({ thrown: `HANG: no answer within ${limitMs} ms` })
        }, limitMs)
        running.once('message', (message) => {
          clearTimeout(timer)
          resolve(message)
        })
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
async function readyWorker(computing: string): Promise<Worker> {
  const workerData = new URL(`./worker.ts?${computing}`, import.meta.url).href
  const worker = new Worker(BOOTSTRAP, { eval: true, workerData, execArgv: ['--no-warnings'] })
  await new Promise<void>((resolve, reject) => {
    worker.once('message', () => resolve())
    worker.once('error', reject)
  })
  return worker
}
