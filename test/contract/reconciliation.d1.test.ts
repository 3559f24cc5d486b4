import { reconciliationContract } from './reconciliation-contract.ts'
import { d1Engine } from './storage-engines.ts'

reconciliationContract('D1', d1Engine(9))
