import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { demoStates } from '../../src/cli/demo/states.ts'
import { certex, certexServe, type Served } from '../support/cli.ts'
import { eventually, freePort } from '../support/two-nodes.ts'

const GUIDE = new URL('../../docs/operating.md', import.meta.url)

type State = 'BY' | 'UZ'
const STATES = ['BY', 'UZ'] as const

let folder: string
let ports: Record<State, number>
let guide: string
const fingerprints: Partial<Record<State, string>> = {}
const served: Served[] = []

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'certex-ceremony-'))
  ports = { BY: await freePort(), UZ: await freePort() }
  guide = await readFile(GUIDE, 'utf8')
})
afterAll(async () => {
  await Promise.all(served.map((node) => node.stop()))
  await rm(folder, { recursive: true, force: true })
})

const placeOf = (state: State) => join(folder, state)
const urlOf = (state: State) => `http://127.0.0.1:${ports[state]}`
const other = (state: State): State => (state === 'BY' ? 'UZ' : 'BY')

/** The commands of a section in order, as `state` types them. */
function commandsOf(heading: string, state: State): string[][] {
  const section = guide.split(`\n## ${heading}\n`)[1]?.split('\n## ')[0]
  const lines = [...(section ?? '').matchAll(/^certex (.+)$/gm)].map(([, line]) => line!)
  expect(lines.length, heading).toBeGreaterThan(4)
  return lines.map((line) =>
    [...line.matchAll(/"([^"]*)"|(\S+)/g)].map(([, quoted, word]) =>
      (quoted ?? word!)
        .replace('https://by.example', urlOf(state))
        .replace(/^(BY|UZ)_FINGERPRINT$/, (_, named: State) => fingerprints[named]!),
    ),
  )
}

/** The configuration of the guide, for this state on this machine. */
async function writeConfig(state: State): Promise<void> {
  const text = /^```json\n(\{\n {2}"state": "BY",[^]*?\n\})\n```/m.exec(guide)?.[1]
  const shown = JSON.parse(text!) as Record<string, unknown>
  expect(Object.keys(shown)).toEqual(
    expect.arrayContaining(['state', 'publicUrl', 'listen', 'database', 'pki', 'peers']),
  )
  const config = {
    ...shown,
    state,
    publicUrl: urlOf(state),
    listen: { host: '127.0.0.1', port: ports[state] },
    peers: [{ state: other(state), url: urlOf(other(state)) }],
    allowHttpPeers: true,
  }
  await writeFile(join(placeOf(state), 'node.json'), JSON.stringify(config))
}

async function run(state: State, words: string[]): Promise<string> {
  const ran = await certex(words, { cwd: placeOf(state) })
  expect(ran, words.join(' ')).toMatchObject({ code: 0, stderr: '' })
  return ran.stdout
}

describe('two operators who follow the guide word by word', () => {
  it('make keys, show each other their roots, pin them, publish, serve, and have met', async () => {
    await Promise.all(
      STATES.map(async (state) => {
        await mkdir(placeOf(state))
        await writeFile(join(placeOf(state), 'passphrase'), `a passphrase of ${state}`)
        const { bodies } = demoStates(folder)[state]
        await writeFile(join(placeOf(state), 'bodies.json'), JSON.stringify(bodies))
        await writeConfig(state)
        const made = commandsOf('A node from nothing', state).filter(
          ([group, name]) => group === 'pki' || (group === 'trust' && name === 'issue'),
        )
        for (const words of made)
          await run(
            state,
            words.map((word, i) => (words[i - 1] === '--state' ? state : word)),
          )
        const [show] = commandsOf('Meeting a peer', state)
        const shown = await run(state, show!)
        fingerprints[state] = /Root, SHA-256: ([0-9A-F:]{95})/.exec(shown)![1]!
      }),
    )
    await Promise.all(
      STATES.map(async (state) => {
        for (const words of commandsOf('Meeting a peer', state).slice(1)) {
          if (words[0] === 'serve') break
          await run(state, words)
        }
      }),
    )
    for (const state of STATES) served.push(await certexServe(join(placeOf(state), 'node.json')))

    const after = (state: State) => {
      const all = commandsOf('Meeting a peer', state)
      return all.slice(all.findIndex(([name]) => name === 'serve') + 1)
    }
    await Promise.all(
      STATES.map(async (state) => {
        const [, peers] = after(state)
        await eventually(
          `${state} has met ${other(state)}`,
          async () => /checked 20.*\n[^]*last heard +20/.test(await run(state, peers!)),
          60_000,
        )
        const [trust, , status, acts] = await Promise.all(
          after(state).map((words) => run(state, words)),
        )
        for (const shown of STATES) expect(trust).toContain(fingerprints[shown]!)
        expect(status).toContain('No alarms that nobody has seen')
        expect(status).not.toMatch(/peer-|crl-|trust-list-|key-ends/)
        for (const pinned of STATES)
          for (const [who, act] of [
            ['Anna K\\.', 'root-proposed'],
            ['Boris M\\.', 'root-pinned'],
          ])
            expect(acts).toMatch(new RegExp(`user:${who} +${act} +${pinned}`))
      }),
    )
  })
})
