import { reservationsContract } from './reservations-contract.ts'
import { sqliteEngine } from './storage-engines.ts'

reservationsContract('SQLite', sqliteEngine())
