import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { SECURITY_NOTICE_SCHEMA } from '../../src/exchange/notices/security-notice.ts'
import { signJws } from '../../src/jose/sign.ts'
import type { ApiClient } from '../../src/node/api-client.ts'
import { issue, type Issued, validated } from '../support/changes.ts'
import { revoke } from '../support/compromise.ts'
import { digest, rowsOf, sealOf } from '../support/hostile.ts'
import {
  arrived,
  nextSecond,
  noticesAt,
  provenAt,
  shifted,
  suspicion,
  tell,
} from '../support/notices.ts'
import { startTwoNodes, type TwoNodes } from '../support/two-nodes.ts'

const HELD = { answer: 'cannot-tell', reasons: ['held-by-security-notice'] }

describe('what a thief says of keys with the seal of a registry', () => {
  let nodes: TwoNodes
  let authority: ApiClient
  let customs: ApiClient
  /** Signed with the seal that the registry itself has put on hold, and with one that the thief holds up. */
  let held: Issued
  let slandered: Issued
  let notice: string
  let narrowed: string

  beforeAll(async () => {
    nodes = await startTwoNodes()
    const { BY, UZ } = nodes
    authority = await BY.client('authority', 'BY.STATE')
    customs = await UZ.client('customs', 'UZ.CUSTOMS')
    held = await issue(await BY.client('issuer', 'BY.CCI'), 'origin-ct1-tractors')
    const certifier = await BY.client('issuer', 'BY.TESTCERT')
    slandered = await issue(certifier, 'conformity-eaeu-certificate', ['UZ'])
    const at = await provenAt(UZ, held.sha256)
    await provenAt(UZ, slandered.sha256)
    notice = await tell(authority, suspicion(await sealNamed('BY.CCI.001'), { from: at }))
    narrowed = await tell(authority, {
      change: 'narrow',
      notice,
      interval: { from: at, until: shifted(at, 86_400) },
      reason: 'Проверка',
    })
    await arrived(UZ, narrowed)
  })
  afterAll(() => nodes.close())

  async function sealNamed(body: string) {
    return { state: 'BY', x5tS256: (await sealOf(nodes.BY, body)).x5tS256 }
  }

  /** Signed with the registry's own seal and sent as whoever has it can. */
  async function steal(words: object): Promise<void> {
    const { BY, UZ } = nodes
    const frame = {
      schema: SECURITY_NOTICE_SCHEMA,
      iss: 'BY.REGISTRY',
      aud: ['UZ'],
      authority: 'BY.STATE',
    }
    const seal = await sealOf(BY, 'registry-seal')
    const payload = { ...frame, ...words }
    const jws = await signJws({ typ: 'security-notice+jwt', payload, seal, signedAt: new Date() })
    const sha256 = digest(jws)
    const entry = { kind: 'security-notice', sha256, jws, to: ['UZ'], effects: [] } as const
    await BY.running.deps.append({ entries: [entry] })
    BY.running.deps.outgoing()
    await arrived(UZ, sha256)
  }

  it('counts until the seal is revoked for that time, and from then on it never did', async () => {
    const { BY, UZ } = nodes
    const answers = async () => [
      await validated(customs, BY, held),
      await validated(customs, BY, slandered),
    ]
    expect(await answers()).toMatchObject([HELD, { answer: 'usable' }])
    const stolen = await nextSecond()
    await steal({ change: 'release', amends: narrowed, reason: 'Проверка' })
    const subject = { body: 'BY.TESTCERT', ...(await sealNamed('BY.TESTCERT')) }
    await steal(suspicion(subject, { from: shifted(stolen, -3600) }))
    expect(await answers()).toMatchObject([{ answer: 'usable' }, HELD])

    const { path } = await sealOf(BY, 'registry-seal')
    await revoke(nodes, new Uint8Array(path[0]!), 'keyCompromise', stolen)
    expect(await answers()).toMatchObject([HELD, { answer: 'usable' }])
    const auditor = await UZ.client('auditor', 'UZ.AUDIT')
    expect(await noticesAt(auditor)).toMatchObject([
      { sha256: notice, released: false, holdsHere: true },
      { released: true, holdsHere: false },
    ])
    // Nothing of it is deleted, and what the registry says with its next seal is no repetition.
    const rows = rowsOf(UZ, 'security_notices').map(({ change }) => change)
    expect(rows).toEqual(expect.arrayContaining(['declare', 'narrow', 'release', 'declare']))
    expect(await UZ.running.deps.notices.find(narrowed)).toMatchObject({ released: false })
  })
})
