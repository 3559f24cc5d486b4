import { searchContract } from './search-contract.ts'
import { sqliteEngine } from './storage-engines.ts'

searchContract('SQLite', sqliteEngine())
