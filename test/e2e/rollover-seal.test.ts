import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { payloadOf } from '../../src/exchange/registered.ts'
import { peerOf, postAs } from '../support/sign-as.ts'
import { GENUINE_TO_BOTH, headerOf, type Rollover, startRollover } from '../support/rollover.ts'

const BODY = 'BY.CCI.001'

describe('a new seal of a body', () => {
  let story: Rollover
  beforeAll(async () => {
    story = await startRollover()
  })
  afterAll(() => story.close())

  it('signs when its time has come, and the old one nothing after its end', async () => {
    const before = await story.trade()
    const made = await story.renew({ purpose: 'document-seal', partyId: BODY })
    expect(await story.trade()).toMatchObject({ signedBy: before.signedBy })

    await story.pass(31)
    const after = await story.trade()
    expect(after.signedBy).toBe(made.id)
    const old = (await story.keys('document-seal')).find(({ partyId }) => partyId === BODY)
    // What the old seal signed may still be on its way.
    const onItsWay = await story.signWith(old!, before.document)
    expect((await story.verdicts(onItsWay))[0]).toMatchObject({ indication: 'TOTAL-PASSED' })

    await story.pass(30)
    for (const { document } of [before, after, await story.trade()])
      expect(await story.verdicts(document)).toEqual(GENUINE_TO_BOTH)
    const inTime = new Date(story.now().getTime() - 10 * 86_400_000)
    const late = await story.signWith(old!, before.document, inTime)
    // Nothing proves that it was signed before the planned end, as it says, nor that it was not.
    const ended = { answer: 'cannot-tell', reasons: ['key-ended'] }
    expect(await story.verdicts(late)).toMatchObject([ended, ended])
    // One that says itself that it was signed afterwards needs no proof.
    const afterwards = { answer: 'not-usable', indication: 'TOTAL-FAILED', reasons: ['key-ended'] }
    expect(await story.verdicts(await story.signWith(old!, before.document))).toMatchObject([
      afterwards,
      afterwards,
    ])
    // From a queue that grew older than the overlap it is refused for good, and nobody calls it forged.
    const created = Math.floor(story.now().getTime() / 1000)
    const messages = [{ seq: 100_000, document: late }]
    const peer = await peerOf(story.BY)
    const reply = await postAs(peer, story.UZ, '/exchange/v1/messages', { messages }, { created })
    const [receipt] = (reply.body as { receipts: string[] }).receipts
    expect(payloadOf(receipt!)).toMatchObject({
      decisions: [{ outcome: 'refused', findings: ['KEY-ENDED'] }],
    })
    expect(await story.verdicts(late)).toMatchObject([ended, ended])
    const { seals } = story.BY.running.deps
    expect(seals.bodies.map(({ x5tS256 }) => x5tS256)).toContain(before.signedBy)
  })

  it('is below the new authority of the body once there is one, and both go on with their CRLs', async () => {
    const before = await story.trade()
    await story.renew({ purpose: 'body-ca', partyId: BODY })
    expect((await story.trade()).signedBy).toBe(before.signedBy)
    await story.renew({ purpose: 'document-seal', partyId: BODY, from: story.now() })
    await story.pass(1)
    const after = await story.trade()
    expect(headerOf(after.document).x5c[1]).not.toBe(headerOf(before.document).x5c[1])
    for (const { document } of [before, after])
      expect(await story.verdicts(document)).toEqual(GENUINE_TO_BOTH)
    await story.pass(40)
    for (const { document } of [before, after, await story.trade()])
      expect(await story.verdicts(document)).toEqual(GENUINE_TO_BOTH)
  })
})
