import { secondSignaturesContract } from './second-signatures-contract.ts'
import { sqliteEngine } from './storage-engines.ts'

secondSignaturesContract('SQLite', sqliteEngine())
