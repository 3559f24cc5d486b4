import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { demoCertificate } from '../../src/cli/demo/documents.ts'
import { digestOf } from '../../src/exchange/validation/authenticate.ts'
import { pollTrust } from '../../src/exchange/keep-trust/poll-trust.ts'
import { payloadOf } from '../../src/exchange/registered.ts'
import { signJws } from '../../src/jose/sign.ts'
import { loadPkiDirectory } from '../../src/node/pki/pki-directory.ts'
import { makeTrustList, signTrustList } from '../../src/node/trust-list-maker.ts'
import { TrustList } from '../../src/trust/trust-list.ts'
import { today } from '../support/day.ts'
import { nextSecond } from '../support/notices.ts'
import { eventually, startTwoNodes, type TwoNodes } from '../support/two-nodes.ts'

const context = { officer: 'Test', purpose: 'test' }

describe('a seal is removed from the trust list', () => {
  let nodes: TwoNodes
  beforeAll(async () => {
    nodes = await startTwoNodes()
  })
  afterAll(() => nodes.close())

  it('signs nothing from then on, here and there, and its old documents stay', async () => {
    const { BY, UZ } = nodes
    const chamber = await BY.client('issuer', 'BY.CCI')
    const authority = await BY.client('authority', 'BY.CCI')
    const customs = await UZ.client('customs', 'UZ.CUSTOMS')
    const before = await demoCertificate('origin-ct1-tractors', today, 21)
    const issued = await chamber.post('/v1/certificates', { certificate: before })
    expect(issued.status).toBe(201)
    const { document } = issued.body as { document: string }
    await eventually('it arrives', async () =>
      UZ.running.deps.certificates.document((issued.body as { sha256: string }).sha256),
    )

    const newest = await BY.running.deps.trustStore.newest()
    const { jws } = newest.find(({ state }) => state === 'BY')!
    const previous = { list: TrustList.parse(payloadOf(jws)), sha256: await digestOf(jws) }
    const seal = BY.running.deps.seals.bodies.find(
      ({ x5tS256 }) =>
        previous.list.keys.find((key) => key.x5tS256 === x5tS256)?.body === 'BY.CCI.001',
    )!
    // Times have whole seconds: the removal must not fall into the second of the issue.
    await nextSecond()
    const list = await makeTrustList({
      pki: await loadPkiDirectory(BY.keys),
      bodies: BY.bodies,
      url: BY.url,
      now: new Date(),
      validDays: 30,
      previous,
      remove: [{ x5tS256: seal.x5tS256, reason: 'keyCompromise' }],
    })
    const signed = await signTrustList(list, BY.pki, BY.passphrase)
    const published = await authority.postBytes('/v1/admin/trust-lists', 'application/jose', signed)
    expect(published).toMatchObject({ status: 201, body: { version: 2 } })
    const again = await authority.postBytes('/v1/admin/trust-lists', 'application/jose', signed)
    expect(again).toMatchObject({ status: 200, body: published.body as object })

    const refused = await chamber.post('/v1/certificates', {
      certificate: await demoCertificate('origin-ct1-tractors', today, 22),
    })
    expect(refused).toMatchObject({
      status: 409,
      body: { type: `${BY.url}/problems/seal-not-available` },
    })

    await eventually('Uzbekistan has the new version', async () =>
      (await UZ.running.deps.trustStore.versions('BY')).some(({ version }) => version === 2),
    )
    const { certificate, ...claims } = payloadOf(document) as { certificate: object }
    const late = await signJws({
      typ: 'product-certificate+jwt',
      payload: {
        ...claims,
        certificate: { ...certificate, number: before.number.replace(/21$/, '23') },
      },
      seal,
      signedAt: new Date(),
    })
    const { body } = await customs.post('/v1/validations', {
      context,
      items: [{ document }, { document: late }],
    })
    expect((body as { reports: object[] }).reports).toMatchObject([
      { answer: 'usable', indication: 'TOTAL-PASSED' },
      { answer: 'cannot-tell', reasons: ['key-removed'] },
    ])
  })

  it('is not brought back by a node that serves an older list, nor by another list of the same version', async () => {
    const { BY, UZ } = nodes
    const { deps } = UZ.running
    const version = async (n: number) => (await BY.running.deps.trustStore.version('BY', n))!
    const first = await version(1)
    const list = TrustList.parse(payloadOf(await version(2)))
    const forked = await signTrustList(
      { ...list, nextUpdate: list.issuedAt },
      BY.pki,
      BY.passphrase,
    )
    let served = first
    const server = createServer((request, response) => {
      if (request.url === '/trust/list') response.end(served)
      else
        void fetch(`${BY.url}${request.url}`)
          .then((answer) => answer.arrayBuffer())
          .then((bytes) => response.end(Buffer.from(bytes)))
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    try {
      const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
      // By a fetch that may go anywhere: the one of the node calls nobody whom its operator has not named.
      const poll = pollTrust({ ...deps, fetch })
      const alarms = async () => (await deps.alarms.list(0, 100)).length
      const before = await alarms()
      expect(await poll('BY', url)).toEqual({
        error: 'version 1 of the trust list came, 2 is known',
      })
      served = forked
      for (let n = 0; n < 3; n++)
        expect(await poll('BY', url)).toEqual({
          error: 'another version 2 than the one accepted before',
        })
      expect(await alarms()).toBe(before + 1)
      expect((await deps.trust()).view.list('BY')).toEqual(list)
    } finally {
      server.close()
      server.closeAllConnections()
    }
  })

  it('is known to be the newest also while a CRL of its state is not served', async () => {
    const { BY, UZ } = nodes
    const { deps } = UZ.running
    const asked: string[] = []
    const server = createServer((request, response) => {
      asked.push(request.url!)
      if (request.url!.endsWith('.crl')) response.writeHead(404).end()
      else
        void fetch(`${BY.url}${request.url}`)
          .then((answer) => answer.arrayBuffer())
          .then((bytes) => response.end(Buffer.from(bytes)))
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    try {
      const checkedAt = async () => Date.parse((await deps.peers.find('BY')).trustCheckedAt!)
      const now = () => new Date(Date.now() + 3_600_000)
      const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
      expect(await pollTrust({ ...deps, now, fetch })('BY', url)).toEqual({
        error: expect.stringContaining('.crl: HTTP 404'),
      })
      expect(asked.some((path) => path.endsWith('.crl'))).toBe(true)
      expect(await checkedAt()).toBeGreaterThan(Date.now() + 3_000_000)
    } finally {
      server.close()
      server.closeAllConnections()
    }
  })
})
