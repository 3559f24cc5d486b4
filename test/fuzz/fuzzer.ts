import { deflateSync } from 'node:zlib'
import { startWorker } from '../support/worker-client.ts'
import type { Material } from './material.ts'
import type { Target } from './target.ts'
import { inputInHand, newTrace } from './trace.ts'
import type { Fed, FuzzCalls, Fuzzing } from './worker.ts'

/** Beyond its time; who is not back by then is in a loop that does not end. */
const HANG_MS = 20_000
/** A loop must not wait for the end of a night: after each part the next seed follows. */
const PART_MS = 5_000

export interface Fuzzer {
  /**
   * Feeds one reader for a time. A finding names reader, seed and input.
   * @param hangMs how long one that does not come back is waited for
   */
  fuzz(work: Omit<Fuzzing, 'trace' | 'material'>, hangMs?: number): Promise<Fed>
  close(): Promise<void>
}

/** Feeds the readers in a thread of their own, which is ended when one of them never returns. */
export function startFuzzer(material: Material): Fuzzer {
  const worker = startWorker<FuzzCalls>(new URL('./worker.ts', import.meta.url))

  async function fuzzPart(part: Omit<Fuzzing, 'trace' | 'material'>, hangMs: number) {
    const trace = newTrace()
    try {
      return await worker.call('fuzz', { ...part, material, trace }, part.ms + hangMs)
    } catch (cause) {
      const { number, input } = inputInHand(trace)
      const why = cause instanceof Error ? cause.message : String(cause)
      const place = `${part.target}, --seed ${part.seed}, input ${number}`
      throw new Error(`${place}: ${why}\n${written(input)}`, { cause })
    }
  }

  return {
    async fuzz({ target, seed, ms }, hangMs = HANG_MS) {
      let [fed, taken] = [0, 0]
      for (let part = 0; part * PART_MS < ms; part++) {
        const partMs = Math.min(PART_MS, ms - part * PART_MS)
        const came = await fuzzPart({ target, seed: seed + part, ms: partMs }, hangMs)
        fed += came.fed
        taken += came.taken
      }
      return { fed, taken }
    },
    close: () => worker.close(),
  }
}

const HEX_OCTETS = 512

/** Long inputs repeat themselves. */
function written(input: Uint8Array): string {
  if (input.length <= HEX_OCTETS) return Buffer.from(input).toString('hex')
  return `zlib, base64: ${deflateSync(input).toString('base64')}`
}

/** What of a time falls to each reader: those that everything else rests on have more of it. */
export function sharesOf(targets: readonly Target[], ms: number): { name: string; ms: number }[] {
  const whole = targets.reduce((sum, { share = 1 }) => sum + share, 0)
  return targets.map(({ name, share = 1 }) => ({ name, ms: (ms * share) / whole }))
}
