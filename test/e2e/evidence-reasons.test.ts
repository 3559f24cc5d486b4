import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { formatInstant } from '../../src/encoding/time.ts'
import { composeEvidence } from '../../src/exchange/evidence/compose.ts'
import { type EvidencePack, MAX_EVIDENCE_BYTES } from '../../src/exchange/evidence/pack.ts'
import { type Seal, signJws } from '../../src/jose/sign.ts'
import type { ApiClient } from '../../src/node/api-client.ts'
import { currentKey, loadIssuer } from '../../src/node/pki/pki-directory.ts'
import { createLeaf, DEFAULT_VALIDITY_DAYS } from '../../src/node/pki/state-pki.ts'
import type { TrustList } from '../../src/trust/trust-list.ts'
import { decisionAt, issue, type Issued } from '../support/changes.ts'
import {
  completePack,
  judgePack,
  lastDayOf,
  packOf,
  restated,
  rootOf,
} from '../support/evidence.ts'
import { digest, forge, sealOf } from '../support/hostile.ts'
import { sealOfKey, successor, unverifiable } from '../support/hostile-lists.ts'
import { nextSecond, suspicion, tell } from '../support/notices.ts'
import { startTestNode, startTwoNodes, type TwoNodes } from '../support/two-nodes.ts'

let nodes: TwoNodes
let auditor: ApiClient
let certificate: Issued
let pack: EvidencePack
/** Of another certificate at the same node. */
let stranger: EvidencePack

beforeAll(async () => {
  nodes = await startTwoNodes()
  const sinov = await nodes.UZ.client('issuer', 'UZ.SINOV')
  auditor = await nodes.UZ.client('auditor', 'UZ.AUDIT')
  certificate = await issue(sinov, 'conformity-uz-certificate', ['BY'])
  const other = await issue(sinov, 'conformity-uz-certificate', ['BY'])
  await decisionAt(nodes.UZ, 'BY', certificate.sha256)
  await decisionAt(nodes.UZ, 'BY', other.sha256)
  pack = await completePack(auditor, nodes.UZ, certificate)
  stranger = await completePack(auditor, nodes.UZ, other)
})
afterAll(() => nodes.close())

type Question = Parameters<typeof judgePack>[2]

const roots = () => [rootOf(nodes.BY), rootOf(nodes.UZ)]

/** On a day inside the validity, so that nothing else can be the reason. */
async function judged(what: EvidencePack, question: Question = {}, given = roots()) {
  return (await judgePack(what, given, { day: lastDayOf(pack), ...question })).report
}

async function reasonsFor(...asked: Parameters<typeof judged>) {
  const { answer, reasons } = await judged(...asked)
  return { answer, reasons }
}

const cannotTell = (...reasons: string[]) => ({ answer: 'cannot-tell', reasons })

/** The proof of the certificate with one signature line taken out of its checkpoint. */
function withoutLineOf(name: string): EvidencePack {
  const { jws, proof = '' } = pack.document
  const lines = proof.split('\n').filter((line) => !line.startsWith(`\u2014 ${name} `))
  expect(lines).toHaveLength(proof.split('\n').length - 1)
  return { ...pack, document: { jws, proof: lines.join('\n') } }
}

