import { type ChildProcess, spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import type { PreparedState } from '../../node/dev-state.ts'
import { Deviation } from './deviation.ts'

const LAUNCHER = fileURLToPath(new URL('../../../bin/certex.js', import.meta.url))

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
  if (child.exitCode !== null) return
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()))
  child.kill('SIGTERM')
  await ended
}

/** @throws {Deviation} the process has ended */
export async function isReady({ state, url, child, lastWords }: NodeProcess): Promise<boolean> {
  if (child.exitCode !== null) throw new Deviation(`node ${state} has ended: ${lastWords}`)
  try {
    return (await fetch(`${url}/ready`)).ok
  } catch {
    return false
  }
}

/** Whether anything serves at this address. */
export async function answers(url: string): Promise<boolean> {
  try {
    await fetch(url)
    return true
  } catch {
    return false
  }
}
