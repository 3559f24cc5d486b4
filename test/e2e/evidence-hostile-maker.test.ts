import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { registryParty } from '../../src/exchange/working-keys.ts'
import { formatInstant } from '../../src/encoding/time.ts'
import { claimedAsOf } from '../../src/exchange/evidence/check-statement.ts'
import { type EvidencePack, partDigests } from '../../src/exchange/evidence/pack.ts'
import { stateEvidence } from '../../src/exchange/evidence/statement.ts'
import { loadKey } from '../../src/node/pki/pki-directory.ts'
import { cosign } from '../../src/tlog/cosignature.ts'
import { parseLogProof } from '../../src/tlog/proof.ts'
import { formatSignatureLine } from '../../src/tlog/signed-note.ts'
import type { OcspResponse } from '../../src/x509/ocsp-response.ts'
import { decisionAt, issue, type Issued } from '../support/changes.ts'
import { startChangingStates } from '../support/changing-states.ts'
import { today } from '../support/day.ts'
import { completePack, judgePack, restated, rootOf } from '../support/evidence.ts'
import { digest, forge, sealOf } from '../support/hostile.ts'
import { nextSecond } from '../support/notices.ts'
import { ocspAbout } from '../support/ocsp-about.ts'

/*
 * The registry that makes a pack states that it is whole. Here it states that of packs into which it has put
 * what no node would take, or what somebody else's stolen key has signed.
 */
const CERTIFIER = 'BY.GOSSTANDART.TESTCERT'
const AUTHORITY = 'BY.GOSSTANDART'
const HOUR_MS = 3_600_000

let nodes: Awaited<ReturnType<typeof startChangingStates>>
let certificate: Issued
/** Of the node that issued it, and of the one that received it. */
let pack: EvidencePack
let received: EvidencePack

beforeAll(async () => {
  nodes = await startChangingStates()
  const { BY, UZ } = nodes
  const certifier = await BY.client('issuer', CERTIFIER)
  certificate = await issue(certifier, 'conformity-eaeu-certificate', ['UZ'])
  await decisionAt(BY, 'UZ', certificate.sha256)
  pack = await completePack(await BY.client('auditor', 'BY.AUDIT'), BY, certificate)
  received = await completePack(await UZ.client('auditor', 'UZ.AUDIT'), BY, certificate)
})
afterAll(() => nodes.close())

const cannotTell = (...reasons: string[]) => ({ answer: 'cannot-tell', reasons })
const USABLE = { answer: 'usable', reasons: [] }

async function judged(what: EvidencePack, ocsp: readonly OcspResponse[] = []) {
  const roots = [rootOf(nodes.BY), rootOf(nodes.UZ)]
  const given = { roots, lists: [], crls: [], ocsp, environment: 'production' } as const
  const { answer, reasons } = (await judgePack(what, roots, { day: today, given })).report
  return { answer, reasons }
}

/** That a key of Belarus is stolen, as it became known after the pack: in a later second. */
async function stolen(what: string): Promise<OcspResponse> {
  await nextSecond()
  const { pki, passphrase } = nodes.BY
  const { x5c } = await sealOf(nodes.BY, what)
  const [certificate, above] = x5c.map((text) => Buffer.from(text, 'base64'))
  const stored = pki.keys.find((key) => above!.equals(key.certificate))!
  const ca = { certificate: stored.certificate, pkcs8: await loadKey(pki, stored, passphrase) }
  const at = new Date()
  const entry = { revokedAt: at, reason: 'keyCompromise', invalidityDate: undefined } as const
  return (await ocspAbout(new Uint8Array(certificate!), ca, { at, entry })).response
}

describe('A change of status in a pack', () => {
  const signed = async (party: string, change: string, iss = party): Promise<string> =>
    forge(await sealOf(nodes.BY, party), {
      typ: 'status-change+jwt',
      header: { iat: claimedAsOf(pack)!.getTime() / 1000 },
      payload: {
        schema: 'status-change/1',
        iss,
        aud: ['UZ'],
        target: certificate.sha256,
        change,
        effectiveFrom: today,
        reason: 'Проверка',
      },
    })
  /** With the CRLs of every body: that of who has changed nothing is not in the genuine one. */
  const withChanges = async (...changes: readonly string[]) =>
    restated(nodes.BY, pack, {
      statusChanges: changes.map((jws) => ({ jws })),
      crls: (await nodes.BY.running.deps.trustStore.crls()).map(({ der }) => der),
    })

  it('counts from its issuer and, to suspend and resume, from the authority above', async () => {
    const [suspended, resumed] = [
      await signed(AUTHORITY, 'suspend'),
      await signed(AUTHORITY, 'resume'),
    ]
    expect(await judged(pack)).toEqual(USABLE)
    expect(await judged(await withChanges(await signed(CERTIFIER, 'annul')))).toEqual({
      answer: 'not-usable',
      reasons: ['annulled'],
    })
    expect(await judged(await withChanges(suspended))).toEqual({
      answer: 'not-usable',
      reasons: ['suspended'],
    })
    expect(await judged(await withChanges(suspended, resumed))).toEqual(USABLE)
  })

  it('neither counts nor is passed over from whoever may not make it', async () => {
    const doubtful = cannotTell('status-change-doubtful')
    const suspended = await signed(AUTHORITY, 'suspend')
    for (const changes of [
      [await signed('BY.CCI.001', 'annul')],
      [await signed('BY.CCI.001', 'annul', CERTIFIER)],
      [await signed(AUTHORITY, 'annul')],
      // What the authority has suspended its body does not resume.
      [suspended, await signed(CERTIFIER, 'resume')],
    ])
      expect(await judged(await withChanges(...changes))).toEqual(doubtful)
  })

  it('that no log has dated is doubtful once its key was stolen, though the pack is of before', async () => {
    const annulled = await withChanges(await signed(CERTIFIER, 'annul'))
    const known = [await stolen(CERTIFIER)]
    expect(await judged(annulled, known)).toEqual(cannotTell('status-change-doubtful'))
    // The certificate itself a witness has seen before.
    expect(await judged(pack, known)).toEqual(USABLE)
  })
})

