import { feedContract } from './feed-contract.ts'
import { sqliteEngine } from './storage-engines.ts'

feedContract('SQLite', sqliteEngine())
