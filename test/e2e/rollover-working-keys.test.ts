import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { thumbprint } from '../../src/crypto/suite.ts'
import { peerReader } from '../../src/exchange/delivery/peer-client.ts'
import { nodeKeyResolver } from '../../src/exchange/node-keys.ts'
import type { EvidencePack } from '../../src/exchange/evidence/pack.ts'
import { judgeQuorum } from '../../src/exchange/log/judge-quorum.ts'
import { appliedPolicy, ONLY_LISTED_WITNESSES } from '../../src/exchange/log/policy.ts'
import { publishTrustList } from '../../src/exchange/keep-trust/publish-trust.ts'
import { payloadOf } from '../../src/exchange/registered.ts'
import { signStatusList, verifyStatusList } from '../../src/exchange/status-lists/token.ts'
import { openSeal } from '../../src/node/keyring.ts'
import { loadPkiDirectory } from '../../src/node/pki/pki-directory.ts'
import { makeTrustList, signTrustList } from '../../src/node/trust-list-maker.ts'
import { packStatusList } from '../../src/status-list/status-list.ts'
import { verifyCheckpoint } from '../../src/tlog/checkpoint.ts'
import { cosign } from '../../src/tlog/cosignature.ts'
import { formatSignedNote } from '../../src/tlog/signed-note.ts'
import { formatVerifierKey, parseVerifierKey } from '../../src/tlog/verifier-key.ts'
import { TrustList } from '../../src/trust/trust-list.ts'
import { completePack, judgePack, rootOf } from '../support/evidence.ts'
import { parsedNote, signedNote } from '../support/log-world.ts'
import { GENUINE_TO_BOTH, headerOf, type Rollover, startRollover } from '../support/rollover.ts'
import { getAs } from '../support/sign-as.ts'
import { eventually } from '../support/two-nodes.ts'

let story: Rollover
beforeAll(async () => {
  story = await startRollover()
})
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

/** Why Uzbekistan does not believe a status list that a key of Belarus signs today. */
async function refusalOf(which: 'old' | 'new'): Promise<string | undefined> {
  const { keys, passphrase, url } = story.BY
  const stored = (await story.keys('status-signer')).at(which === 'old' ? 0 : -1)!
  const signer = await openSeal(await loadPkiDirectory(keys), stored, passphrase)
  const list = packStatusList(8, [])
  const token = await signStatusList({
    uri: `${url}/status/1`,
    list,
    signer,
    signedAt: story.now(),
  })
  const { trust, paths, now } = story.UZ.running.deps
  const verified = await verifyStatusList(token, { trust: await trust(), paths, now: now() })
  return 'refused' in verified ? verified.refused : undefined
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
    expect(await refusalOf('old')).toBeUndefined()
    const made: Record<string, string> = {}
    for (const purpose of WORKING) made[purpose] = (await story.renew({ purpose })).id
    expect(await inUse()).toEqual(old)
    await story.trade()

    await story.pass(31)
    expect(await inUse()).toEqual(made)
    const between = await story.trade()
    // While both are in force, peers believe either.
    expect([await answerTo(0), await answerTo(1)]).toEqual(['200', '200'])
    expect([await refusalOf('old'), await refusalOf('new')]).toEqual([undefined, undefined])

    await story.pass(31)
    expect(await inUse()).toEqual(made)
    expect([await refusalOf('old'), await refusalOf('new')]).toEqual(['key-ended', undefined])
    for (const { document } of [before, between, await story.trade()])
      expect(await story.verdicts(document)).toEqual(GENUINE_TO_BOTH)
  })

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
  })

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
  })

  it('leaves the one before with its word, until the root revokes it', async () => {
    const { keys, bodies, url, passphrase, running } = story.BY
    const pki = await loadPkiDirectory(keys)
    const [former] = await story.keys('trust-list-signer')
    const { jws, sha256 } = (await running.deps.trustStore.newest()).find(
      ({ state }) => state === 'BY',
    )!
    const previous = { list: TrustList.parse(payloadOf(jws)), sha256 }
    const next = { pki, bodies, url, now: story.now(), validDays: 90, previous }
    const signers = pki.keys.filter(
      ({ purpose, certificateFile }) =>
        purpose !== 'trust-list-signer' || certificateFile === former!.certificateFile,
    )
    const byFormer = await signTrustList(
      await makeTrustList(next),
      { ...pki, keys: signers },
      passphrase,
    )
    expect(headerOf(byFormer)['x5t#S256']).toBe(await thumbprint(former!.certificate))
    for (const node of [story.BY, story.UZ])
      expect((await publishTrustList(node.running.deps)(byFormer)).outcome).toMatch(/published/)
    await story.publish('BY')
  })
})

