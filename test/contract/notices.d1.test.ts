import { noticesContract } from './notices-contract.ts'
import { d1Engine } from './storage-engines.ts'

noticesContract('D1', d1Engine(9))
