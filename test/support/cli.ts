import { type ChildProcess, spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'

const LAUNCHER = fileURLToPath(new URL('../../bin/certex.js', import.meta.url))

export interface Ran {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

/** Runs `certex` as a process of its own, with an environment that says nothing. */
export async function certex(
  args: readonly string[],
  { cwd, env = {} }: { cwd?: string; env?: Record<string, string> } = {},
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
