import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { readBounded } from '../../src/encoding/read-bounded.ts'
import { nodeKeyResolver } from '../../src/exchange/node-keys.ts'
import { peerReader } from '../../src/exchange/delivery/peer-client.ts'
import { pollTrust } from '../../src/exchange/keep-trust/poll-trust.ts'
import { type Sloth, startSlowServer } from '../support/slow-server.ts'
import { freePort, startTwoNodes, type TwoNodes } from '../support/two-nodes.ts'

/** More than any document, list or answer may have. */
const MOST_BYTES = 64 * 1024 * 1024
const SLOTHS: Sloth[] = ['silent', 'dripping', 'endless', 'endless headers']
/** The deadline of calls to peers, shortened to what a busy machine needs to make one. */
const SHORTER_MS = -28_000

let nodes: TwoNodes
let deps: TwoNodes['BY']['running']['deps']
beforeAll(async () => {
  nodes = await startTwoNodes()
  deps = nodes.BY.running.deps
  await nodes.UZ.running.stop()
})
afterAll(() => nodes.close())

describe.each(SLOTHS)('a peer whose answers are %s', (sloth) => {
  it('holds up no call to it for ever, nor fills the memory', async () => {
    const port = await freePort()
    const server = await startSlowServer(port, sloth)
    const ask = peerReader({
      ...deps,
      fetch,
      node: deps.nodeKey,
      resolveKey: nodeKeyResolver(deps),
    })
    const answer = await ask('UZ', `http://127.0.0.1:${port}/exchange/v1/feed`, SHORTER_MS)
    expect(answer).toMatchObject({ ok: false, error: expect.stringMatching(/no answer|longer/) })
    expect(server.requests()).toBe(1)
    expect(server.sent()).toBeLessThan(MOST_BYTES)
    await server.close()
  })
})

describe('the fetching of trust data', () => {
  it.concurrent.each(SLOTHS)('comes to an end at a peer whose answers are %s', async (sloth) => {
    const port = await freePort()
    const server = await startSlowServer(port, sloth)
    const result = await pollTrust({ ...deps, fetch })('UZ', `http://127.0.0.1:${port}`)
    expect(result).toHaveProperty('error')
    expect(server.requests()).toBe(1)
    expect(server.sent()).toBeLessThan(MOST_BYTES)
    await server.close()
  })
})

describe('the validation of a certificate whose status list', () => {
  it.each(SLOTHS)(
    'is at a node whose answers are %s cannot tell, and comes to an end',
    async (sloth) => {
      const server = await startSlowServer(Number(new URL(nodes.UZ.url).port), sloth)
      const list = await deps.statusLists.find(
        `${nodes.UZ.url}/status/${SLOTHS.indexOf(sloth)}`,
        'UZ',
      )
      expect(list).toBeUndefined()
      expect(server.requests()).toBeGreaterThan(0)
      expect(server.sent()).toBeLessThan(MOST_BYTES)
      await server.close()
    },
  )
})

it('a call ends when its time has come, though everything that can be forgotten meanwhile is', async () => {
  setFlagsFromString('--expose-gc')
  const collect = runInNewContext('gc') as () => void
  const server = await startSlowServer(Number(new URL(nodes.UZ.url).port), 'dripping')
  const ask = async () => deps.fetch(nodes.UZ.url, { signal: AbortSignal.timeout(3_000) })
  const { body } = await ask()
  const collecting = setInterval(collect, 100)
  await expect(readBounded(body, MOST_BYTES)).rejects.toThrow(/timeout|aborted/)
  clearInterval(collecting)
  await server.close()
})

describe('a node whose peer answers nothing', () => {
  it('stops all the same', async () => {
    const server = await startSlowServer(Number(new URL(nodes.UZ.url).port), 'silent')
    deps.outgoing()
    while (server.requests() === 0) await new Promise((resolve) => setTimeout(resolve, 20))
    await nodes.BY.running.stop()
    await server.close()
    expect(nodes.BY.log.at(-1)).toContain('stopped')
  })
})
