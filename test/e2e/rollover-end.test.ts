import { X509Certificate } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { thumbprint } from '../../src/crypto/suite.ts'
import { pinForDevelopment } from '../../src/node/dev-state.ts'
import { type Rollover, startRollover } from '../support/rollover.ts'

const BODY = 'BY.CCI.001'

/** Days that keys last, so that everything from the seal to the root ends within one story. */
const SHORT = { leaf: 60, ca: 90, root: 130 }

describe('keys, authorities and a root that have ended', () => {
  let story: Rollover
  beforeAll(async () => {
    story = await startRollover()
  })
  afterAll(() => story.close())

  async function newRoot(validity = {}): Promise<void> {
    await story.renew({ purpose: 'root', validity })
    const root = (await story.keys('root')).at(-1)!
    for (const { running } of [story.BY, story.UZ])
      await pinForDevelopment(running.deps.trustStore, 'BY', await thumbprint(root.certificate))
    await story.renew({ purpose: 'trust-list-signer' })
  }

  async function newBranch(validity = {}): Promise<void> {
    await story.renew({ purpose: 'state-ca', validity })
    await story.renew({ purpose: 'body-ca', partyId: BODY, validity })
    await story.renew({ purpose: 'document-seal', partyId: BODY, from: story.now(), validity })
  }

  it('leave the documents of their time genuine, and sign nothing more', async () => {
    await newRoot(SHORT)
    await newBranch(SHORT)
    const seal = (await story.keys('document-seal')).at(-1)!
    await story.pass(1)
    const shortLived = await story.trade()
    expect(shortLived.signedBy).toBe(await thumbprint(seal.certificate))
    await newRoot()
    await newBranch()
    // Past the end of the seal, of the authorities, and of the root above them.
    for (const days of [65, 30, 58]) {
      await story.pass(days)
      for (const { document } of [shortLived, await story.trade()])
        expect((await story.verdicts(document)).map(({ indication }) => indication)).toEqual([
          'TOTAL-PASSED',
          'TOTAL-PASSED',
        ])
    }
    const root = new X509Certificate((await story.keys('root'))[1]!.certificate)
    expect(Date.parse(root.validTo)).toBeLessThan(story.now().getTime())
    const late = await story.signWith(seal, shortLived.document)
    for (const { answer, indication } of await story.verdicts(late)) {
      expect(answer).not.toBe('usable')
      expect(indication).not.toBe('TOTAL-PASSED')
    }
  })
})
