import { AsyncLocalStorage } from 'node:async_hooks'
import { type ChildProcess, spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { run } from '../../src/cli/run.ts'

const LAUNCHER = fileURLToPath(new URL('../../bin/certex.js', import.meta.url))

export interface Ran {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

interface Surroundings {
  cwd?: string
  env?: Record<string, string>
}

const running = new AsyncLocalStorage<{ stdout: string; stderr: string }>()
let last: Promise<unknown> = Promise.resolve()

/** Runs `certex` in this process, one command after another, with an environment that says nothing. */
export function certex(args: readonly string[], surroundings: Surroundings = {}): Promise<Ran> {
  const ran = last.then(() => runHere(args, surroundings))
  last = ran.catch(() => undefined)
  return ran
}

async function runHere(args: readonly string[], { cwd, env = {} }: Surroundings): Promise<Ran> {
  const [formerEnv, formerFolder] = [process.env, process.cwd()]
  const { PATH = '', HOME = '' } = formerEnv
  const printed = { stdout: '', stderr: '' }
  const streams = (['stdout', 'stderr'] as const).map((name) => tapped(name))
  process.exitCode = undefined
  process.env = { PATH, HOME, ...env }
  if (cwd !== undefined) process.chdir(cwd)
  try {
    await running.run(printed, () => run(args))
    return { code: exitCode(), ...printed }
  } finally {
    process.exitCode = undefined
    process.env = formerEnv
    if (cwd !== undefined) process.chdir(formerFolder)
    for (const release of streams) release()
  }
}

function exitCode(): number {
  return Number(process.exitCode ?? 0)
}

/** What the command prints is kept; what else goes on in this process prints where it always does. */
function tapped(name: 'stdout' | 'stderr'): () => void {
  const stream = process[name]
  const former = stream.write
  stream.write = (chunk: string | Uint8Array, ...rest: unknown[]): boolean => {
    const printed = running.getStore()
    if (!printed) return former.apply(stream, [chunk, ...rest] as Parameters<typeof former>)
    printed[name] += typeof chunk === 'string' ? chunk : Buffer.from(chunk).toString()
    const done = rest.at(-1)
    if (typeof done === 'function') done()
    return true
  }
  return () => void (stream.write = former)
}

/** Runs `certex` as a process of its own. */
export async function certexProcess(
  args: readonly string[],
  { cwd, env = {} }: Surroundings = {},
): Promise<Ran> {
  const child = launch(args, cwd, env)
  let stdout = ''
  let stderr = ''
  child.stdout!.setEncoding('utf8').on('data', (text: string) => (stdout += text))
  child.stderr!.setEncoding('utf8').on('data', (text: string) => (stderr += text))
  const code = await new Promise<number | null>((resolve) => child.once('close', resolve))
  return { code, stdout, stderr }
}

export interface Served {
  /** Everything it has logged so far. */
  log(): string
  signal(name: NodeJS.Signals): void
  /** Ends it as an operator does; its exit code. */
  stop(): Promise<number | null>
}

/** Starts `certex serve` and waits until it serves. */
export async function certexServe(
  config: string,
  env: Record<string, string> = {},
): Promise<Served> {
  const child = launch(['serve', '--config', config], undefined, env)
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve))
  let log = ''
  await new Promise<void>((resolve, reject) => {
    child.stderr!.setEncoding('utf8').on('data', (text: string) => {
      log += text
      if (log.includes('"message":"serving"')) resolve()
    })
    void ended.then(() => reject(new Error(`certex serve ended: ${log}`)))
  })
  return {
    log: () => log,
    signal: (name) => void child.kill(name),
    stop() {
      child.kill('SIGTERM')
      return ended
    },
  }
}

function launch(
  args: readonly string[],
  cwd?: string,
  env: Record<string, string> = {},
): ChildProcess {
  const { PATH = '', HOME = '' } = process.env
  return spawn(process.execPath, [LAUNCHER, ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { PATH, HOME, ...env },
    ...(cwd !== undefined && { cwd }),
  })
}

/** Words of a command line: the text between values is split at spaces, values stay whole. */
export function words(
  texts: TemplateStringsArray,
  ...values: readonly (string | readonly string[])[]
): string[] {
  return texts.flatMap((text, i) => [
    ...text.split(/\s+/).filter((word) => word !== ''),
    ...(values[i] === undefined ? [] : [values[i]].flat()),
  ])
}
