import { lostDocumentsContract } from './lost-documents-contract.ts'
import { sqliteEngine } from './storage-engines.ts'

lostDocumentsContract('SQLite', sqliteEngine())