describe('what a pack leaves open', () => {
  it('is named: no proof, a proof of something else, and one that leads elsewhere', async () => {
    const { jws, proof = '' } = pack.document
    const proven = (other: string | undefined) => ({ ...pack, document: { jws, proof: other } })
    expect(await reasonsFor(pack)).toEqual({ answer: 'usable', reasons: [] })
    expect(await reasonsFor(proven(undefined))).toEqual(cannotTell('log-proof-missing'))
    const ofAnother = proven(stranger.document.proof)
    expect(await reasonsFor(ofAnother)).toEqual(cannotTell('log-proof-broken'))
    const elsewhere = proven(proof.replace(/^index (\d+)$/m, (_, n: string) => `index ${+n + 1}`))
    expect(await reasonsFor(elsewhere)).toEqual(cannotTell('log-proof-broken'))
  })

  it('is named: the key of the log, the witness, its root', async () => {
    expect(await reasonsFor(withoutLineOf('exchange.uz/log/1'))).toEqual(
      cannotTell('log-key-unknown'),
    )
    expect(await reasonsFor(withoutLineOf('exchange.by/witness/1'))).toEqual(
      cannotTell('witness-quorum-missing'),
    )
    expect(await reasonsFor(pack, {}, [rootOf(nodes.UZ)])).toEqual(cannotTell('witness-not-judged'))
  })

  it('is named: a statement that another registry signed, or that speaks of another', async () => {
    const foreign = await restated(nodes.BY, pack, {})
    expect(await reasonsFor(foreign)).toEqual(cannotTell('pack-statement-not-believed'))
    const broken = pack.statement!.replace(/.{8}$/, 'AAAAAAAA')
    expect(await reasonsFor({ ...pack, statement: broken })).toEqual(
      cannotTell('pack-statement-not-believed'),
    )
    expect(await reasonsFor({ ...pack, statement: stranger.statement })).toEqual(
      cannotTell('pack-not-whole'),
    )
  })

  it('decides nothing where what its maker says is missing decides nothing', async () => {
    const lacking = (what: 'too-many' | 'bytes' | 'receipt', subject: string) =>
      restated(nodes.UZ, pack, { missing: [{ what, subject }] })
    for (const one of ['receipts', 'attestations', 'secondSignatures', 'earlierTrustLists']) {
      const report = await judged(await lacking('too-many', one))
      expect(report, one).toMatchObject({
        answer: 'usable',
        evidence: { pack: { complete: false } },
      })
    }
    const withheld = await lacking('receipt', digest(pack.receipts[0]!.jws))
    expect(await reasonsFor(withheld)).toMatchObject({ answer: 'usable' })
    for (const one of ['statusChanges', 'securityNotices', 'trustLists', 'crls', 'ocspResponses'])
      expect(await reasonsFor(await lacking('too-many', one))).toEqual(cannotTell('pack-not-whole'))
    expect(await reasonsFor(await lacking('bytes', certificate.sha256))).toEqual(
      cannotTell('pack-not-whole'),
    )
  })
})

describe('a pack that would be too large', () => {
  it('leaves out what is too much, and says so', async () => {
    const { deps } = nodes.UZ.running
    const stored = (await deps.certificates.findByDigest(certificate.sha256))!
    const [kept] = await deps.trustStore.crls()
    const large = async () => ({ ...kept!, der: 'A'.repeat(MAX_EVIDENCE_BYTES / 4) })
    const trustStore = { ...deps.trustStore, crl: large }
    const made = await composeEvidence({ ...deps, trustStore })(stored)
    expect(JSON.stringify(made).length).toBeLessThan(MAX_EVIDENCE_BYTES)
    expect(made.crls.length).toBeGreaterThan(1)
    expect(made.missing).toContainEqual({ what: 'too-many', subject: 'crls' })
    expect(made).toMatchObject({ complete: false, document: { jws: certificate.document } })
  })
})

