import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'

/** A folder of vectors in the making, by path: text and octets as they are, everything else as JSON. */
export type Files = Record<string, unknown>

/** Objects in it may be changed by whoever asks; octets may not. */
export function writeFiles(folder: string, files: Files): void {
  for (const [path, content] of Object.entries(files)) {
    const file = join(folder, path)
    mkdirSync(dirname(file), { recursive: true })
    const isWritten = typeof content === 'string' || content instanceof Uint8Array
    writeFileSync(file, isWritten ? content : JSON.stringify(content))
  }
}
