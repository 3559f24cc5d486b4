import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { peerReader } from '../../src/exchange/delivery/peer-client.ts'
import { nodeKeyResolver } from '../../src/exchange/node-keys.ts'
import { openSeal } from '../../src/node/keyring.ts'
import { loadPkiDirectory } from '../../src/node/pki/pki-directory.ts'
import { parseSignedCheckpoint, verifyCheckpoint } from '../../src/tlog/checkpoint.ts'
import { formatVerifierKey, parseVerifierKey } from '../../src/tlog/verifier-key.ts'
import { GENUINE_TO_BOTH, headerOf, type Rollover, startRollover } from '../support/rollover.ts'
import { getAs } from '../support/sign-as.ts'
import { eventually } from '../support/two-nodes.ts'

let story: Rollover
beforeAll(async () => {
  story = await startRollover()
}, 60_000)
afterAll(() => story.close())

const WORKING = ['node', 'registry-seal', 'status-signer'] as const

/** Thumbprints of the keys with which Belarus signs its messages, receipts and status lists now. */
async function inUse(): Promise<Record<(typeof WORKING)[number], string>> {
  const { seals, nodeKey } = story.BY.running.deps
  return {
    node: (await nodeKey()).keyid,
    'registry-seal': (await seals.registry()).x5tS256,
    'status-signer': headerOf(await (await fetch(`${story.BY.url}/status/1`)).text())['x5t#S256'],
  }
}

/** How Uzbekistan answers a request that is signed with a node key of Belarus's folder. */
async function answerTo(index: number): Promise<string> {
  const { keys, passphrase } = story.BY
  const stored = (await story.keys('node'))[index]!
  const { key, x5tS256 } = await openSeal(await loadPkiDirectory(keys), stored, passphrase)
  const created = Math.floor(story.now().getTime() / 1000)
  const peer = { state: 'BY', key, keyid: x5tS256 }
  const { status, body } = await getAs(peer, story.UZ, '/exchange/v1/feed?wait=0', { created })
  const type = (body as { type?: string } | undefined)?.type ?? ''
  return `${status} ${type.replace(`${story.UZ.url}/problems/`, '')}`.trim()
}

describe('new keys of a node', () => {
  it('take over when their time has come, and nothing is interrupted', async () => {
    const before = await story.trade()
    const old = await inUse()
    const made: Record<string, string> = {}
    for (const purpose of WORKING) made[purpose] = (await story.renew({ purpose })).id
    expect(await inUse()).toEqual(old)
    await story.trade()

    await story.pass(31)
    expect(await inUse()).toEqual(made)
    const between = await story.trade()
    // While both are in force, peers believe either.
    expect([await answerTo(0), await answerTo(1)]).toEqual(['200', '200'])

    await story.pass(31)
    expect(await inUse()).toEqual(made)
    for (const { document } of [before, between, await story.trade()])
      expect(await story.verdicts(document)).toEqual(GENUINE_TO_BOTH)
  }, 180_000)

  it('the old node key opens nothing after its end, here and there', async () => {
    expect([await answerTo(0), await answerTo(1)]).toEqual(['401 unknown-peer', '200'])
    const [old] = await story.keys('node')
    const { deps } = story.BY.running
    const { key, x5tS256 } = await openSeal(
      await loadPkiDirectory(story.BY.keys),
      old!,
      story.BY.passphrase,
    )
    expect(await nodeKeyResolver(deps)(x5tS256)).toBeUndefined()
    const ask = peerReader({
      ...deps,
      node: async () => ({ key, keyid: x5tS256 }),
      resolveKey: nodeKeyResolver(deps),
    })
    expect(await ask('UZ', `${story.UZ.url}/exchange/v1/feed?wait=0`, 0)).toMatchObject({
      ok: false,
    })
  }, 60_000)

  it('are named by the address alone when the old one has ended', async () => {
    const list = (await story.UZ.running.deps.trust()).view.list('BY')!
    expect(list.nodes).toEqual([{ state: 'BY', url: story.BY.url, key: (await inUse()).node }])
  })
})

describe('a new list signer', () => {
  it('signs the next list, and the peers go on with it', async () => {
    const { id } = await story.renew({ purpose: 'trust-list-signer' })
    const newest = async (of: 'BY' | 'UZ') =>
      (await story[of].running.deps.trustStore.newest()).find(({ state }) => state === 'BY')!
    for (const of of ['BY', 'UZ'] as const)
      expect(headerOf((await newest(of)).jws)['x5t#S256']).toBe(id)
    expect((await newest('UZ')).sha256).toBe((await newest('BY')).sha256)
    await story.trade()
  }, 60_000)
})

describe('new keys of log and witness', () => {
  it('take over when their time has come; the list says until when the old ones counted', async () => {
    const signers = async () => [
      formatVerifierKey((await story.BY.running.deps.logSigner()).key),
      formatVerifierKey((await story.BY.running.deps.witnessSigner()).key),
    ]
    const old = await signers()
    await story.renew({ purpose: 'log' })
    await story.renew({ purpose: 'witness' })
    expect(await signers()).toEqual(old)
    await story.pass(31)
    const made = await signers()
    expect(made[0]).not.toBe(old[0])
    expect(made[1]).not.toBe(old[1])
    const { logs } = (await story.UZ.running.deps.trust()).view.list('BY')!
    expect(logs.map(({ key }) => key).toSorted()).toEqual([...old, ...made].toSorted())
    for (const { key, until } of logs) expect(until !== undefined).toBe(old.includes(key))
    await story.trade()
    const [key] = made.map((text) => parseVerifierKey(text, 'ed25519'))
    if (!key || 'malformed' in key) throw new Error('no key')
    await eventually('a checkpoint under the new key', async () => {
      const { note } = (await story.BY.running.deps.log.checkpoint())!
      const signed = parseSignedCheckpoint(new TextEncoder().encode(note))
      if ('malformed' in signed) throw new Error(signed.malformed)
      return (await verifyCheckpoint(signed, [key])) === 'valid'
    })
  }, 120_000)
})