describe('the decisions of recipients in a pack', () => {
  const receiptOf = async (outcome: string, findings: readonly string[] = []) => {
    const decision = {
      sha256: certificate.sha256,
      outcome,
      findings,
      at: formatInstant(new Date()),
    }
    return forge(await sealOf(nodes.BY, 'registry-seal'), {
      typ: 'receipt+jwt',
      payload: { schema: 'receipt/1', iss: 'BY.REGISTRY', aud: ['UZ'], decisions: [decision] },
    })
  }
  const withReceipts = (...receipts: readonly string[]) =>
    restated(nodes.UZ, pack, { receipts: receipts.map((jws) => ({ jws })) })

  it('are verified and told', async () => {
    const report = await judged(pack)
    expect(report.evidence.pack).toMatchObject({
      complete: true,
      receipts: [{ state: 'BY', sha256: certificate.sha256, outcome: 'accepted', findings: [] }],
    })
  })

  it('count for nothing without the seal of that registry, whatever the maker states', async () => {
    const genuine = pack.receipts[0]!.jws
    const sealed = await sealOf(nodes.UZ, 'registry-seal')
    const ofMaker = await forge(sealed, {
      typ: 'receipt+jwt',
      payload: JSON.parse(Buffer.from(genuine.split('.')[1]!, 'base64url').toString()) as unknown,
    })
    for (const jws of [genuine.replace(/.{8}$/, 'AAAAAAAA'), ofMaker]) {
      const report = await judged(await withReceipts(jws))
      expect(report).toMatchObject({
        answer: 'usable',
        evidence: { pack: { complete: false, receipts: [] } },
      })
      expect(report.checks).toContainEqual(
        expect.objectContaining({ code: 'receipt-not-believed', detail: digest(jws) }),
      )
    }
  })

  it('tell of a refusal, and that the certificate may be of no use where it was refused', async () => {
    const refused = await withReceipts(await receiptOf('refused', ['CONFLICT']))
    const report = await judged(refused)
    expect(report.answer).toBe('usable')
    expect(report.checks).toContainEqual(
      expect.objectContaining({
        check: 'addressee',
        outcome: 'warning',
        code: 'refused-by-recipient',
        detail: 'BY CONFLICT',
      }),
    )
    expect(await reasonsFor(refused, { presentedIn: 'BY' })).toEqual(
      cannotTell('refused-by-recipient'),
    )
    expect(await reasonsFor(pack, { presentedIn: 'BY' })).toMatchObject({ answer: 'usable' })
  })
})

describe('a trust list that is given beside a pack', () => {
  const day = (n: number) => new Date(Date.now() + n * 86_400_000)

  const newestInPack = () =>
    pack.trustLists.map(({ jws }) => jws).findLast((jws) => stateIn(jws) === 'UZ')!

  async function listIssuedAt(at: Date, by?: Seal): Promise<string> {
    const newest = newestInPack()
    const read = JSON.parse(Buffer.from(newest.split('.')[1]!, 'base64url').toString()) as TrustList
    const keys = read.keys.map((key) =>
      key.body === 'UZ.SINOV' && key.usage === 'seal' ? { ...key, removedAt: key.from } : key,
    )
    const seal = by ?? (await sealOf(nodes.UZ, 'trust-list-signer'))
    const payload = successor(read, newest, { keys, issuedAt: formatInstant(at) })
    return signJws({ typ: 'trust-list+jwt', payload, seal, signedAt: at })
  }
  const stateIn = (jws: string) =>
    (JSON.parse(Buffer.from(jws.split('.')[1]!, 'base64url').toString()) as TrustList).state

  const judgedWith = async (list: string, now: Date) => {
    const evidence = { lists: [list], crls: [], ocsp: [] }
    const given = { roots: roots(), ...evidence, environment: 'production' } as const
    return judgePack(pack, roots(), { day: lastDayOf(pack), given, now })
  }
  const versions = ({ report }: Awaited<ReturnType<typeof judgedWith>>) =>
    report.evidence.trustLists.find(({ state }) => state === 'UZ')?.version

  it('counts though it is newer than the pack, on the day of the check and a year later', async () => {
    const list = await listIssuedAt(day(3))
    for (const now of [day(3), day(400)]) {
      const answer = await judgedWith(list, now)
      expect(answer.refused).toEqual([])
      expect(versions(answer)).toBe(2)
      // What was proven before the seal was removed stands.
      expect(answer.report).toMatchObject({ answer: 'usable' })
    }
  })

  it('leaves nothing open if nothing tells that its signer did sign it', async () => {
    const answer = await judgedWith(await unverifiable(newestInPack()), day(3))
    expect(answer.refused).toMatchObject([{ state: 'UZ', refused: 'cannot-tell' }])
    expect(versions(answer)).toBe(1)
    expect(answer.report).toMatchObject({ answer: 'usable' })
  })

  it('leaves open what it may say, if nothing at hand tells whether its signer was revoked', async () => {
    const { pki, passphrase } = nodes.UZ
    const root = await loadIssuer(pki, currentKey(pki, 'root')!, passphrase)
    const subject = { country: 'UZ', organization: 'x', commonName: 'UZ Trust List Signer 2' }
    const made = await createLeaf('trust-list-signer', subject, root, {
      state: 'UZ',
      now: day(100),
      sealAlgorithm: 'ES256',
      validity: DEFAULT_VALIDITY_DAYS,
    })
    const list = await listIssuedAt(day(101), await sealOfKey(made))
    const answer = await judgedWith(list, day(400))
    expect(answer.refused).toMatchObject([{ state: 'UZ', refused: 'cannot-tell' }])
    expect(answer.report).toMatchObject({ answer: 'cannot-tell', reasons: ['trust-list-stale'] })
  })

  it('does not count before it was issued', async () => {
    const answer = await judgedWith(await listIssuedAt(day(3)), day(1))
    expect(answer.refused).toMatchObject([{ state: 'UZ', refused: 'issued-in-future' }])
    expect(versions(answer)).toBe(1)
  })
})

