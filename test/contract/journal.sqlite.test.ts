import { journalContract } from './journal-contract.ts'
import { sqliteEngine } from './storage-engines.ts'

journalContract('SQLite', sqliteEngine())
