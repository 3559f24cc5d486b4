import { createReadStream } from 'node:fs'
import { open, stat, truncate } from 'node:fs/promises'
import { createInterface } from 'node:readline'
import type { ShownDocument } from '../exchange/audit/shown-log.ts'
import { CliError } from './cli-error.ts'

/** Documents that an audit of a node has fetched: after an interruption it asks for the rest. */
export interface FetchedDocuments {
  /** In the order in which they were kept. */
  kept(): AsyncIterable<ShownDocument>
  keep(documents: readonly ShownDocument[]): Promise<void>
}

/** Nothing is kept. */
export const NOTHING_FETCHED: FetchedDocuments = {
  async *kept() {},
  keep: () => Promise.resolve(),
}

/**
 * Keeps them in a file, one a line behind its place in the log. Nothing in it is believed: what is read
 * from it is compared with the log like what a node sends.
 *
 * @throws {CliError} it is the file of something else
 */
export async function fetchedDocumentsFile(file: string, node: string): Promise<FetchedDocuments> {
  const head = `certex-audit/1 ${node}`
  await prepare(file, head)
  return {
    async *kept() {
      let isHead = true
      for await (const line of linesOf(file)) {
        if (!isHead) {
          const [idx, jws = ''] = line.split(' ')
          yield { idx: Number(idx), jws }
        }
        isHead = false
      }
    },
    async keep(documents) {
      const handle = await open(file, 'a')
      try {
        await handle.appendFile(documents.map(({ idx, jws }) => `${idx} ${jws}\n`).join(''))
        await handle.datasync()
      } finally {
        await handle.close()
      }
    },
  }
}

function linesOf(file: string): AsyncIterable<string> {
  return createInterface({ input: createReadStream(file, 'utf8'), crlfDelay: Infinity })
}

/** Begins the file, or cuts off the line that an interruption left unfinished. */
async function prepare(file: string, head: string): Promise<void> {
  const handle = await open(file, 'a+')
  try {
    const { size } = await stat(file)
    if (size === 0) {
      await handle.appendFile(`${head}\n`)
      return
    }
    const first = Buffer.alloc(Buffer.byteLength(head) + 1)
    await handle.read(first, 0, first.length, 0)
    if (first.toString() !== `${head}\n`)
      throw new CliError('usage', `${file} is no state of an audit of this node: name another file`)
    await truncate(file, await endOfLastLine(handle, size))
  } finally {
    await handle.close()
  }
}

async function endOfLastLine(
  handle: Awaited<ReturnType<typeof open>>,
  size: number,
): Promise<number> {
  const block = Buffer.alloc(64 * 1024)
  for (let end = size; end > 0; end -= Math.min(end, block.length)) {
    const start = Math.max(0, end - block.length)
    const { bytesRead } = await handle.read(block, 0, end - start, start)
    const at = block.subarray(0, bytesRead).lastIndexOf('\n')
    if (at >= 0) return start + at + 1
  }
  return 0
}
