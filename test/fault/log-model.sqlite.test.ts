import { sqliteEngine } from '../contract/storage-engines.ts'
import { logModel } from './log-model.ts'

logModel('SQLite', sqliteEngine(), 30)
