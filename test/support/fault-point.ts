import { fileURLToPath } from 'node:url'
import { existsSync, renameSync, rmSync, writeFileSync } from 'node:fs'

/** Where a process is killed: before or after a write into a table is durable. */
export interface FaultPoint {
  readonly when: 'before' | 'after'
  readonly table: string
}

/** Kills (SIGKILL) the process that loads it at the first write that the file names, while there is one. */
const PRELOAD = `
import { createRequire } from 'node:module'
import { existsSync, readFileSync } from 'node:fs'
const Database = createRequire(${JSON.stringify(fileURLToPath(new URL('../../package.json', import.meta.url)))})('better-sqlite3')
const file = process.env.FAULT_POINT
const armed = () => existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : undefined
const die = () => { process.kill(process.pid, 'SIGKILL'); for (;;); }
const { prepare, transaction } = Database.prototype
let isWritten = false
Database.prototype.prepare = function (sql) {
  const database = this
  const statement = prepare.call(database, sql)
  const table = /^insert into "?([a-z_]+)/i.exec(sql)?.[1]
  if (table === undefined) return statement
  for (const method of ['run', 'all']) {
    const write = statement[method]
    statement[method] = (...given) => {
      const fault = armed()
      if (fault?.table !== table) return write.apply(statement, given)
      if (fault.when === 'before') die()
      const result = write.apply(statement, given)
      if (!database.inTransaction) die()
      isWritten = true
      return result
    }
  }
  return statement
}
Database.prototype.transaction = function (work) {
  const { immediate } = transaction.call(this, work)
  return { immediate: (...given) => {
    const result = immediate(...given)
    if (isWritten) die()
    return result
  } }
}
`

/** Faults in a real process of a node: its environment, and what arms it. */
export function faultPoint(file: string) {
  const preload = `data:text/javascript,${encodeURIComponent(PRELOAD)}`
  return {
    env: { NODE_OPTIONS: `--import=${preload}`, FAULT_POINT: file },
    // Whole from the first: the process looks at it with every write.
    arm: (fault: FaultPoint) => {
      writeFileSync(`${file}.partial`, JSON.stringify(fault))
      renameSync(`${file}.partial`, file)
    },
    disarm: () => existsSync(file) && rmSync(file),
  }
}
