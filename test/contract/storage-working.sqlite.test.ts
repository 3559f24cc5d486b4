import { workingStorageContract } from './storage-working-contract.ts'
import { sqliteEngine } from './storage-engines.ts'

workingStorageContract('SQLite', sqliteEngine())