describe('A security notice in a pack', () => {
  const notice = async (by: 'BY' | 'UZ', said: object): Promise<string> =>
    forge(await sealOf(nodes[by], 'registry-seal'), {
      typ: 'security-notice+jwt',
      header: { iat: claimedAsOf(received)!.getTime() / 1000 },
      payload: {
        schema: 'security-notice/1',
        iss: registryParty('BY'),
        aud: ['UZ'],
        authority: AUTHORITY,
        reason: 'Утрачен носитель ключа',
        ...said,
      },
    })
  const declared = async (by: 'BY' | 'UZ') => {
    const { x5tS256 } = await sealOf(nodes.BY, CERTIFIER)
    return notice(by, {
      change: 'declare',
      subject: { state: 'BY', body: CERTIFIER, x5tS256 },
      severity: 'suspected',
      measure: 'hold',
      interval: { from: formatInstant(new Date(Date.now() - HOUR_MS)) },
      advice: 'Решение отложить',
    })
  }
  const withNotices = (...notices: readonly string[]) =>
    restated(nodes.UZ, received, { securityNotices: notices.map((jws) => ({ jws })) })

  it('is of the registry that it names, or it is open whose it is', async () => {
    const genuine = await declared('BY')
    expect(await judged(await withNotices(genuine))).toEqual(cannotTell('held-by-security-notice'))
    const lie = await withNotices(await declared('UZ'))
    expect(await judged(lie)).toEqual(cannotTell('pack-not-whole'))
    const release = await notice('UZ', { change: 'release', amends: digest(genuine) })
    expect(await judged(await withNotices(genuine, release))).toEqual(
      cannotTell('held-by-security-notice', 'pack-not-whole'),
    )
  })

  it('is amended by its own state alone, in no wider way and in no second one', async () => {
    const genuine = await declared('BY')
    const amends = digest(genuine)
    const interval = (minutes: number) => ({
      from: formatInstant(new Date(Date.now() - minutes * 60_000)),
    })
    const foreign = { iss: registryParty('UZ'), authority: 'UZ.EXPERTIZA', aud: ['BY'] }
    const narrow = (minutes: number) =>
      notice('BY', { change: 'narrow', amends, interval: interval(minutes) })
    const held = cannotTell('held-by-security-notice')
    const open = cannotTell('held-by-security-notice', 'pack-not-whole')
    const first = await narrow(30)
    expect(await judged(await withNotices(genuine, first))).toEqual(held)
    for (const amendments of [
      [await notice('UZ', { ...foreign, change: 'release', amends })],
      [await narrow(90)],
      [first, await narrow(20)],
    ])
      expect(await judged(await withNotices(genuine, ...amendments))).toEqual(open)
    const released = await notice('BY', { change: 'release', amends })
    expect(await judged(await withNotices(genuine, first, released))).toEqual(USABLE)
  })

  it('that no log has dated is open once the seal of its registry was stolen', async () => {
    const held = await withNotices(await declared('BY'))
    expect(await judged(held, [await stolen('registry-seal')])).toEqual(
      cannotTell('pack-not-whole'),
    )
  })
})

describe('What is of the future', () => {
  it('as a cosignature proves nothing, though the witness did sign it', async () => {
    const witness = await nodes.UZ.running.deps.witnessSigner()
    const { jws, proof = '' } = pack.document
    const parsed = parseLogProof(new TextEncoder().encode(proof))
    if ('malformed' in parsed) throw new Error(parsed.malformed)
    const cosignedAt = async (at: number): Promise<EvidencePack> => {
      const line = formatSignatureLine(await cosign(parsed.signed, witness, new Date(at)))
      const own = `\u2014 ${witness.key.name} `
      const lines = proof.split('\n').map((one) => (one.startsWith(own) ? line.trimEnd() : one))
      expect(lines).toContain(line.trimEnd())
      return { ...pack, document: { jws, proof: lines.join('\n') } }
    }
    expect(await judged(await cosignedAt(Date.now()))).toEqual(USABLE)
    expect(await judged(await cosignedAt(Date.now() + HOUR_MS))).toEqual(
      cannotTell('witness-quorum-missing'),
    )
  })

  it('as the statement of a pack is not believed, though its registry did sign it', async () => {
    const seal = await sealOf(nodes.BY, 'registry-seal')
    const statedAt = async (now: Date): Promise<EvidencePack> => {
      const registry = { registry: async () => seal, registryParty: registryParty('BY') }
      const parts = await partDigests(pack)
      const statement = await stateEvidence(registry, { document: certificate.sha256, parts, now })
      return { ...pack, statement }
    }
    expect(await judged(await statedAt(new Date()))).toEqual(USABLE)
    expect(await judged(await statedAt(new Date(Date.now() + HOUR_MS)))).toEqual(
      cannotTell('pack-statement-not-believed'),
    )
  })
})
