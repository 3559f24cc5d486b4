import { revocationContract } from './revocation-contract.ts'
import { sqliteEngine } from './storage-engines.ts'

revocationContract('SQLite', sqliteEngine())
