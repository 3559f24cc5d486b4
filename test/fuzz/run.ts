import { parseArgs } from 'node:util'
import { type Fuzzer, sharesOf, startFuzzer } from './fuzzer.ts'
import { makeMaterial } from './material.ts'
import { targetsOver } from './targets.ts'

const USAGE = `npm run fuzz -- --seconds N [--target NAME] [--seed N]
  Feeds hostile bytes to every reader, or to one, for so long in all.
  A finding names the reader, the seed and the input: in hexadecimal, a long one as zlib in base64.`

function print(line: string): void {
  process.stdout.write(`${line}\n`)
}

function wholeNumber(text: string): number {
  const number = Number(text)
  if (!Number.isInteger(number) || number < 1 || number >= 2 ** 31)
    throw new Error(`${text} is not a whole number from 1.\n${USAGE}`)
  return number
}

interface Options {
  readonly seconds: number
  readonly target: string | undefined
  readonly seed: number
}

/** Undefined: only the usage was asked for. */
function readOptions(): Options | undefined {
  const { values } = parseArgs({
    options: {
      seconds: { type: 'string' },
      target: { type: 'string' },
      seed: { type: 'string' },
      help: { type: 'boolean', short: 'h' },
    },
  })
  if (values.help) return undefined
  if (values.seconds === undefined) throw new Error(USAGE)
  const seed = values.seed === undefined ? 1 + (Date.now() % 2 ** 30) : wholeNumber(values.seed)
  return { seconds: wholeNumber(values.seconds), target: values.target, seed }
}

/** How many readers kept their promises. */
async function run({ seconds, target, seed }: Options): Promise<void> {
  const material = await makeMaterial()
  const targets = targetsOver(material)
  const chosen = targets.filter(({ name }) => target === undefined || name === target)
  if (chosen.length === 0)
    throw new Error(`There is no ${target}, but ${targets.map(({ name }) => name).join(', ')}`)
  print(`--seed ${seed}`)
  const fuzzer = startFuzzer(material)
  let passed = 0
  for (const { name, ms } of sharesOf(chosen, seconds * 1000))
    if (await passes(fuzzer, { target: name, seed, ms })) passed++
  await fuzzer.close()
  print(`${passed} passed, ${chosen.length - passed} failed, 0 skipped`)
  if (passed < chosen.length) process.exitCode = 1
}

async function passes(fuzzer: Fuzzer, work: Parameters<Fuzzer['fuzz']>[0]): Promise<boolean> {
  try {
    const { fed, taken } = await fuzzer.fuzz(work)
    print(`${work.target}: ${fed} inputs, ${taken} taken`)
    return true
  } catch (error) {
    print(error instanceof Error ? error.message : String(error))
    return false
  }
}

try {
  const options = readOptions()
  if (options) await run(options)
  else print(USAGE)
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`)
  print('0 passed, 1 failed, 0 skipped')
  process.exitCode = 1
}
