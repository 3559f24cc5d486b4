import { statfs } from 'node:fs/promises'
import { dirname } from 'node:path'
import type { HostFacts } from '../exchange/warnings/warning.ts'
import { tlsEndsAt, type TlsFiles } from './tls.ts'

/** Reads what only this machine can tell. What cannot be read is left out: it must not hide the rest. */
export function readHostFacts(settings: {
  readonly database?: string | undefined
  readonly tls?: TlsFiles | undefined
}): () => Promise<HostFacts> {
  return async () => ({
    tlsEndsAt: settings.tls && endOf(settings.tls),
    disk: settings.database === undefined ? undefined : await diskOf(dirname(settings.database)),
  })
}

function endOf(files: TlsFiles): Date | undefined {
  try {
    return tlsEndsAt(files)
  } catch {
    return undefined
  }
}

async function diskOf(folder: string): Promise<HostFacts['disk']> {
  try {
    const { bavail, blocks, bsize } = await statfs(folder)
    return { freeBytes: bavail * bsize, totalBytes: blocks * bsize }
  } catch {
    return undefined
  }
}
