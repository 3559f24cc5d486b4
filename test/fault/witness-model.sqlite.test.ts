import { sqliteEngine } from '../contract/storage-engines.ts'
import { witnessModel } from './witness-model.ts'

witnessModel('SQLite', sqliteEngine(), { runs: 150, rounds: 20 })
