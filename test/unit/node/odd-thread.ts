import { parentPort, workerData } from 'node:worker_threads'
import type { FromThread } from '../../../src/node/threads.ts'

// A program that does what it is asked to, also what no program should.

if ((workerData as { name: string }).name === 'unable') throw new Error('unable to start')
const tell = (message: FromThread<string>) => parentPort!.postMessage(message)
parentPort!.on('message', (question: string) => {
  if (question === 'hang') for (;;);
  if (question === 'exit') process.exit(7)
  if (question === 'throw') throw new Error('thrown outside of any answer')
  if (question === 'fail') return tell({ failed: 'no answer to this' })
  tell({ answer: `${(workerData as { name: string }).name}: ${question}` })
})
tell('ready')
