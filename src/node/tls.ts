import { X509Certificate } from 'node:crypto'
import { readFileSync, unwatchFile, watchFile } from 'node:fs'
import type { SecureContextOptions } from 'node:tls'
import type { Logger } from './logger.ts'

export interface TlsFiles {
  readonly key: string
  readonly chain: string
}

/** How often the files are looked at. */
const WATCH_MS = 5_000

/** What a TLS server is made with, from the files as they are now. */
export function tlsOptions({ key, chain }: TlsFiles): SecureContextOptions {
  return { key: readFileSync(key), cert: readFileSync(chain), minVersion: 'TLSv1.2' }
}

/** When the server's own X.509 certificate, the first of the chain, ends. */
export function tlsEndsAt({ chain }: TlsFiles): Date {
  return new Date(new X509Certificate(readFileSync(chain)).validTo)
}

interface TlsServer {
  setSecureContext(options: SecureContextOptions): void
}

/**
 * Takes up renewed files when they change and at SIGHUP. Connections that stand go on with what they
 * began with; files that do not fit together are reported and the old ones stay in use.
 *
 * @returns ends it
 */
export function watchTls(server: TlsServer, files: TlsFiles, log: Logger): () => void {
  const reload = (): void => {
    try {
      server.setSecureContext(tlsOptions(files))
      log.info('TLS key and chain taken up', { endsAt: tlsEndsAt(files).toISOString() })
    } catch (error) {
      const reason = error instanceof Error ? error.message : 'unknown'
      log.error('TLS key and chain cannot be used, the ones before stay', { reason })
    }
  }
  // The two files never change in one instant: what is seen between them must not be taken for good.
  let timer: NodeJS.Timeout | undefined
  const soon = (): void => {
    clearTimeout(timer)
    timer = setTimeout(reload, SETTLE_MS)
    timer.unref()
  }
  const paths = [files.key, files.chain]
  for (const path of paths) watchFile(path, { interval: WATCH_MS, persistent: false }, soon)
  process.on('SIGHUP', reload)
  return () => {
    clearTimeout(timer)
    for (const path of paths) unwatchFile(path, soon)
    process.off('SIGHUP', reload)
  }
}

const SETTLE_MS = 500
