import { parentPort } from 'node:worker_threads'
import type { Calls } from './worker-client.ts'

interface Request {
  readonly call: string
  readonly input: never
}

/** Serves a `WorkerClient` from the thread that it started. Call it when every module is loaded. */
export function answerCalls(calls: Calls): void {
  const answer = async ({ call, input }: Request) => {
    try {
      parentPort!.postMessage({ value: await calls[call]!(input) })
    } catch (error) {
      // The vectors' rule: a throw is a failure, also where rejection is expected.
      parentPort!.postMessage({ thrown: String(error) })
    }
  }
  parentPort!.on('message', (request: Request) => void answer(request))
  parentPort!.postMessage('ready')
}
