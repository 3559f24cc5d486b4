import { afterAll, beforeAll, expect, it } from 'vitest'
import { demoCertificate } from '../../src/cli/demo/documents.ts'
import { formatInstant } from '../../src/encoding/time.ts'
import { payloadOf } from '../../src/exchange/registered.ts'
import { signJws } from '../../src/jose/sign.ts'
import { openSeal } from '../../src/node/keyring.ts'
import { loadPkiDirectory } from '../../src/node/pki/pki-directory.ts'
import { renewKey } from '../../src/node/pki/renew.ts'
import { validateCertificate } from '../../src/exchange/validation/validate.ts'
import { makeTrustList, signTrustList } from '../../src/node/trust-list-maker.ts'
import { TrustList } from '../../src/trust/trust-list.ts'
import { today } from '../support/day.ts'
import { eventually, startTwoNodes, type TestNode, type TwoNodes } from '../support/two-nodes.ts'

let nodes: TwoNodes
beforeAll(async () => {
  nodes = await startTwoNodes({ policies: { UZ: { trustListGraceHours: 1 } } })
})
afterAll(() => nodes.close())

/** A document under a seal that its authority certified and no list names yet. */
async function ofUnlistedSeal(node: TestNode, partyId: string, payload: object): Promise<string> {
  const [now, pki] = [new Date(), await loadPkiDirectory(node.keys)]
  const renewal = { purpose: 'document-seal', partyId, from: now, now, sealAlgorithm: 'ES256' }
  const made = await renewKey(pki, renewal as Parameters<typeof renewKey>[1], node.passphrase)
  if ('obstacle' in made) throw new Error(made.obstacle)
  const again = await loadPkiDirectory(node.keys)
  const stored = again.keys.findLast(
    (key) => key.partyId === partyId && key.purpose === 'document-seal',
  )
  const seal = await openSeal(again, stored!, node.passphrase)
  return signJws({ typ: 'product-certificate+jwt', payload, seal, signedAt: now })
}

it('a list past its next update warns, then leaves answers open, and stops no one from issuing', async () => {
  const { BY, UZ } = nodes
  const chamber = await BY.client('issuer', 'BY.CCI')
  const publisher = await BY.client('authority', 'BY.CCI')
  const newest = await BY.running.deps.trustStore.newest()
  const { jws, sha256 } = newest.find(({ state }) => state === 'BY')!
  const previous = { list: TrustList.parse(payloadOf(jws)), sha256 }
  const { pki, bodies, url, passphrase } = BY
  // One second: it is past before anything is asked.
  const made = await makeTrustList({
    pki,
    bodies,
    url,
    now: new Date(),
    validDays: 1 / 86_400,
    previous,
  })
  const signed = await signTrustList(made, pki, passphrase)
  const published = await publisher.postBytes('/v1/admin/trust-lists', 'application/jose', signed)
  expect(published.status).toBe(201)
  await eventually('it is past, at the other node as well', async () => {
    const known = await UZ.running.deps.trustStore.versions('BY')
    return known.at(-1)?.version === made.version && formatInstant(new Date()) > made.nextUpdate
  })

  const certificate = await demoCertificate('origin-ct1-tractors', today, 71)
  const issued = await chamber.post('/v1/certificates', { certificate })
  expect(issued.status).toBe(201)
  const { document, sha256: digest } = issued.body as { document: string; sha256: string }
  await eventually('it is decided', async () => {
    const found = await UZ.running.deps.inbox.find('BY', [digest])
    return found.get(digest)?.decision?.outcome === 'accepted'
  })

  const { deps } = UZ.running
  const afterHours = (hours: number, shown = document) =>
    validateCertificate({ ...deps, now: () => new Date(Date.now() + hours * 3_600_000) })({
      subject: { document: shown },
    })
  const inGrace = await afterHours(0)
  expect(inGrace.answer).toBe('usable')
  expect(inGrace.checks).toContainEqual(
    expect.objectContaining({ code: 'trust-list-overdue', outcome: 'warning' }),
  )
  const past = await afterHours(1.1)
  expect(past).toMatchObject({ answer: 'cannot-tell' })
  expect(past.reasons).toContain('trust-list-stale')

  // Whose list is overdue may name the seal by now; the list of the other state does not.
  const claims = payloadOf(document) as object
  const ofOverdue = await ofUnlistedSeal(BY, 'BY.CCI.001', claims)
  expect(await afterHours(1.1, ofOverdue)).toMatchObject({
    answer: 'cannot-tell',
    reasons: ['key-unknown', 'trust-list-stale'],
  })
  const ofCurrent = await ofUnlistedSeal(UZ, 'UZ.EXPERTIZA.001', claims)
  expect(await afterHours(1.1, ofCurrent)).toMatchObject({
    answer: 'not-usable',
    reasons: ['key-unknown'],
  })

  const auditor = await UZ.client('auditor', 'UZ.AUDIT')
  const { body } = await auditor.get('/v1/warnings')
  expect((body as { warnings: object[] }).warnings).toContainEqual(
    expect.objectContaining({ kind: 'trust-list-due', subject: 'BY', overdue: true }),
  )
})
