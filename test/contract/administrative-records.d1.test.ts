import { administrativeRecordsContract } from './administrative-records-contract.ts'
import { d1Engine } from './storage-engines.ts'

administrativeRecordsContract('D1', d1Engine(27))
