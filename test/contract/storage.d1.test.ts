import { storageContract } from './storage-contract.ts'
import { d1Engine } from './storage-engines.ts'

storageContract('D1', d1Engine(30))
