import { parentPort } from 'node:worker_threads'
import { crlStatus, verifyPath, verifyRaw } from './adapter.ts'

const calls = { crlStatus, verifyPath, verifyRaw }
export type Calls = typeof calls

// Tells the client that every module is loaded.
parentPort!.postMessage('ready')

parentPort!.on('message', async ({ call, input }: { call: keyof Calls; input: never }) => {
  try {
    parentPort!.postMessage({ value: await calls[call](input) })
  } catch (error) {
    // The vectors' rule: a throw is a failure, also where rejection is expected.
    parentPort!.postMessage({ thrown: String(error) })
  }
})
