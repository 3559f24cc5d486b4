import { logContract } from './log-contract.ts'
import { d1Engine } from './storage-engines.ts'

logContract('D1', d1Engine(14), [1, 2, 252, 1, 256, 300])
