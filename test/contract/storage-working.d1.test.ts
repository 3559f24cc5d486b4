import { workingStorageContract } from './storage-working-contract.ts'
import { d1Engine } from './storage-engines.ts'

workingStorageContract('D1', d1Engine(30))
