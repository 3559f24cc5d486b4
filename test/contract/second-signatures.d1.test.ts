import { secondSignaturesContract } from './second-signatures-contract.ts'
import { d1Engine } from './storage-engines.ts'

secondSignaturesContract('D1', d1Engine(8))
