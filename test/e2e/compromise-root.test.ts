import { rm } from 'node:fs/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { ApiClient } from '../../src/node/api-client.ts'
import { pinForDevelopment } from '../../src/node/dev-state.ts'
import { loadPkiDirectory } from '../../src/node/pki/pki-directory.ts'
import { type RenewablePurpose, renewKey } from '../../src/node/pki/renew.ts'
import { ask, decisionAt, issue, type Issued } from '../support/changes.ts'
import { certex, words } from '../support/cli.ts'
import { provenAtBoth } from '../support/compromise.ts'
import { freshCertificate, sealOf } from '../support/hostile.ts'
import { firstMeeting } from '../support/newcomer.ts'
import { nextSecond, reports } from '../support/notices.ts'
import { type Operator, operatorOf, thumbprintsOf } from '../support/operator.ts'
import { peerOf } from '../support/sign-as.ts'
import { answerTo, belief } from '../support/thief.ts'
import { startTestNode, startTwoNodes, type TestNode } from '../support/two-nodes.ts'

const BODY = 'BY.CCI.001'
/** What the root certified, and what that certified. */
const BELOW_ROOT = [
  'trust-list-signer',
  'state-ca',
  'body-ca',
  'node',
  'registry-seal',
  'status-signer',
] as const
const VALID = { answer: 'usable', indication: 'TOTAL-PASSED', reasons: [] }
const NO_ROOT = {
  answer: 'not-usable',
  indication: 'INDETERMINATE',
  subIndication: 'NO_CERTIFICATE_CHAIN_FOUND',
  reasons: ['no-anchor'],
}

let folder: string
let BY: TestNode
let UZ: TestNode
let operators: Operator[]
let chamber: ApiClient
let readers: ApiClient[]
/** Known to both nodes before the root was in wrong hands, and after. */
let before: Issued
let after: Issued
/** Since when it may have been. */
let from: string

beforeAll(async () => {
  const nodes = await startTwoNodes()
  ;({ folder, BY, UZ } = nodes)
  operators = [operatorOf(BY), operatorOf(UZ)]
  await connect()
  before = await provenAtBoth(nodes, chamber)
  from = await nextSecond()
  after = await issue(chamber, 'origin-ct1-tractors')
  await decisionAt(BY, 'UZ', after.sha256)
  expect(await answers()).toMatchObject([
    [VALID, VALID],
    [VALID, VALID],
  ])
})
afterAll(async () => {
  await Promise.all([BY.running.stop(), UZ.running.stop()])
  await rm(folder, { recursive: true, force: true })
})

async function connect(): Promise<void> {
  chamber = await BY.client('issuer', 'BY.CCI')
  readers = [await BY.client('auditor', 'BY.AUDIT'), await UZ.client('customs', 'UZ.CUSTOMS')]
}

/** What both nodes answer of what was proven before and after. */
const answers = () =>
  Promise.all(readers.map((reader) => reports(reader, [before.document, after.document])))

/** As `certex pki renew … --at-once` does it, in this process. */
async function renewed(purpose: RenewablePurpose): Promise<void> {
  const now = new Date()
  const renewal = { purpose, partyId: BODY, now, from: now, overlapDays: 0 }
  const made = await renewKey(
    await loadPkiDirectory(BY.keys),
    { ...renewal, sealAlgorithm: 'ES256' },
    BY.passphrase,
  )
  expect(made).not.toHaveProperty('obstacle')
}

describe('a root in wrong hands', () => {
  it('is withdrawn at each node by two persons, and by none alone', async () => {
    const withdrawal = words`--config ${UZ.configFile} --state BY --fingerprint ${BY.rootSha256}`
    const alone = await certex(
      words`trust withdraw-root ${withdrawal} --from ${from} --as ${'Anna K.'}`,
    )
    expect(alone, alone.stderr).toMatchObject({ code: 0 })
    for (const [as, said] of [
      ['anna k.', /cannot approve it as well/],
      ['Boris M.', /^$/],
    ] as const) {
      const open = as === 'Boris M.' ? 0 : 1
      const approved = await certex(
        words`trust approve ${withdrawal} --withdrawn-from ${from} --as ${as}`,
      )
      expect(approved).toMatchObject({ code: open, stderr: expect.stringMatching(said) })
      const [, atUz] = await answers()
      expect(atUz).toMatchObject([VALID, open === 0 ? NO_ROOT : VALID])
    }
    await operators[0]!.decide('withdraw-root', BY.rootSha256, from)
    expect(await answers()).toMatchObject([
      [VALID, NO_ROOT],
      [VALID, NO_ROOT],
    ])
  })

  it('opens nothing and signs nothing from then on', async () => {
    const peer = await peerOf(BY)
    expect(await answerTo(peer, UZ)).toBe('401 unknown-peer')
    expect(await belief(UZ, peer)).toContain('key-unknown')
    const certificate = await freshCertificate()
    const refused = await ask(chamber, '/v1/certificates', { certificate })
    expect(refused).toMatchObject({ status: 409, slug: 'seal-not-available' })
    expect(refused.body['detail']).toContain('no-anchor')
  })

  it('is followed by another, which two persons at each node have compared', async () => {
    const [operator] = operators
    await operator!.pki('renew', 'root')
    for (const purpose of BELOW_ROOT) await renewed(purpose)
    await operator!.pki('renew', 'document-seal', '--body', BODY, '--at-once')

    const list = await operator!.issueList()
    expect(list, list.stderr).toMatchObject({ code: 0 })
    const publish = words`trust publish --config ${BY.configFile} ${list.file} --crls ${`${BY.keys}/crls`}`
    expect(await certex(publish)).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/root-not-pinned/),
    })
    const [, root] = await thumbprintsOf(BY, 'root')
    await operators[1]!.decide('pin', root!)
    await pinForDevelopment(BY.running.deps.trustStore, 'BY', root!)
    await operator!.publish(list.file, UZ)
    await BY.running.stop()
    BY = await startTestNode(BY)
    await connect()
  })

  it('takes nothing with it that was proven before, and the exchange goes on', async () => {
    expect(await answers()).toMatchObject([
      [VALID, NO_ROOT],
      [VALID, NO_ROOT],
    ])
    const issued = await issue(chamber, 'origin-ct1-tractors')
    expect(await decisionAt(BY, 'UZ', issued.sha256)).toMatchObject({ outcome: 'accepted' })
    const seal = await sealOf(BY, BODY)
    expect(seal.x5tS256).not.toBe((await thumbprintsOf(BY, 'document-seal')).at(-1))
    expect(await answerTo(await peerOf(BY), UZ)).toBe('401 unknown-peer')
    const { key, keyid } = await BY.running.deps.nodeKey()
    expect(await answerTo({ state: 'BY', key, keyid }, UZ)).toBe('200')
  })

  it('is not needed by a state that comes later and has been shown the next root alone', async () => {
    const [, root] = await thumbprintsOf(BY, 'root')
    expect(await firstMeeting(BY, root!)).toEqual({ polled: { ok: true }, version: 2 })
  })
})
