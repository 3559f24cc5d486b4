import { d1Engine } from '../contract/storage-engines.ts'
import { logModel } from './log-model.ts'

const RUNS = 6

// A failure is made smaller by further runs, which need databases of their own.
logModel('D1', d1Engine(RUNS + 30), RUNS)
