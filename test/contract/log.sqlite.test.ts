import { logContract } from './log-contract.ts'
import { sqliteEngine } from './storage-engines.ts'

// Over 65,536 leaves a tile of the second level becomes full.
const LARGE = Array.from({ length: 17 }, () => 4096)

logContract('SQLite', sqliteEngine(), [1, 1, 2, 251, 1, 255, 256, 257, 3, 512, 700, ...LARGE])
