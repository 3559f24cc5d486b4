import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { peerOf, postAs } from '../support/sign-as.ts'
import { startTwoNodes, type TwoNodes } from '../support/two-nodes.ts'

const slow = { perMinute: 1, burst: 3 }
/** More than the nodes themselves need until they know each other's keys. */
const guesses = { perMinute: 1, burst: 10 }
const ample = { perMinute: 10_000, burst: 10_000 }

let nodes: TwoNodes
beforeAll(async () => {
  const anonymous = ample
  const rates = {
    default: ample,
    expensive: slow,
    token: ample,
    anonymous,
    failedAuthentications: guesses,
  }
  nodes = await startTwoNodes({ limits: { rates, trustedProxies: 1 } })
})
afterAll(() => nodes.close())

const url = () => nodes.BY.url
const from = (address: string) => ({ 'X-Forwarded-For': `203.0.113.99, ${address}` })

async function statuses(times: number, ask: () => Promise<{ status: number }>): Promise<number[]> {
  const all: number[] = []
  for (let n = 0; n < times; n++) all.push((await ask()).status)
  return all
}

describe('a running node', () => {
  it('lets a client do the expensive only so often, and others go on', async () => {
    const one = await nodes.BY.client('customs', 'BY.CUSTOMS')
    const other = await nodes.BY.client('customs', 'BY.CUSTOMS')
    const request = {
      context: { officer: 'Test', purpose: 'test' },
      items: [{ identity: { state: 'BY', type: 'origin.ct1', number: 'BYUZ6001000301' } }],
    }
    expect(await statuses(4, () => one.post('/v1/validations', request))).toEqual([
      200, 200, 200, 429,
    ])
    expect((await other.post('/v1/validations', request)).status).toBe(200)
    expect((await one.get('/v1/rules')).status).toBe(200)
  })

  it('counts an evidence pack among the expensive', async () => {
    const auditor = await nodes.BY.client('auditor', 'BY.AUDIT')
    const pack = '/v1/certificates/BY/origin.ct1/BYUZ6001000301/evidence'
    expect(await statuses(4, () => auditor.get(pack))).toEqual([404, 404, 404, 429])
  })

  it('looks at no more tokens from an address that sent wrong ones, nor at assertions', async () => {
    const guess = () =>
      fetch(`${url()}/v1/peers`, {
        headers: { ...from('198.51.100.1'), Authorization: `Bearer ${'A'.repeat(43)}` },
      })
    expect(await statuses(10, guess)).toEqual(Array.from({ length: 10 }, () => 401))
    const refused = await guess()
    expect(refused.status).toBe(429)
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0)
    const assertion = (address: string) =>
      fetch(`${url()}/oauth/token`, {
        method: 'POST',
        headers: from(address),
        body: new URLSearchParams({
          grant_type: 'client_credentials',
          client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
          client_assertion: 'a.b.c',
        }),
      })
    expect((await assertion('198.51.100.1')).status).toBe(429)
    expect((await assertion('198.51.100.2')).status).toBe(401)
    expect((await fetch(`${url()}/health`, { headers: from('198.51.100.1') })).status).toBe(200)
  })

  it('verifies no more signatures from an address that sent wrong ones, but those of the peer', async () => {
    const peer = await peerOf(nodes.UZ)
    const stranger = await peerOf(nodes.BY)
    const forged = { ...peer, key: stranger.key }
    const push = (who: typeof peer, address: string) =>
      postAs(who, nodes.BY, '/exchange/v1/messages', { messages: [] }, { headers: from(address) })
    const forgeries = await statuses(11, () => push(forged, '198.51.100.3'))
    expect(forgeries).toEqual([...Array.from({ length: 10 }, () => 401), 429])
    expect((await push(peer, '198.51.100.4')).status).toBe(200)
  })
})
