import { searchContract } from './search-contract.ts'
import { d1Engine } from './storage-engines.ts'

searchContract('D1', d1Engine(15))
