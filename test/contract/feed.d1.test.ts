import { feedContract } from './feed-contract.ts'
import { d1Engine } from './storage-engines.ts'

feedContract('D1', d1Engine(30))
