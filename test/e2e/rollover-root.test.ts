import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { decodeBase64 } from '../../src/encoding/base64url.ts'
import { thumbprint } from '../../src/crypto/suite.ts'
import { digestOf } from '../../src/exchange/validation/authenticate.ts'
import { nodeKeyResolver } from '../../src/exchange/node-keys.ts'
import { pollTrust } from '../../src/exchange/keep-trust/poll-trust.ts'
import { pinForDevelopment } from '../../src/node/dev-state.ts'
import { loadPkiDirectory } from '../../src/node/pki/pki-directory.ts'
import { makeTrustList, signTrustList } from '../../src/node/trust-list-maker.ts'
import { publishTrustList } from '../../src/exchange/keep-trust/publish-trust.ts'
import { GENUINE_TO_BOTH, headerOf, type Rollover, startRollover } from '../support/rollover.ts'

const BODY = 'BY.CCI.001'

describe('a new state CA', () => {
  let story: Rollover
  beforeAll(async () => {
    story = await startRollover()
  })
  afterAll(() => story.close())

  it('issues what is made from then on, and what stands below the old one goes on', async () => {
    const before = await story.trade()
    await story.renew({ purpose: 'state-ca' })
    await story.trade()
    await story.renew({ purpose: 'body-ca', partyId: BODY })
    for (const purpose of ['document-seal', 'node', 'registry-seal', 'status-signer'] as const)
      await story.renew({
        purpose,
        from: story.now(),
        partyId: purpose === 'document-seal' ? BODY : undefined,
      })
    await story.pass(1)
    const after = await story.trade()
    const [old, young] = [before, after].map(({ document }) => headerOf(document).x5c)
    expect(young![2]).not.toBe(old![2])
    expect(decodeBase64(young![2]!)).toEqual((await story.keys('state-ca'))[1]!.certificate)
    await story.pass(40)
    for (const { document } of [before, after, await story.trade()])
      expect(await story.verdicts(document)).toEqual(GENUINE_TO_BOTH)
  })
})

