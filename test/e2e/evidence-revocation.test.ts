import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { claimedAsOf } from '../../src/exchange/evidence/check-statement.ts'
import type { EvidencePack } from '../../src/exchange/evidence/pack.ts'
import { thumbprint } from '../../src/crypto/suite.ts'
import { encodeBase64 } from '../../src/encoding/base64url.ts'
import { formatInstant } from '../../src/encoding/time.ts'
import { payloadOf } from '../../src/exchange/registered.ts'
import { parseJws } from '../../src/jose/parse.ts'
import type { ApiClient } from '../../src/node/api-client.ts'
import { loadKey, type StoredKey } from '../../src/node/pki/pki-directory.ts'
import { signTrustList } from '../../src/node/trust-list-maker.ts'
import { TrustList } from '../../src/trust/trust-list.ts'
import { type CrlReason, parseCrl } from '../../src/x509/crl.ts'
import { readX509 } from '../../src/x509/x509-certificate.ts'
import { decisionAt, issue, type Issued } from '../support/changes.ts'
import { revoke } from '../support/compromise.ts'
import { completePack, judgePack, lastDayOf, restated, rootOf } from '../support/evidence.ts'
import { sealOf } from '../support/hostile.ts'
import { nextSecond } from '../support/notices.ts'
import { ocspAbout } from '../support/ocsp-about.ts'
import { startTwoNodes, type TwoNodes } from '../support/two-nodes.ts'

let nodes: TwoNodes
let auditor: ApiClient
let certificate: Issued
/** From before anything was revoked. */
let early: EvidencePack
beforeEach(async () => {
  nodes = await startTwoNodes()
  const chamber = await nodes.BY.client('issuer', 'BY.CCI')
  auditor = await nodes.BY.client('auditor', 'BY.AUDIT')
  certificate = await issue(chamber, 'origin-ct1-tractors')
  await decisionAt(nodes.BY, 'UZ', certificate.sha256)
  early = await completePack(auditor, nodes.BY, certificate)
  await nextSecond()
})
afterEach(() => nodes.close())

async function seal(): Promise<Uint8Array<ArrayBuffer>> {
  const { x5c } = await sealOf(nodes.BY, 'BY.CCI.001')
  return new Uint8Array(Buffer.from(x5c[0]!, 'base64'))
}

const roots = () => [rootOf(nodes.BY), rootOf(nodes.UZ)]

async function judged(pack: EvidencePack) {
  return (await judgePack(pack, roots(), { day: lastDayOf(early) })).report
}

/** An old pack beside the CRLs of today, as `--crl` gives them. */
async function judgedWithNewCrls(pack: EvidencePack) {
  const kept = await nodes.BY.running.deps.trustStore.crls()
  const read = kept.flatMap(({ der }) => {
    const crl = parseCrl(new Uint8Array(Buffer.from(der, 'base64')))
    return 'malformed' in crl ? [] : [crl]
  })
  const evidence = { lists: [], crls: read, ocsp: [] }
  const given = { roots: roots(), ...evidence, environment: 'production' } as const
  return (await judgePack(pack, roots(), { day: lastDayOf(early), given })).report
}

describe('a seal that was revoked after', () => {
  it('leaves valid what a witness has seen before', async () => {
    await revoke(nodes, await seal(), 'cessationOfOperation')
    const pack = await completePack(auditor, nodes.BY, certificate)
    const report = await judged(pack)
    expect(report).toMatchObject({ answer: 'usable', indication: 'TOTAL-PASSED' })
    expect(report.judgements).toMatchObject([
      { instant: 'claimed', decides: false },
      { instant: 'proven', indication: 'TOTAL-PASSED', decides: true },
      { instant: 'present', subIndication: 'REVOKED_NO_POE', decides: false },
    ])
    expect(await judgedWithNewCrls(early)).toMatchObject({ answer: 'usable' })
    // Without the proof of the witness there is no time that it could have been valid at.
    const { proof: _proof, ...unproven } = pack.document
    expect(await judged({ ...pack, document: unproven })).not.toMatchObject({ answer: 'usable' })
  })

  it('because its key was in wrong hands at that time leaves nothing valid', async () => {
    const before = new Date(Date.now() - 3_600_000).toISOString().replace(/\.\d+/, '')
    await revoke(nodes, await seal(), 'keyCompromise', before)
    const pack = await completePack(auditor, nodes.BY, certificate)
    expect(await judged(pack)).toMatchObject({ answer: 'not-usable', reasons: ['revoked'] })
    // A pack from before knows nothing of it; with the CRL of today it is told.
    expect(await judged(early)).toMatchObject({ answer: 'usable' })
    expect(await judgedWithNewCrls(early)).toMatchObject({
      answer: 'not-usable',
      reasons: ['revoked'],
    })
    // Whoever takes the CRLs out, all or one, gains nothing.
    for (const [i] of pack.crls.entries())
      expect((await judged({ ...pack, crls: pack.crls.toSpliced(i, 1) })).answer).not.toBe('usable')
    expect((await judged({ ...pack, crls: [] })).answer).not.toBe('usable')
  })
})

