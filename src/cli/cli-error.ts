import type { ExitReason } from './exit-codes.ts'

/** Ends a command with one sentence that says what is wrong and what to do. */
export class CliError extends Error {
  override name = 'CliError'
  readonly reason: ExitReason
  constructor(reason: ExitReason, message: string, options?: ErrorOptions) {
    super(message, options)
    this.reason = reason
  }
}

export interface Failure {
  readonly reason: ExitReason
  readonly message: string
  /** Where it happened, only for what nobody expected. */
  readonly stack?: string | undefined
}

/** Errors of the layers below whose message is already meant for the operator. */
const OPERATORS: Readonly<Record<string, ExitReason>> = {
  ConfigError: 'usage',
  ForeignDatabaseError: 'usage',
  KeyFileError: 'usage',
  CrlTooLong: 'refused',
  MigrationError: 'usage',
  BackupError: 'refused',
  RestoreRefused: 'refused',
  SourceUnusable: 'failed',
  AuditError: 'usage',
  AuditOptionError: 'usage',
}

/** What an error means to whoever typed the command. By name, so that no command loads the others' code. */
export function failureOf(error: unknown): Failure {
  if (error instanceof CliError) return { reason: error.reason, message: error.message }
  if (!(error instanceof Error)) return { reason: 'failed', message: String(error) }
  const known = OPERATORS[error.name]
  if (known) return { reason: known, message: error.message }
  return systemFailure(error) ?? { reason: 'failed', message: error.message, stack: error.stack }
}

function systemFailure(error: NodeJS.ErrnoException): Failure | undefined {
  const { code = '', path = '', message } = error
  if (code === 'ERR_DLOPEN_FAILED' || message.startsWith('Could not locate the bindings file'))
    return { reason: 'failed', message: NOT_BUILT }
  const about = FILES[code]
  if (about && path) return { reason: 'usage', message: `${path}: ${about}` }
  if (code === 'EADDRINUSE')
    return {
      reason: 'usage',
      message: 'The address to listen on is taken: stop what uses it, or change "listen"',
    }
  if (code.startsWith('SQLITE_BUSY'))
    return { reason: 'failed', message: 'The database is busy: try again in a moment' }
  if (code === 'SQLITE_NOTADB' || code.startsWith('SQLITE_CORRUPT'))
    return { reason: 'failed', message: 'The database is damaged: restore a backup' }
  if (code.startsWith('SQLITE_CANTOPEN'))
    return { reason: 'usage', message: 'The database file cannot be opened: check its path' }
  return undefined
}

/** `npm ci` runs no install scripts. */
const NOT_BUILT =
  'better-sqlite3, the native module of the database, is not built for this machine and this Node.js. Build it in the folder of certex: node bin/ensure-native.js (some minutes; it needs python3, make and a C++ compiler)'

const FILES: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file',
  EACCES: 'no permission',
  EPERM: 'no permission',
  EISDIR: 'it is a folder, not a file',
  ENOTDIR: 'a part of the path is not a folder',
  EEXIST: 'it exists already and is not overwritten',
  ENOSPC: 'the disk is full',
}
