import { storageContract } from './storage-contract.ts'
import { sqliteEngine } from './storage-engines.ts'

storageContract('SQLite', sqliteEngine())