describe('new keys of log and witness', () => {
  const signers = async () => {
    const { logSigner, witnessSigner } = story.BY.running.deps
    return { log: await logSigner(), witness: await witnessSigner() }
  }
  const texts = ({ log, witness }: Awaited<ReturnType<typeof signers>>) => [
    formatVerifierKey(log.key),
    formatVerifierKey(witness.key),
  ]
  let old: Awaited<ReturnType<typeof signers>>
  /** Of one certificate, resting on the log key of Belarus and on its witness key. */
  let packs: EvidencePack[]

  beforeAll(async () => {
    old = await signers()
    const { document } = await story.trade()
    const { certificate } = payloadOf(document) as { certificate: { type: string; number: string } }
    packs = await Promise.all(
      [story.BY, story.UZ].map(async (node) =>
        completePack(await node.client('auditor', `${node.state}.AUDIT`), story.BY, certificate),
      ),
    )
    expect(packs.map(({ state }) => state)).toEqual(['BY', 'UZ'])
  })

  /** What the witness of Uzbekistan answers to a checkpoint that the old log key signs today. */
  async function askWitness(): Promise<number> {
    const note = await signedNote({ root: () => new Uint8Array(32) }, 1_000_000n, old.log)
    const { status } = await fetch(`${story.UZ.url}/witness/add-checkpoint`, {
      method: 'POST',
      headers: { 'content-type': 'text/plain' },
      body: `old 0\n\n${note}`,
    })
    return status
  }

  /** Whether a cosignature that the old witness key makes today is enough for the log of Uzbekistan. */
  async function isQuorum(): Promise<boolean> {
    const { log, trust } = story.UZ.running.deps
    const signed = parsedNote((await log.checkpoint())!.note)
    const line = await cosign(signed, old.witness, story.now())
    const { text } = signed.note
    const cosigned = parsedNote(formatSignedNote({ text, signatures: [line] }))
    const applied = appliedPolicy((await trust()).view, 'UZ', ONLY_LISTED_WITNESSES)!
    return 'at' in (await judgeQuorum(cosigned, applied))
  }

  it('take over when their time has come; the list says until when the old ones counted', async () => {
    await story.renew({ purpose: 'log' })
    await story.renew({ purpose: 'witness' })
    expect(texts(await signers())).toEqual(texts(old))
    await story.pass(31)
    const made = texts(await signers())
    expect(made[0]).not.toBe(texts(old)[0])
    expect(made[1]).not.toBe(texts(old)[1])
    const { logs } = (await story.UZ.running.deps.trust()).view.list('BY')!
    expect(logs.map(({ key }) => key).toSorted()).toEqual([...texts(old), ...made].toSorted())
    for (const { key, until } of logs) expect(until !== undefined).toBe(texts(old).includes(key))
    await story.trade()
    const [key] = made.map((text) => parseVerifierKey(text, 'ed25519'))
    if (!key || 'malformed' in key) throw new Error('no key')
    await eventually('a checkpoint under the new key', async () => {
      const { note } = (await story.BY.running.deps.log.checkpoint())!
      return (await verifyCheckpoint(parsedNote(note), [key])) === 'valid'
    })
    // Its signature is taken; that it does not continue what was cosigned is another matter.
    expect([await askWitness(), await isQuorum()]).toEqual([409, true])
  })

  it('are alone when the old ones have ended, and what rests on those is proven as before', async () => {
    const lists = async () =>
      Promise.all(
        [story.BY, story.UZ].map(async ({ url }) => (await fetch(`${url}/trust/list`)).text()),
      )
    await story.pass(31)
    expect([await askWitness(), await isQuorum()]).toEqual([403, false])
    const roots = [rootOf(story.BY), rootOf(story.UZ)]
    for (const pack of packs) {
      const given = {
        roots,
        lists: await lists(),
        crls: [],
        ocsp: [],
        environment: 'production',
      } as const
      const { report, refused } = await judgePack(pack, roots, { given, now: story.now() })
      expect(refused).toEqual([])
      const state = pack.state === 'BY' ? 'UZ' : 'BY'
      const provenBy = { by: 'witness', log: pack.state, state }
      expect(report).toMatchObject({ indication: 'TOTAL-PASSED', answer: 'usable', provenBy })
    }
    await story.trade()
  })
})
