import { reconciliationContract } from './reconciliation-contract.ts'
import { sqliteEngine } from './storage-engines.ts'

reconciliationContract('SQLite', sqliteEngine())