describe('a new root', () => {
  let story: Rollover
  let before: Awaited<ReturnType<Rollover['trade']>>
  beforeAll(async () => {
    story = await startRollover()
    before = await story.trade()
  })
  afterAll(() => story.close())

  const kinds = async (of: 'BY' | 'UZ') =>
    (await story[of].running.deps.trust()).anchors
      .filter(({ state }) => state === 'BY')
      .map(({ links }) => (links ? 'linked' : 'pinned'))

  it('is believed by the certificate of the old one, while everything goes on', async () => {
    const old = (await story.keys('root'))[0]!
    await story.renew({ purpose: 'root' })
    expect(await kinds('UZ')).toEqual(['linked', 'pinned'])
    await story.trade()
    await story.renew({ purpose: 'trust-list-signer' })
    await story.renew({ purpose: 'state-ca' })
    await story.renew({ purpose: 'body-ca', partyId: BODY })
    for (const purpose of ['document-seal', 'node', 'registry-seal', 'status-signer'] as const)
      await story.renew({
        purpose,
        from: story.now(),
        partyId: purpose === 'document-seal' ? BODY : undefined,
      })
    await story.pass(1)
    const after = await story.trade()
    expect(after.signedBy).not.toBe(before.signedBy)
    const list = (await story.UZ.running.deps.trust()).view.list('BY')!
    expect(list.root).not.toBe(Buffer.from(old.certificate).toString('base64'))
    for (const { document } of [before, after])
      expect(await story.verdicts(document)).toEqual(GENUINE_TO_BOTH)
  })

  it('asks the operators of both sides to pin it before that certificate ends', async () => {
    for (const node of [story.BY, story.UZ]) {
      const authority = await node.client(
        'authority',
        node.state === 'BY' ? 'BY.CCI' : 'UZ.EXPERTIZA',
      )
      const { body } = await authority.get('/v1/warnings')
      const { warnings } = body as { warnings: { kind: string; subject: string }[] }
      expect(warnings).toContainEqual(
        expect.objectContaining({ kind: 'root-not-pinned', subject: 'BY', overdue: false }),
      )
    }
  })

  it('stays once it is pinned; the old pin serves for the past and signs no list any more', async () => {
    const made = (await story.keys('root'))[1]!
    const rootSha256 = await thumbprint(made.certificate)
    for (const node of [story.BY, story.UZ])
      await pinForDevelopment(node.running.deps.trustStore, 'BY', rootSha256)
    expect(await kinds('UZ')).toEqual(['pinned', 'pinned'])
    await story.pass(370)
    for (const { document } of [before, await story.trade()])
      expect((await story.verdicts(document)).map(({ indication }) => indication)).toEqual([
        'TOTAL-PASSED',
        'TOTAL-PASSED',
      ])

    const { keys, bodies, url, passphrase, running } = story.BY
    const pki = await loadPkiDirectory(keys)
    const newest = (await running.deps.trustStore.newest()).find(({ state }) => state === 'BY')!
    const list = (await running.deps.trust()).view.list('BY')!
    const next = await makeTrustList({
      pki,
      bodies,
      url,
      now: story.now(),
      validDays: 90,
      previous: { list, sha256: await digestOf(newest.jws) },
    })
    const signers = pki.keys.filter(({ purpose }) => purpose === 'trust-list-signer')
    const former = { ...pki, keys: pki.keys.filter((key) => key !== signers[1]) }
    for (const node of [story.BY, story.UZ])
      expect(
        await publishTrustList(node.running.deps)(await signTrustList(next, former, passphrase)),
      ).toMatchObject({ outcome: 'refused', refusal: { refused: 'signer-not-valid' } })
    const back = { ...next, root: list.cas.find((ca) => ca === encoded(pki.keys, 'root'))! }
    for (const node of [story.BY, story.UZ])
      expect(
        await publishTrustList(node.running.deps)(await signTrustList(back, former, passphrase)),
      ).toMatchObject({ outcome: 'refused', refusal: { refused: 'entries-dropped' } })
  })
})

function encoded(
  keys: readonly { purpose: string; certificate: Uint8Array }[],
  purpose: string,
): string {
  return Buffer.from(keys.find((key) => key.purpose === purpose)!.certificate).toString('base64')
}

describe('a new root that nobody pins', () => {
  let story: Rollover
  beforeAll(async () => {
    story = await startRollover()
  })
  afterAll(() => story.close())

  it('is not believed any more when the cross-signed period has passed, until somebody does', async () => {
    const before = await story.trade()
    await story.renew({ purpose: 'root' })
    await story.renew({ purpose: 'trust-list-signer' })
    const [, made] = await story.keys('root')
    await pinForDevelopment(
      story.BY.running.deps.trustStore,
      'BY',
      await thumbprint(made!.certificate),
    )
    await story.pass(348)
    expect(await story.verdicts(before.document)).toEqual(GENUINE_TO_BOTH)
    await expect(story.pass(29)).rejects.toThrow(/ok: true/)
    const { deps } = story.UZ.running
    const poll = () => pollTrust({ ...deps, fetch })('BY', story.BY.url)
    expect(await poll()).toMatchObject({ error: expect.stringMatching(/root-not-pinned.*expired/) })
    expect(await nodeKeyResolver(deps)(await nodeKeyOf('BY'))).toBeDefined()

    await pinForDevelopment(deps.trustStore, 'BY', await thumbprint(made!.certificate))
    expect(await poll()).toEqual({ ok: true })
    for (const { document } of [before, await story.trade()])
      expect((await story.verdicts(document))[0]).toMatchObject({ indication: 'TOTAL-PASSED' })
  })

  const nodeKeyOf = async (of: 'BY' | 'UZ') => (await story[of].running.deps.nodeKey()).keyid
})
