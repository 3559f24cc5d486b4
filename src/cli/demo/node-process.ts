import { type ChildProcess, spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import type { PreparedState } from '../../node/dev-state.ts'
import { Deviation } from './deviation.ts'

const LAUNCHER = fileURLToPath(new URL('../../../bin/certex.js', import.meta.url))

const CALL_MS = 2_000

/** A node in a process of its own. */
export interface NodeProcess {
  readonly state: string
  readonly url: string
  readonly child: ChildProcess
  lastWords: string
}

export function startNode(state: PreparedState, say: (line: string) => void): NodeProcess {
  const child = spawn(process.execPath, [LAUNCHER, 'serve', '--config', state.configFile], {
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  const node: NodeProcess = { state: state.state, url: state.url, child, lastWords: '' }
  child.stderr.setEncoding('utf8')
  child.stderr.on('data', (text: string) => {
    for (const line of text.trim().split('\n')) {
      node.lastWords = line
      if (/"level":"error"/.test(line)) say(`  [${state.state}] ${line}`)
    }
  })
  return node
}

export async function stopNode({ child }: NodeProcess): Promise<void> {
  if (hasEnded(child)) return
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()))
  child.kill('SIGTERM')
  await ended
}

/** By itself, or by a signal: then it has no exit code. */
function hasEnded({ exitCode, signalCode }: ChildProcess): boolean {
  return exitCode !== null || signalCode !== null
}

/** @throws {Deviation} the process has ended */
export async function isReady({ state, url, child, lastWords }: NodeProcess): Promise<boolean> {
  if (hasEnded(child)) throw new Deviation(`node ${state} has ended: ${lastWords}`)
  try {
    return (await fetch(`${url}/ready`, { signal: AbortSignal.timeout(CALL_MS) })).ok
  } catch {
    return false
  }
}

/** Whether anything serves at this address. */
export async function answers(url: string): Promise<boolean> {
  try {
    await fetch(url, { signal: AbortSignal.timeout(CALL_MS) })
    return true
  } catch {
    return false
  }
}
