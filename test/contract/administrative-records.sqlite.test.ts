import { administrativeRecordsContract } from './administrative-records-contract.ts'
import { sqliteEngine } from './storage-engines.ts'

administrativeRecordsContract('SQLite', sqliteEngine())
