import { d1Engine } from '../contract/storage-engines.ts'
import { witnessModel } from './witness-model.ts'

const [RUNS, ROUNDS] = [5, 3]
/** A database for each of what it refuses, and for the fork. */
const FURTHER = 8

// A failure is made smaller by further runs, which need databases of their own.
witnessModel('D1', d1Engine(RUNS + ROUNDS + FURTHER + 20), { runs: RUNS, rounds: ROUNDS })
