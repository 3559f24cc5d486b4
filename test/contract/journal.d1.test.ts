import { journalContract } from './journal-contract.ts'
import { d1Engine } from './storage-engines.ts'

journalContract('D1', d1Engine(30))
