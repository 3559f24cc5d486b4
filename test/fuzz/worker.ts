import { answerCalls } from '../support/worker-thread.ts'
import type { Material } from './material.ts'
import { mutate, randomSource } from './mutation.ts'
import type { Target } from './target.ts'
import { targetsOver } from './targets.ts'
import { trace } from './trace.ts'

/** No input of at most 64 KiB takes a reader longer than this. */
const LIMIT_MS = 50
/** So often must an input be slow before the reader is blamed and not the machine. */
const TRIES = 5

/** On a busy machine a share of the time may be a few inputs. */
const MORE_MS = 5_000

export interface Fuzzing {
  readonly material: Material
  /** Name of the reader. */
  readonly target: string
  /** Of the random source. */
  readonly seed: number
  readonly ms: number
  readonly trace: SharedArrayBuffer
}

export interface Fed {
  readonly fed: number
  /** How many of them the reader took. */
  readonly taken: number
}

/** Proves that a reader that never ends is ended. */
const ENDLESS: Target = {
  name: 'an endless loop',
  seeds: [Uint8Array.of(1, 2, 3)],
  feed() {
    for (;;);
  },
}

/** Feeds the seeds as they are, then mutated until the time is up; longer where nothing was taken yet. */
async function fuzz({ material, target, seed, ms, trace: to }: Fuzzing): Promise<Fed> {
  const { seeds, feed } = [...targetsOver(material), ENDLESS].find(({ name }) => name === target)!
  let number = 0
  const give = async (input: Uint8Array) => {
    trace(to, number++, input)
    const started = performance.now()
    const taken = await feed(input)
    if (performance.now() - started > LIMIT_MS && (await isSlow(feed, input)))
      throw new Error(`longer than ${LIMIT_MS} ms for ${input.length} bytes`)
    return taken
  }
  for (const input of seeds) await give(input)
  const random = randomSource(seed)
  const deadline = performance.now() + ms
  let fed = 0
  let taken = 0
  const goesOn = () => performance.now() < deadline + (taken === 0 ? MORE_MS : 0)
  for (; goesOn(); fed++)
    if (await give(mutate(seeds[random(seeds.length)]!, seeds, random))) taken++
  return { fed, taken }
}

/** By processor time: on a busy machine a clock tells how busy it is. */
async function isSlow(feed: Target['feed'], input: Uint8Array): Promise<boolean> {
  for (let tries = 1; tries < TRIES; tries++) {
    const before = process.cpuUsage()
    await feed(input)
    const { user, system } = process.cpuUsage(before)
    if ((user + system) / 1000 <= LIMIT_MS) return false
  }
  return true
}

const calls = { fuzz }
export type FuzzCalls = typeof calls

answerCalls(calls)