describe('a pack without the CRL by which its trust lists are judged', () => {
  it('keeps the root that was told: the path is judged, the key belongs to nobody', async () => {
    const report = await judged({ ...early, crls: [], ocspResponses: [] })
    expect(report).toMatchObject({
      answer: 'cannot-tell',
      subIndication: 'TRY_LATER',
      reasons: ['crl-missing', 'trust-list-undecided'],
    })
    expect(report.evidence.trustLists).toEqual([])

    // The same where the root's word on the authority below it is at hand, but not on the list signer.
    const { keys } = nodes.BY.pki
    const { passphrase, pki } = nodes.BY
    const [root, stateCa] = (['root', 'state-ca'] as const).map((of) =>
      keys.find(({ purpose }) => purpose === of)!,
    ) as [StoredKey, StoredKey]
    const ca = { certificate: root.certificate, pkcs8: await loadKey(pki, root, passphrase) }
    const { response } = await ocspAbout(stateCa.certificate, ca, { at: claimedAsOf(early)! })
    const { subject } = readX509(encodeBase64(root.certificate))!
    const crls = early.crls.filter((text) => {
      const crl = parseCrl(new Uint8Array(Buffer.from(text, 'base64')))
      return !('malformed' in crl) && crl.issuer.key !== subject.key
    })
    expect(crls).toHaveLength(early.crls.length - 1)
    const given = {
      roots: [rootOf(nodes.BY)],
      lists: [],
      crls: [],
      ocsp: [response],
      environment: 'production',
    } as const
    const { report: inDoubt } = await judgePack({ ...early, crls }, [], {
      day: lastDayOf(early),
      given,
    })
    expect(inDoubt).toMatchObject({ answer: 'cannot-tell', subIndication: 'TRY_LATER' })
    expect(inDoubt.reasons).toEqual(['trust-list-undecided'])
    expect(inDoubt.checks.find(({ check }) => check === 'revocation')!.outcome).toBe('passed')
    expect(inDoubt.certificate).toBeUndefined()
  })
})

