import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { documentTypeNamed } from '../../src/certificate/document-types.ts'
import { payloadOf } from '../../src/exchange/registered.ts'
import type { CertificateContent } from '../../src/exchange/validation/certificate-content.ts'
import { judgeStatus } from '../../src/exchange/validation/judge-status.ts'
import { validateCertificate } from '../../src/exchange/validation/validate.ts'
import type { ApiClient } from '../../src/node/api-client.ts'
import { ask, issue, type Issued, pathOf, validated } from '../support/changes.ts'
import { revoke } from '../support/compromise.ts'
import { today } from '../support/day.ts'
import { sealOf } from '../support/hostile.ts'
import { arrived, nextSecond, provenAt, suspicion, tell } from '../support/notices.ts'
import { eventually, startTwoNodes, type TwoNodes } from '../support/two-nodes.ts'

const DOUBTFUL = { answer: 'cannot-tell', reasons: ['status-change-doubtful'] }

describe('a change of status whose key may have been in wrong hands', () => {
  let nodes: TwoNodes
  let certifier: ApiClient
  let authority: ApiClient
  let customs: ApiClient
  let atHome: ApiClient
  /** Suspended before the instant, and after it resumed; annulled before it; annulled after it. */
  let resumed: Issued
  let annulled: Issued
  let annulledLate: Issued
  /** Suspended and resumed after it. */
  let undone: Issued
  let from: string

  beforeAll(async () => {
    nodes = await startTwoNodes()
    const { BY, UZ } = nodes
    certifier = await BY.client('issuer', 'BY.TESTCERT')
    authority = await BY.client('authority', 'BY.STATE')
    atHome = await BY.client('auditor', 'BY.AUDIT')
    customs = await UZ.client('customs', 'UZ.CUSTOMS')
    const fresh = () => issue(certifier, 'conformity-eaeu-certificate', ['UZ'])
    ;[resumed, annulled, annulledLate] = [await fresh(), await fresh(), await fresh()]
    undone = await fresh()
    await change(resumed, 'suspend')
    await change(annulled, 'annul')
    for (const { sha256 } of [resumed, annulled, annulledLate, undone]) await provenAt(UZ, sha256)
    from = await nextSecond()
    await change(resumed, 'resume')
    await change(annulledLate, 'annul')
    await change(undone, 'suspend')
    await change(undone, 'resume')
  })
  afterAll(() => nodes.close())

  /** Changes the status, and waits until the peer has it. */
  async function change(certificate: Issued, kind: string): Promise<void> {
    const { status, body } = await ask(
      certifier,
      pathOf(nodes.BY, certificate, '/status-changes'),
      {
        change: kind,
        effectiveFrom: today,
        reason: 'Проверка',
      },
    )
    expect(status, JSON.stringify(body)).toBe(201)
    await eventually('the change arrives', async () => {
      const { certificates } = nodes.UZ.running.deps
      const changes = await certificates.statusChanges(certificate.sha256)
      return changes.some(({ sha256 }) => sha256 === body['sha256'])
    })
  }

  async function expectAnswers(...expected: object[]): Promise<void> {
    for (const reader of [atHome, customs]) {
      const found = []
      for (const certificate of [resumed, annulled, annulledLate])
        found.push(await validated(reader, nodes.BY, certificate))
      expect(found).toMatchObject(expected)
    }
  }
  const ANNULLED = { answer: 'not-usable', reasons: ['annulled'] }

  it('leaves the status open while a notice holds it up, if the answer hangs on it', async () => {
    await expectAnswers({ answer: 'usable' }, ANNULLED, ANNULLED)
    const { x5tS256 } = await sealOf(nodes.BY, 'BY.TESTCERT')
    const notice = await tell(authority, suspicion({ state: 'BY', x5tS256 }, { from }))
    await arrived(nodes.UZ, notice)
    await expectAnswers(DOUBTFUL, ANNULLED, DOUBTFUL)
    const release = await tell(authority, { change: 'release', notice, reason: 'Проверка' })
    await arrived(nodes.UZ, release)
    await expectAnswers({ answer: 'usable' }, ANNULLED, ANNULLED)
  })

  it('leaves it open where two doubtful ones undo each other: the first alone may be genuine', async () => {
    const { x5tS256 } = await sealOf(nodes.BY, 'BY.TESTCERT')
    expect(await validated(customs, nodes.BY, undone)).toMatchObject({ answer: 'usable' })
    const notice = await tell(authority, suspicion({ state: 'BY', x5tS256 }, { from }))
    await arrived(nodes.UZ, notice)
    for (const reader of [atHome, customs])
      expect(await validated(reader, nodes.BY, undone)).toMatchObject(DOUBTFUL)
    const release = await tell(authority, { change: 'release', notice, reason: 'Проверка' })
    await arrived(nodes.UZ, release)
    expect(await validated(customs, nodes.BY, undone)).toMatchObject({ answer: 'usable' })
  })

  it('leaves it open when the root is withdrawn for a time before the change was proven', async () => {
    const { deps } = nodes.UZ.running
    const trust = await deps.trust()
    const anchors = trust.anchors.map((anchor) => ({ ...anchor, withdrawnFrom: from }))
    const answers = async (on: typeof trust) => {
      const validate = validateCertificate({ ...deps, trust: async () => on })
      const found = []
      for (const { type, number } of [resumed, annulled, annulledLate])
        found.push(await validate({ subject: { identity: { state: 'BY', type, number } } }))
      return found
    }
    expect(await answers(trust)).toMatchObject([{ answer: 'usable' }, ANNULLED, ANNULLED])
    expect(await answers({ ...trust, anchors })).toMatchObject([DOUBTFUL, ANNULLED, DOUBTFUL])
  })

  it('leaves it open when the key is revoked for a time before the change was proven', async () => {
    const { path } = await sealOf(nodes.BY, 'BY.TESTCERT')
    await revoke(nodes, new Uint8Array(path[0]!), 'keyCompromise', from)
    await expectAnswers(DOUBTFUL, ANNULLED, DOUBTFUL)
  })

  it('leaves it open when that revocation is overdue: nothing makes the key good again', async () => {
    const { deps } = nodes.UZ.running
    const type = documentTypeNamed(resumed.type)!
    const content = { type, payload: payloadOf(resumed.document) } as CertificateContent
    const about = { sha256: resumed.sha256, day: today, isOwn: false }
    const trust = await deps.trust()
    const late = new Date(Date.now() + 60 * 86_400_000)
    const { state, checks } = await judgeStatus(deps, about, content, { trust, now: late })
    expect(state).toMatchObject({ status: 'resumed' })
    expect(checks).toMatchObject([{ outcome: 'unknown', code: 'status-change-doubtful' }])
  })
})
