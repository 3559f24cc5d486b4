import { reservationsContract } from './reservations-contract.ts'
import { d1Engine } from './storage-engines.ts'

reservationsContract('D1', d1Engine(5))
