import { revocationContract } from './revocation-contract.ts'
import { d1Engine } from './storage-engines.ts'

revocationContract('D1', d1Engine(5))