describe('a registry seal that was in wrong hands later', () => {
  const statementOf = (report: Awaited<ReturnType<typeof judged>>) =>
    report.reasons.includes('pack-statement-not-believed')

  it('may have signed the statement of any pack: one from before is believed no more', async () => {
    const { x5c } = await sealOf(nodes.BY, 'registry-seal')
    const registrySeal = new Uint8Array(Buffer.from(x5c[0]!, 'base64'))
    const stored = nodes.BY.pki.keys.find(({ purpose }) => purpose === 'state-ca')!
    const { passphrase, pki } = nodes.BY
    const ca = { certificate: stored.certificate, pkcs8: await loadKey(pki, stored, passphrase) }
    const given = {
      roots: roots(),
      lists: [],
      crls: [],
      ocsp: [],
      environment: 'production',
    } as const
    const because = async (reason: CrlReason) => {
      const entry = { revokedAt: new Date(), reason, invalidityDate: undefined }
      const { response } = await ocspAbout(registrySeal, ca, { at: new Date(), entry })
      const known = { ...given, ocsp: [response] }
      return (await judgePack(early, roots(), { day: lastDayOf(early), given: known })).report
    }
    for (const reason of ['superseded', 'cessationOfOperation'] as const)
      expect(await because(reason), reason).toMatchObject({ answer: 'usable' })
    for (const reason of ['keyCompromise', 'unspecified'] as const) {
      const report = await because(reason)
      expect(report.answer, reason).toBe('cannot-tell')
      expect(statementOf(report), reason).toBe(true)
    }

    const newest = nodes.BY.running.deps.trustStore
    const [version] = (await newest.versions('BY')).toReversed()
    const before = TrustList.parse(payloadOf((await newest.version('BY', version!.version))!))
    const x5t = await thumbprint(registrySeal)
    const removed = {
      ...before,
      version: before.version + 1,
      previous: version!.sha256,
      issuedAt: formatInstant(new Date()),
      keys: before.keys.filter((key) => key.x5tS256 !== x5t),
    }
    expect(removed.keys.length).toBe(before.keys.length - 1)
    const lists = [await signTrustList(removed, pki, passphrase)]
    const byList = await judgePack(early, roots(), {
      day: lastDayOf(early),
      given: { ...given, lists },
    })
    expect(byList.report.answer).toBe('cannot-tell')
    expect(statementOf(byList.report)).toBe(true)

    // As --crl gives it.
    await revoke(nodes, registrySeal, 'keyCompromise')
    expect(await judged(early)).toMatchObject({ answer: 'usable' })
    const report = await judgedWithNewCrls(early)
    expect(report.answer).toBe('cannot-tell')
    expect(statementOf(report)).toBe(true)
    // What a log has dated before stands, and so do receipts of the other state.
    expect(report.evidence.pack?.receipts.length).toBeGreaterThan(0)
  })
})

describe('OCSP responses of a pack', () => {
  const der = (text: string) => new Uint8Array(Buffer.from(text, 'base64'))
  const isOfRoot = (text: string) => {
    const crl = parseCrl(der(text))
    return (
      !('malformed' in crl) && crl.issuer.attributes.some(({ value }) => value === 'BY Root CA')
    )
  }

  /** What the root says about a key of the pack. */
  async function aboutKey(jws: string, place: number, isStolen = false): Promise<string> {
    const { keys } = nodes.BY.pki
    const stored = keys.find(({ purpose }) => purpose === 'root')!
    const { passphrase, pki } = nodes.BY
    const root = { certificate: stored.certificate, pkcs8: await loadKey(pki, stored, passphrase) }
    const parsed = parseJws(jws)
    if ('malformed' in parsed) throw new Error(parsed.malformed)
    const at = claimedAsOf(early)!
    const entry = { revokedAt: at, reason: 'keyCompromise', invalidityDate: undefined } as const
    const said = { at, ...(isStolen && { entry }) }
    const response = await ocspAbout(der(parsed.header.x5c[place]!), root, said)
    return Buffer.from(response.der).toString('base64')
  }
  it('are asked about the signer of its trust list, beside the CRLs and in their place', async () => {
    const lists = early.trustLists.map(({ jws }) => jws)
    const ofBY = lists.find((jws) => {
      const parsed = parseJws(jws)
      return !('malformed' in parsed) && (parsed.payload as { state: string }).state === 'BY'
    })!
    const revoking = [await aboutKey(ofBY, 0, true)]
    const stolen = await restated(nodes.BY, early, { ocspResponses: revoking })
    const { refused, report } = await judgePack(stolen, roots(), { day: lastDayOf(early) })
    expect(refused).toMatchObject([
      { state: 'BY', refused: 'signer-not-valid', detail: expect.stringContaining('revoked') },
    ])
    expect(report.answer).not.toBe('usable')

    const crls = early.crls.filter((text) => !isOfRoot(text))
    expect(crls).toHaveLength(early.crls.length - 1)
    const silent = await judgePack(await restated(nodes.BY, early, { crls }), roots(), {
      day: lastDayOf(early),
    })
    expect(silent.refused).toMatchObject([{ state: 'BY', refused: 'cannot-tell' }])
    const ocspResponses = [
      await aboutKey(ofBY, 0),
      // The state CA is the other key that the root certified.
      await aboutKey(early.document.jws, 2),
    ]
    const answered = await restated(nodes.BY, early, { crls, ocspResponses })
    expect(await judgePack(answered, roots(), { day: lastDayOf(early) })).toMatchObject({
      refused: [],
      report: { answer: 'usable' },
    })
  })
})
