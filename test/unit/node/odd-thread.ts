import { writeFileSync } from 'node:fs'
import { parentPort, workerData } from 'node:worker_threads'
import type { FromThread } from '../../../src/node/threads.ts'

// A program that does what it is asked to, also what no program should.

const { name, marker } = workerData as { name: string; marker?: string }
if (name === 'unable') throw new Error('unable to start')
// Of all threads with one marker the first alone starts.
if (marker !== undefined) writeFileSync(marker, '', { flag: 'wx' })
const tell = (message: FromThread<string>) => parentPort!.postMessage(message)
parentPort!.on('message', (question: string) => {
  if (question === 'hang') for (;;);
  if (question === 'exit') process.exit(7)
  if (question === 'throw') throw new Error('thrown outside of any answer')
  if (question === 'fail') return tell({ failed: 'no answer to this' })
  tell({ answer: `${name}: ${question}` })
})
tell('ready')
