import { statSync } from 'node:fs'
import { SqliteDatabase } from './sqlite-database.ts'

/** A database file opened for an audit: one moment of it, that of the first question, whoever may write meanwhile. */
export function auditedFile(file: string): SqliteDatabase {
  const database = new SqliteDatabase(file, { readOnly: true })
  database.raw.exec('BEGIN')
  return database
}

/**
 * Whether somebody has written what is not in the file itself yet. While whoever has asked a first question
 * is answered no, everybody who has asked one sees the same moment: what the file says, which stays as it is
 * as long as anybody looks at it.
 */
export function hasNewerWrites(file: string): boolean {
  return (statSync(`${file}-wal`, { throwIfNoEntry: false })?.size ?? 0) > 0
}
