import { noticesContract } from './notices-contract.ts'
import { sqliteEngine } from './storage-engines.ts'

noticesContract('SQLite', sqliteEngine())
