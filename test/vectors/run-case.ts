import { attempt, type Case, type Fault, reasonOf } from './suite.ts'
import { type Waiver, WAIVERS } from './waivers.ts'
import type { VectorWorker } from './vector-worker.ts'

export type CaseResult =
  | { readonly result: 'passed' }
  | { readonly result: 'not run' | 'waived'; readonly reason: string }
  | {
      readonly result: 'failed'
      readonly fault: Fault['fault'] | 'hang' | 'thrown' | 'unreadable'
      readonly reason: string
    }

const LIMIT_MS = 20_000

/** What allows the case to come out otherwise than its suite wants. */
export function waiverOf(suite: string, c: Case): Waiver | undefined {
  return c.waiver ?? WAIVERS[suite]?.[c.id]
}

/**
 * Runs a case in a worker thread. A waived case runs as well, and fails once it passes, so that the list
 * of waivers can only shrink. Of false accepts only the named defects of a suite are waived. One that
 * cannot be read fails as well.
 */
export async function runCase(suite: string, c: Case, worker: VectorWorker): Promise<CaseResult> {
  if (c.notRun !== undefined) return { result: 'not run', reason: c.notRun }
  const waiver = waiverOf(suite, c)
  const input = attempt(c.id, c.input)
  if ('unreadable' in input)
    return { result: 'failed', fault: 'unreadable', reason: input.unreadable }
  let fault: Fault | undefined
  try {
    const output = await worker.call(c.call, input.value as never, c.limitMs ?? LIMIT_MS)
    fault = c.judge(output as never)
  } catch (error) {
    const reason = reasonOf(error)
    return { result: 'failed', fault: reason.startsWith('HANG') ? 'hang' : 'thrown', reason }
  }
  if (!waiver) return fault ? { result: 'failed', ...fault } : { result: 'passed' }
  if (!fault)
    return {
      result: 'failed',
      fault: 'wrong',
      reason: `it passes: remove its waiver (${waiver.reason})`,
    }
  if (fault.fault !== waiver.fault) return { result: 'failed', ...fault }
  return { result: 'waived', reason: waiver.reason }
}