describe('a security notice about the seal', () => {
  it('holds up the certificate by the pack alone, and no longer once it is released', async () => {
    const authority = await nodes.UZ.client('authority', 'UZ.SINOV')
    const { x5tS256 } = await sealOf(nodes.UZ, 'UZ.SINOV')
    const from = formatInstant(new Date(Date.now() - 3_600_000))
    await nextSecond()
    const declared = await tell(authority, suspicion({ x5tS256, state: 'UZ' }, { from }))
    const held = await completePack(auditor, nodes.UZ, certificate)
    expect(held.securityNotices.map(({ jws }) => digest(jws))).toEqual([declared])
    expect(await reasonsFor(held)).toEqual(cannotTell('held-by-security-notice'))
    // Whoever takes it out, or puts in one that nobody signed, is not believed that this is all.
    expect(await reasonsFor({ ...held, securityNotices: [] })).toEqual(cannotTell('pack-not-whole'))
    const [{ jws }] = held.securityNotices as [{ jws: string }]
    const unsigned = [{ jws: jws.replace(/.{8}$/, 'AAAAAAAA') }]
    const stated = await restated(nodes.UZ, held, { securityNotices: unsigned })
    expect(await reasonsFor(stated)).toEqual(cannotTell('pack-not-whole'))

    const reason = 'Ключ найден'
    await tell(authority, { change: 'release', notice: declared, reason })
    const released = await completePack(auditor, nodes.UZ, certificate)
    expect(released.securityNotices).toHaveLength(2)
    expect(await reasonsFor(released)).toEqual({ answer: 'usable', reasons: [] })
    const unreleased = { ...released, securityNotices: released.securityNotices.slice(0, 1) }
    expect((await reasonsFor(unreleased)).answer).toBe('cannot-tell')
  })
})

describe('a receipt that decides on certificates of two bodies', () => {
  it('is shown to whoever may see both, and named to the others', async () => {
    await nodes.BY.running.stop()
    const sinov = await nodes.UZ.client('issuer', 'UZ.SINOV')
    const expertiza = await nodes.UZ.client('issuer', 'UZ.EXPERTIZA')
    const one = await issue(expertiza, 'origin-ct1-uz-dried-fruit', ['BY'])
    const other = await issue(sinov, 'conformity-uz-certificate', ['BY'])
    const BY = await startTestNode(nodes.BY)
    try {
      for (const { sha256 } of [one, other]) await decisionAt(nodes.UZ, 'BY', sha256)
      const whole = await completePack(auditor, nodes.UZ, one)
      expect(whole.receipts).toHaveLength(1)
      const [{ jws }] = whole.receipts as [{ jws: string }]
      const decisions = Buffer.from(jws.split('.')[1]!, 'base64url').toString()
      expect(decisions).toContain(other.sha256)

      const ofIssuer = await packOf(expertiza, nodes.UZ, one)
      expect(ofIssuer).toMatchObject({
        receipts: [],
        complete: false,
        missing: [{ what: 'receipt', subject: digest(jws) }],
      })
      expect(await reasonsFor(ofIssuer)).toEqual({ answer: 'usable', reasons: [] })
      // Customs of the recipient may see every certificate that came.
      const customs = await BY.client('customs', 'BY.CUSTOMS')
      expect((await packOf(customs, nodes.UZ, one)).receipts).toHaveLength(1)
    } finally {
      await BY.running.stop()
    }
  })
})
