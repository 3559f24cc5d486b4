import { afterAll, beforeAll, expect } from 'vitest'
import type { RouteDeclaration } from '../../src/http/route.ts'
import { type Matrix, type Sent, startMatrix } from './matrix.ts'
import type { ValidCall } from './matrix-calls.ts'
import { harmIn, wordOf, wrongWith } from './matrix-verdict.ts'
import type { TestNodeOptions } from './two-nodes.ts'

/** A matrix that finds fewer routes has not looked. */
const FEWEST_ROUTES = 36

export const nameOf = ({ method, path }: RouteDeclaration) => `${method.toUpperCase()} ${path}`

/** A node for the tests of one file, and how they ask of every route at once. */
export function matrixSuite(options: TestNodeOptions = {}) {
  let matrix: Matrix | undefined
  let wrong: string[] = []
  beforeAll(async () => {
    matrix = await startMatrix(options)
  })
  afterAll(() => matrix?.close())

  const started = (): Matrix => {
    if (!matrix) throw new Error('The matrix has not started')
    return matrix
  }
  const note = (...faults: string[]) => void wrong.push(...faults)

  return {
    matrix: started,
    note,

    /** Makes a call, and notes what is wrong with the answer; `expected` is a word or several. */
    async ask(
      call: ValidCall,
      what: string,
      changed: Partial<Sent>,
      expected?: string | readonly string[],
      as: string = started().callerOf(call.route),
    ): Promise<string> {
      const answer = await started().call(call, as, changed)
      const word = wordOf(answer)
      const faults = wrongWith(started(), call.route, answer, changed.method ?? call.route.method)
      const wanted = typeof expected === 'string' ? [expected] : expected
      if (wanted && !wanted.includes(word)) faults.push(`${word}, expected ${wanted.join(' or ')}`)
      note(...faults.map((fault) => `${nameOf(call.route)}, ${what}: ${fault}`))
      return word
    },

    /** What changed though nothing was accepted; the node serves others. */
    async unharmed(what: string, kind: 'refused' | 'read' = 'refused'): Promise<string[]> {
      const { status } = await started().send({ path: '/health' })
      const harm = harmIn(started(), kind)
      if (status !== 200) harm.push(`the node answers ${status}`)
      return harm.map((fault) => `${what}: ${fault}`)
    },

    /** Every route in turn; all that is wrong is told at once. */
    async everyRoute(task: (call: ValidCall) => Promise<void>): Promise<void> {
      wrong = []
      expect(started().calls.length).toBeGreaterThanOrEqual(FEWEST_ROUTES)
      for (const call of started().calls) await task(call)
      expect(wrong).toEqual([])
    },
  }
}
